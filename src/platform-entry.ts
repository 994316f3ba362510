import { type Context, type ExecutionContext, Hono } from 'hono';
import { edgeGuardedFetch, type GuardedFetch } from './access/guarded-fetch.ts';
import { type PostgresConfig, readConfig } from './config.ts';
import type { Parts } from './core.ts';
import { connectNeon } from './db/drivers/neon.ts';
import type { Bindings } from './routes/world.ts';

/**
 * An app as the platform takes it: opened at the first request, so that loading it does no work and reads no environment.
 * @param environment answers the environment variables
 */
export function platformEntry(
  environment: () => Readonly<Record<string, string | undefined>>,
  createApp: (parts: PlatformParts) => Hono<{ Bindings: Bindings }>,
): Hono {
  const open = () => {
    const settings = readConfig(environment());
    if (settings.mode !== 'postgres') throw new Error('DATABASE_URL is needed here: the embedded database runs on Node only.');
    const db = connectNeon(settings.databaseUrl);
    const fetchOutside = edgeGuardedFetch({
      resolverUrl: settings.dnsUrl,
      fetch: (url, init) => fetch(url, init),
      allow: settings.outboundAllow,
    });
    return createApp({ ...settings, db, fetchOutside, kicks: true });
  };
  let app: ReturnType<typeof open> | undefined;
  return new Hono().all('*', (c) => {
    app ??= open();
    return app.fetch(c.req.raw, {}, contextOf(c));
  });
}

/** What an entry makes its app of. */
export type PlatformParts = Parts & PostgresConfig & { readonly fetchOutside: GuardedFetch };

/** What keeps an instance at work after it has answered; a runtime without it just goes on. */
function contextOf(c: Context): ExecutionContext | undefined {
  try {
    return c.executionCtx;
  } catch {
    return undefined;
  }
}
