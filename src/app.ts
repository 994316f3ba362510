import { Hono } from 'hono';
import { mcpDoor } from './mcp/door.ts';
import { catalogue } from './operations/catalogue.ts';
import { mountCron } from './routes/cron.ts';
import { beforeDoors, behindDoors } from './routes/every-request.ts';
import { mountPublic, mountTenant } from './routes/public.ts';
import { dressed } from './routes/respond.ts';
import { callOf, mountRest } from './routes/rest.ts';
import { mountStreams } from './routes/stream.ts';
import { mountStripeWebhook } from './routes/stripe-webhook.ts';
import type { Bindings, World } from './routes/world.ts';

/** Addresses of the public documents that are the same for every caller of a host. */
export const publicPaths: readonly string[] = [
  ...catalogue.flatMap(({ kind, rest }) => (kind === 'document' && rest && !rest.path.includes('{') ? [rest.path] : [])),
  '/.well-known/jwks.json',
  '/openapi.json',
];

/** The doors, in order. */
export function createApp(world: World) {
  const app = new Hono<{ Bindings: Bindings }>();
  beforeDoors(app, world);
  mountStreams(app, catalogue, world);
  mountStripeWebhook(app, world);
  mountRest(app, catalogue, world);
  const mcp = mcpDoor({ operations: catalogue, deps: world.deps, version: world.version, onBug: world.report });
  app.all('/mcp', async (c) => {
    const call = callOf(c, world, true);
    return dressed(call.requestId, await mcp(c.req.raw, call));
  });
  mountTenant(app, catalogue, world);
  mountPublic(app, catalogue, world);
  mountCron(app, world);
  behindDoors(app, world);
  return app;
}
