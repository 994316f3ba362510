import { Hono } from 'hono';
import { mountDesk } from './desk-app.ts';
import { mountLobby } from './lobby-app.ts';
import { catalogue } from './operations/catalogue.ts';
import { mountCron } from './routes/cron.ts';
import { beforeDoors, behindDoors } from './routes/every-request.ts';
import { mountStripeWebhook } from './routes/stripe-webhook.ts';
import type { Bindings, World } from './routes/world.ts';

/** Addresses of the public documents that are the same for every caller of a host. */
export const publicPaths: readonly string[] = [
  ...catalogue.flatMap(({ kind, rest }) => (kind === 'document' && rest && !rest.path.includes('{') ? [rest.path] : [])),
  '/.well-known/jwks.json',
  '/openapi.json',
];

/** Every door in one app, in order: what a Node process serves. On the platform three functions share them. */
export function createApp(world: World) {
  const app = new Hono<{ Bindings: Bindings }>();
  beforeDoors(app, world);
  mountStripeWebhook(app, world);
  mountDesk(app, world);
  mountLobby(app, world);
  mountCron(app, world);
  behindDoors(app, world);
  return app;
}
