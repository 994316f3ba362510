import type { Hono } from 'hono';
import { sha256Hex } from '../domain/canonical.ts';
import { ok } from '../domain/result.ts';
import { kindOfSecret, secretHash } from '../domain/secret.ts';
import { failures } from '../operations/failures.ts';
import type { Operation } from '../operations/operation.ts';
import { perform } from '../operations/perform.ts';
import { followLink, landing } from '../operations/referrals/follow-link.ts';
import { previewClaim } from '../operations/workspaces/preview-claim.ts';
import { claimPage, failurePage, goneClaimPage, pagePolicy, referencePage } from '../web/pages.ts';
import { openApiDocument } from './openapi.ts';
import { type Headers, headersOf, json, refusal, renderPublished, renderRefusal, requestIdOf } from './respond.ts';
import { callOf, hostOf } from './rest.ts';
import { isFollowing, touchCookie } from './touch-cookie.ts';
import type { Bindings, World } from './world.ts';

type App = Hono<{ Bindings: Bindings }>;

/** Health, keys, reference: what is the same for every tenant, or needs none. */
export function mountPublic(app: App, operations: readonly Operation[], world: World): void {
  app.get('/healthz', (c) => json(requestIdOf(c.req.raw), 200, { status: 'ok' }));
  app.get('/readyz', async (c) => {
    const health = await world.health();
    return json(requestIdOf(c.req.raw), health.ok ? 200 : 503, { status: health.ok ? 'ready' : 'not_ready', checks: health.checks });
  });
  app.get('/version', (c) => json(requestIdOf(c.req.raw), 200, { version: world.version, api: 'v1', ...world.release }));

  const openapi = once(() => publishedText('application/json', JSON.stringify(openApiDocument(operations, world.version))));
  app.get('/openapi.json', (c) => renderPublished(c.req.raw, requestIdOf(c.req.raw), openapi()));
  const reference = once(() => publishedText('text/html; charset=utf-8', referencePage(operations)));
  app.get('/docs', (c) => html(c.req.raw, reference().body));
  app.get('/docs/failures/:code', (c) => {
    const code = c.req.param('code');
    const failure = Object.entries(failures).find(([name]) => name === code);
    return failure
      ? html(c.req.raw, failurePage(failure[0], failure[1]))
      : refusal(c.req.raw, requestIdOf(c.req.raw), 'resource.not_found');
  });
  app.get('/', (c) => new Response(null, { status: 302, headers: headersOf(requestIdOf(c.req.raw), { Location: '/docs' }) }));
}

/** What each tenant shows to anybody: its keys, where tokens are asked for, referral links and claim links. */
export function mountTenant(app: App, operations: readonly Operation[], world: World): void {
  const scopes = [...new Set(operations.flatMap(({ access }) => (access === 'public' ? [] : [access.scope])))];
  app.get('/.well-known/jwks.json', async (c) => {
    const desk = await world.deps.desks.find(hostOf(c.req.raw));
    const requestId = requestIdOf(c.req.raw);
    return desk ? renderPublished(c.req.raw, requestId, desk.jwks) : refusal(c.req.raw, requestId, 'tenant.unknown');
  });
  for (const resource of ['', '/mcp']) {
    app.get(`/.well-known/oauth-protected-resource${resource}`, async (c) => {
      const desk = await world.deps.desks.find(hostOf(c.req.raw));
      const requestId = requestIdOf(c.req.raw);
      if (!desk) return refusal(c.req.raw, requestId, 'tenant.unknown');
      return json(
        requestId,
        200,
        {
          resource: `${desk.origin}${resource || '/v1'}`,
          bearer_methods_supported: ['header'],
          scopes_supported: scopes,
          resource_name: desk.name,
          resource_documentation: `${desk.origin}/docs`,
          jwks_uri: `${desk.origin}/.well-known/jwks.json`,
        },
        { 'Cache-Control': 'public, max-age=60' },
      );
    });
  }
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
  app.get('/claim/:token', async (c) => {
    const request = c.req.raw;
    const token = c.req.param('token');
    if (kindOfSecret(token) !== 'clm') return html(request, goneClaimPage(), 404);
    const call = { ...callOf(c, world, false), credential: { kind: 'claim_token' as const, hash: secretHash(token) } };
    const outcome = await perform(previewClaim, world.deps, call, ok({}));
    return outcome.ok ? html(request, claimPage(outcome.output, outcome.desk?.name ?? '')) : html(request, goneClaimPage(), 404);
  });
}

function redirect(requestId: string, location: string, more: Headers = {}): Response {
  const headers = headersOf(requestId, { Location: location, 'Cache-Control': 'private, no-store', ...more });
  return new Response(null, { status: 302, headers });
}

/** A page: no script, no foreign content, not framed, not indexed, no credential in a referrer. */
function html(request: Request, body: string, status = 200): Response {
  return new Response(body, {
    status,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': pagePolicy,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'X-Robots-Tag': 'noindex',
      'Cache-Control': 'private, no-store',
      'X-Request-Id': requestIdOf(request),
    },
  });
}

function publishedText(contentType: string, body: string) {
  return { body, contentType, etag: `"${sha256Hex(body)}"`, immutable: false };
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
