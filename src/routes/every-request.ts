import type { Context, Hono } from 'hono';
import { Unavailable } from '../domain/result.ts';
import { allowed, refusal, requestIdOf } from './respond.ts';
import type { Bindings, World } from './world.ts';

type App = Hono<{ Bindings: Bindings }>;

/** What holds before any door: work that an answer left goes on after it, and a browser is told what it may send. */
export function beforeDoors(app: App, world: World): void {
  app.use(async (c, next) => {
    await next();
    const work = world.afterwards();
    if (work !== null) keepAlive(c, work);
  });
  app.options('*', (c) => allowed(c.req.raw));
}

/** What holds behind all doors: nothing is there, or something went wrong. */
export function behindDoors(app: App, world: World): void {
  app.notFound((c) => refusal(c.req.raw, requestIdOf(c.req.raw), 'resource.not_found'));
  app.onError((error, c) => {
    const requestId = requestIdOf(c.req.raw);
    // A desk that could not be opened: the pipeline itself answers for what it loses later.
    if (error instanceof Unavailable) return refusal(c.req.raw, requestId, 'ledger.busy', { retryAfterS: 1 });
    world.report(error, requestId);
    return refusal(c.req.raw, requestId, 'internal');
  });
}

/** On the platform an instance may be frozen once it has answered, unless it says that it is still at work. */
function keepAlive(c: Context<{ Bindings: Bindings }>, work: Promise<void>): void {
  try {
    c.executionCtx.waitUntil(work);
  } catch {
    // Hono's word for "there is no such context": a Node process goes on by itself.
  }
}
