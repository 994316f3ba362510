import { Hono } from 'hono';
import { mountDesk } from './desk-app.ts';
import { mountLedger, mountNothing } from './ledger-app.ts';
import { mountLobby, signableOperations } from './lobby-app.ts';
import { mountOffice } from './office-app.ts';
import { catalogue } from './operations/catalogue.ts';
import { mountPages } from './people-app.ts';
import { mountAssets } from './routes/assets.ts';
import { mountCron } from './routes/cron.ts';
import { beforeDoors, behindDoors } from './routes/every-request.ts';
import { mountReference } from './routes/reference.ts';
import { mountSigned } from './routes/signed-request.ts';
import { mountStripeWebhook } from './routes/stripe-webhook.ts';
import type { Bindings, World } from './routes/world.ts';

/** Addresses of the public documents that are the same for every caller of a host. */
export const publicPaths: readonly string[] = [
  ...catalogue.flatMap(({ kind, rest }) => (kind === 'document' && rest && !rest.path.includes('{') ? [rest.path] : [])),
  '/.well-known/jwks.json',
  '/openapi.json',
];

/** Every door in one app, in order: what a Node process serves. On the platform seven functions share them. */
export function createApp(world: World) {
  const app = new Hono<{ Bindings: Bindings }>();
  beforeDoors(app, world);
  mountStripeWebhook(app, world);
  // As the platform leads: what the lobby names exactly may match a path of the desk with a parameter.
  mountLobby(app, world);
  mountPages(app, world);
  mountReference(app, world);
  mountLedger(app, world);
  mountOffice(app, world);
  mountNothing(app, world);
  mountAssets(app, world);
  for (const operation of signableOperations) mountSigned(app, operation, world);
  mountDesk(app, world);
  mountCron(app, world);
  behindDoors(app, world);
  return app;
}
