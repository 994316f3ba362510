import { Hono } from 'hono';
import packageJson from '../package.json' with { type: 'json' };
import { mountReference } from './routes/reference.ts';
import { allowed, refusal, requestIdOf } from './routes/respond.ts';
import type { Bindings } from './routes/world.ts';

/** The reference alone: the same for every vendor and every caller, so that it asks no database. */
export function createReferenceApp(): Hono<{ Bindings: Bindings }> {
  const app = new Hono<{ Bindings: Bindings }>();
  app.options('*', (c) => allowed(c.req.raw));
  mountReference(app, { version: packageJson.version });
  app.notFound((c) => refusal(c.req.raw, requestIdOf(c.req.raw), 'resource.not_found'));
  return app;
}
