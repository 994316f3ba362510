import { type Context, Hono } from 'hono';
import { Unavailable } from './domain/result.ts';
import { mcpDoor } from './mcp/door.ts';
import { catalogue } from './operations/catalogue.ts';
import { mountCron } from './routes/cron.ts';
import { mountPublic, mountTenant } from './routes/public.ts';
import { allowed, dressed, refusal, requestIdOf } from './routes/respond.ts';
import { callOf, mountRest } from './routes/rest.ts';
import { mountStreams } from './routes/stream.ts';
import type { Bindings, World } from './routes/world.ts';

/** Addresses of the public documents that are the same for every caller of a host. */
export const publicPaths: readonly string[] = [
  ...catalogue.flatMap(({ kind, rest }) => (kind === 'document' && rest && !rest.path.includes('{') ? [rest.path] : [])),
  '/.well-known/jwks.json',
  '/openapi.json',
];

/** On the platform an instance may be frozen once it has answered, unless it says that it is still at work. */
function keepAlive(c: Context<{ Bindings: Bindings }>, work: Promise<void>): void {
  try {
    c.executionCtx.waitUntil(work);
  } catch {
    // Hono's word for "there is no such context": a Node process goes on by itself.
  }
}

/** The doors, in order. */
export function createApp(world: World) {
  const app = new Hono<{ Bindings: Bindings }>();
  app.use(async (c, next) => {
    await next();
    const work = world.afterwards();
    if (work !== null) keepAlive(c, work);
  });
  app.options('*', (c) => allowed(c.req.raw));
  mountStreams(app, catalogue, world);
  mountRest(app, catalogue, world);
  const mcp = mcpDoor({ operations: catalogue, deps: world.deps, version: world.version, onBug: world.report });
  app.all('/mcp', async (c) => {
    const call = callOf(c, world, true);
    return dressed(call.requestId, await mcp(c.req.raw, call));
  });
  mountTenant(app, catalogue, world);
  mountPublic(app, catalogue, world);
  mountCron(app, world);
  app.notFound((c) => refusal(c.req.raw, requestIdOf(c.req.raw), 'resource.not_found'));
  app.onError((error, c) => {
    const requestId = requestIdOf(c.req.raw);
    // A desk that could not be opened: the pipeline itself answers for what it loses later.
    if (error instanceof Unavailable) return refusal(c.req.raw, requestId, 'ledger.busy', { retryAfterS: 1 });
    world.report(error, requestId);
    return refusal(c.req.raw, requestId, 'internal');
  });
  return app;
}
