import { type Refusal, refuse } from '../domain/result.ts';
import type { Outcome } from '../operations/perform.ts';
import { challengeOf, problemOf } from '../operations/problem.ts';

/** Headers of every answer of the API. Plain objects, not middleware: the stack is measured against bare `node:http`. */
const always = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'cross-origin',
};

/** CORS (Fetch standard): any origin, never with credentials. */
const open = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers':
    'ETag, Idempotency-Replayed, Link, Location, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-Id',
};

const preflight = {
  ...open,
  'Access-Control-Allow-Methods': 'GET, HEAD, POST, PATCH, DELETE',
  'Access-Control-Allow-Headers':
    'Authorization, Content-Type, DPoP, Idempotency-Key, If-None-Match, Last-Event-ID, X-Request-Id, Challenge-Response, Mcp-Method, Mcp-Name, Mcp-Protocol-Version',
  'Access-Control-Max-Age': '86400',
};

/** The answer to a preflight. Pages have no CORS: they are not read across origins. */
export function allowed(request: Request): Response {
  const headers = headersOf(requestIdOf(request), preflight);
  return new Response(null, {
    status: 204,
    headers: pages.test(new URL(request.url).pathname) ? { 'X-Request-Id': headers['X-Request-Id'] ?? '' } : headers,
  });
}

const pages = /^\/(?:docs|claim|login|logout|ledger|link|partners|account|step-up)(?:\/|$)/;

/** The caller's request id when it is well formed, else a fresh one. */
export function requestIdOf(request: Request): string {
  return requestIdFrom(request.headers.get('X-Request-Id'));
}

export function requestIdFrom(given: string | null): string {
  return given !== null && /^[A-Za-z0-9_.-]{8,128}$/.test(given) ? given : crypto.randomUUID();
}

export type Headers = Record<string, string>;

export function headersOf(requestId: string, more: Headers): Headers {
  return { ...always, ...open, 'X-Request-Id': requestId, ...more };
}

const privately = { 'Cache-Control': 'private, no-store' };

/** The same for an answer that another door made. */
export function dressed(requestId: string, response: Response): Response {
  for (const [name, value] of Object.entries(headersOf(requestId, privately))) response.headers.set(name, value);
  return response;
}

export function json(requestId: string, status: number, body: unknown, more: Headers = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: headersOf(requestId, { 'Content-Type': 'application/json', ...privately, ...more }),
  });
}

/** Renders what the pipeline answered (RFC 9110, RFC 9457, draft-ietf-httpapi-ratelimit-headers). */
export function render(request: Request, requestId: string, outcome: Outcome): Response {
  if (!outcome.ok) return renderRefusal(request, requestId, outcome.refusal, outcome.desk?.origin, limitHeaders(outcome.limit));
  if (outcome.published) return renderPublished(request, requestId, outcome.published);
  const { output } = outcome;
  const more = limitHeaders(outcome.limit);
  if (outcome.replayed) more['Idempotency-Replayed'] = 'true';
  const next = nextPage(request, output);
  if (next !== null && outcome.desk) more.Link = `<${outcome.desk.origin}${next}>; rel="next"`;
  return json(requestId, outcome.status, output, more);
}

export function renderPublished(
  request: Request,
  requestId: string,
  published: { body: string; etag: string; contentType: string; immutable: boolean },
): Response {
  const headers = headersOf(requestId, {
    ETag: published.etag,
    Vary: 'Accept',
    'Cache-Control': published.immutable ? 'public, max-age=31536000, immutable' : 'public, max-age=60, stale-while-revalidate=86400',
  });
  if (matches(request.headers.get('If-None-Match'), published.etag)) return new Response(null, { status: 304, headers });
  headers['Content-Type'] = published.contentType;
  return new Response(published.body, { status: 200, headers });
}

/** A problem document. `origin` is that of the tenant; before one is known, that of the request. */
export function renderRefusal(request: Request, requestId: string, refusal: Refusal, origin?: string, more: Headers = {}): Response {
  const url = new URL(request.url);
  const at = origin ?? url.origin;
  const problem = problemOf(refusal, { origin: at, requestId, instance: url.pathname.slice(0, 512) });
  const headers: Headers = { 'Content-Type': 'application/problem+json', ...privately, ...more };
  if (problem.retry_after_s !== undefined) headers['Retry-After'] = String(problem.retry_after_s);
  if (problem.status === 401 || problem.code === 'scope.missing') headers['WWW-Authenticate'] = challengeOf(refusal, at);
  return new Response(JSON.stringify(problem), { status: problem.status, headers: headersOf(requestId, headers) });
}

/** An expected failure outside the pipeline: unknown path, wrong method, unreadable body. */
export function refusal(
  request: Request,
  requestId: string,
  code: Parameters<typeof refuse>[0],
  detail: Parameters<typeof refuse>[1] = {},
  more: Headers = {},
): Response {
  return renderRefusal(request, requestId, refuse(code, detail), undefined, more);
}

function limitHeaders(limit: Outcome['limit']): Headers {
  if (!limit) return {};
  const { name, q, w, r, t } = limit;
  return { 'RateLimit-Policy': `"${name}";q=${q};w=${w}`, RateLimit: `"${name}";r=${r};t=${t}` };
}

/** If-None-Match by weak comparison (RFC 9110 §13.1.2). */
function matches(header: string | null, etag: string): boolean {
  if (header === null) return false;
  if (header === etag || header === '*') return true;
  return header.split(',', 50).some((candidate) => candidate.trim().replace(/^W\//, '') === etag);
}

/** Path and query of the page after a list's answer. */
function nextPage(request: Request, output: unknown): string | null {
  if (typeof output !== 'object' || output === null || !('next_cursor' in output) || typeof output.next_cursor !== 'string') return null;
  const url = new URL(request.url);
  url.searchParams.set('cursor', output.next_cursor);
  return url.pathname + url.search;
}
