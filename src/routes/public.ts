import type { Hono } from 'hono';
import { ok } from '../domain/result.ts';
import { perform } from '../operations/perform.ts';
import { followLink, landing } from '../operations/referrals/follow-link.ts';
import { type Headers, headersOf, json, refusal, renderPublished, renderRefusal, requestIdOf } from './respond.ts';
import { callOf, hostOf } from './rest.ts';
import { isFollowing, touchCookie } from './touch-cookie.ts';
import type { Bindings, World } from './world.ts';

type App = Hono<{ Bindings: Bindings }>;

/** Health, version and the way in: what needs no tenant. */
export function mountPublic(app: App, world: World): void {
  app.get('/healthz', (c) => json(requestIdOf(c.req.raw), 200, { status: 'ok' }));
  app.get('/readyz', async (c) => {
    const health = await world.health();
    return json(requestIdOf(c.req.raw), health.ok ? 200 : 503, { status: health.ok ? 'ready' : 'not_ready', checks: health.checks });
  });
  app.get('/version', (c) => json(requestIdOf(c.req.raw), 200, { version: world.version, api: 'v1', ...world.release }));

  app.get('/', (c) => new Response(null, { status: 302, headers: headersOf(requestIdOf(c.req.raw), { Location: '/docs' }) }));
}

/** What each tenant shows to anybody: its keys, referral links. */
export function mountTenant(app: App, world: World): void {
  app.get('/.well-known/jwks.json', async (c) => {
    const desk = await world.deps.desks.find(hostOf(c.req.raw));
    const requestId = requestIdOf(c.req.raw);
    return desk ? renderPublished(c.req.raw, requestId, desk.jwks) : refusal(c.req.raw, requestId, 'tenant.unknown');
  });
  app.get('/r/:code', async (c) => {
    const request = c.req.raw;
    const call = callOf(c, world, true);
    const code = c.req.param('code');
    // No code at all is a dead link like any other.
    if (!followLink.input.safeParse({ code }).success) return refusal(request, call.requestId, 'resource.not_found');
    const outcome = await perform(
      followLink,
      world.deps,
      { ...call, credential: { kind: 'none' }, ...world.addressOf(request, c.env?.incoming?.socket?.remoteAddress) },
      ok({ code, counted: isFollowing(request) }),
    );
    const { desk } = outcome;
    // A person is never kept from the vendor because too many others followed links: the visit is then not counted.
    if (!outcome.ok && outcome.refusal.code === 'rate.limited' && desk)
      return redirect(call.requestId, landing(desk.vendor.landing_url, code, null));
    if (!outcome.ok) return renderRefusal(request, call.requestId, outcome.refusal, desk?.origin);
    const { location, touch } = followLink.output.parse(outcome.output) as { location: string; touch: string | null };
    return redirect(call.requestId, location, touch !== null && desk ? { 'Set-Cookie': touchCookie(desk.origin, touch) } : {});
  });
}

function redirect(requestId: string, location: string, more: Headers = {}): Response {
  const headers = headersOf(requestId, { Location: location, 'Cache-Control': 'private, no-store', ...more });
  return new Response(null, { status: 302, headers });
}
