import type { Hono } from 'hono';
import { refusal, requestIdOf } from './respond.ts';
import type { Bindings, World } from './world.ts';

/**
 * Files for browsers, as Node serves them; on the platform they lie beside the functions. A name carries a hash of what it stands for, so
 * that nobody asks twice.
 */
export function mountAssets(app: Hono<{ Bindings: Bindings }>, world: World): void {
  app.get('/assets/:name', (c) => {
    const asset = world.assets?.get(c.req.param('name'));
    if (asset === undefined) return refusal(c.req.raw, requestIdOf(c.req.raw), 'resource.not_found');
    return new Response(asset.body, {
      headers: {
        'Content-Type': asset.type,
        'Cache-Control': 'public, max-age=31536000, immutable',
        'X-Content-Type-Options': 'nosniff',
        'Cross-Origin-Resource-Policy': 'same-origin',
      },
    });
  });
}
