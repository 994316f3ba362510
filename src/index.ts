import { Hono } from 'hono';
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
  return createApp(createWorld({ ...settings, db: connectNeon(settings.databaseUrl) }));
}

export default new Hono().all('*', (c) => {
  desk ??= open();
  return desk.fetch(c.req.raw);
});
