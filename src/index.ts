import { type Context, type ExecutionContext, Hono } from 'hono';
import { edgeGuardedFetch } from './access/guarded-fetch.ts';
import { createApp } from './app.ts';
import { readConfig } from './config.ts';
import { connectNeon } from './db/drivers/neon.ts';
import { createWorld } from './deps.ts';

/** Platform entry. Everything it reaches is web-standard code; the runtime is this one line. */
export const config = { runtime: 'edge' };

let desk: ReturnType<typeof createApp> | undefined;

/** Opened at the first request: loading this file does no work and reads no environment. */
function open(): ReturnType<typeof createApp> {
  const settings = readConfig(globalThis.process?.env ?? {});
  if (settings.mode !== 'postgres') throw new Error('DATABASE_URL is needed here: the embedded database runs on Node only.');
  const db = connectNeon(settings.databaseUrl);
  const fetchOutside = edgeGuardedFetch({
    resolverUrl: settings.dnsUrl,
    fetch: (url, init) => fetch(url, init),
    allow: settings.outboundAllow,
  });
  return createApp(createWorld({ ...settings, db, fetchOutside, kicks: true }));
}

/** What keeps an instance at work after it has answered; a runtime without it just goes on. */
function contextOf(c: Context): ExecutionContext | undefined {
  try {
    return c.executionCtx;
  } catch {
    return undefined;
  }
}

export default new Hono().all('*', (c) => {
  desk ??= open();
  return desk.fetch(c.req.raw, {}, contextOf(c));
});
