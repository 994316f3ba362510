import { Hono } from 'hono';
import { openCheckout } from './operations/checkouts/open.ts';
import type { Operation } from './operations/operation.ts';
import { createPayoutLink } from './operations/payouts/create-link.ts';
import { mountCron } from './routes/cron.ts';
import { beforeDoors, behindDoors } from './routes/every-request.ts';
import { mountRest } from './routes/rest.ts';
import { mountStripeWebhook, stripeWebhookPath } from './routes/stripe-webhook.ts';
import type { Bindings, World } from './routes/world.ts';

/** The operations that ask the payment provider while their caller waits. */
export const askingOperations: readonly Operation[] = [openCheckout, createPayoutLink];

/** Every path of this app, as OpenAPI writes paths: where the platform leads to it and not to the desk. */
export const handsPaths: readonly string[] = [
  stripeWebhookPath,
  '/internal/cron/{name}',
  ...askingOperations.flatMap(({ rest }) => (rest ? [rest.path] : [])),
];

/** The doors of what needs the payment provider, on a platform where the desk goes without it. */
export function createHandsApp(world: World) {
  const app = new Hono<{ Bindings: Bindings }>();
  beforeDoors(app, world);
  mountStripeWebhook(app, world);
  mountRest(app, askingOperations, world);
  mountCron(app, world);
  behindDoors(app, world);
  return app;
}
