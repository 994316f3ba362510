import type { Hono } from 'hono';
import { sha256Hex } from '../domain/canonical.ts';
import { json, refusal, requestIdOf } from './respond.ts';
import type { Bindings, World } from './world.ts';

/** Schedules over HTTP. Each is idempotent and safe to run twice at once. Without a secret the addresses are closed. */
export function mountCron(app: Hono<{ Bindings: Bindings }>, world: World): void {
  for (const [name, run] of Object.entries(world.schedules)) {
    app.get(`/internal/cron/${name}`, async (c) => {
      const requestId = requestIdOf(c.req.raw);
      if (!isAuthorized(c.req.raw, world.cronSecret)) return refusal(c.req.raw, requestId, 'auth.invalid');
      return json(requestId, 200, await run());
    });
  }
}

/** Compares hashes, so that the time taken says nothing about the secret. */
function isAuthorized(request: Request, secret: string | null): boolean {
  return secret !== null && sha256Hex(request.headers.get('Authorization') ?? '') === sha256Hex(`Bearer ${secret}`);
}
