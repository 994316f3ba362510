import { Hono } from 'hono';
import { mcpDoor } from './mcp/door.ts';
import { deskOperations } from './operations/desk-operations.ts';
import { beforeDoors, behindDoors } from './routes/every-request.ts';
import { mountPublic, mountTenant } from './routes/public.ts';
import { dressed } from './routes/respond.ts';
import { callOf, mountRest } from './routes/rest.ts';
import { mountStreams } from './routes/stream.ts';
import type { Bindings, World } from './routes/world.ts';

type App = Hono<{ Bindings: Bindings }>;

/** The doors of the desk alone, on a platform where others answer for the lobby and for what works with Stripe. */
export function createDeskApp(world: World): App {
  const app: App = new Hono();
  beforeDoors(app, world);
  mountDesk(app, world);
  behindDoors(app, world);
  return app;
}

/** Where agents work: their operations over REST and MCP, live streams, and what each tenant shows to anybody. */
export function mountDesk(app: App, world: World): void {
  mountStreams(app, deskOperations, world);
  mountRest(app, deskOperations, world);
  const mcp = mcpDoor({ operations: deskOperations, deps: world.deps, version: world.version, onBug: world.report });
  app.all('/mcp', async (c) => {
    const call = callOf(c, world, true, '/mcp');
    return dressed(call.requestId, await mcp(c.req.raw, call));
  });
  mountTenant(app, world);
  mountPublic(app, world);
}
