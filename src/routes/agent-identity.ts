import type { Context, Hono } from 'hono';
import { sha256Hex } from '../domain/canonical.ts';
import { ok, type Refusal, type Result, refuse } from '../domain/result.ts';
import { authMd } from '../operations/identities/auth-md.ts';
import { claimIdentity } from '../operations/identities/claim.ts';
import { registerIdentity } from '../operations/identities/register.ts';
import { registerIdentityAssertion } from '../operations/identities/register-assertion.ts';
import { registerIdentityKey } from '../operations/identities/register-key.ts';
import { registrationFailureOf } from '../operations/identities/registration-failures.ts';
import { requestIdentity } from '../operations/identities/request.ts';
import { startIdentityClaim } from '../operations/identities/start-claim.ts';
import type { Operation } from '../operations/operation.ts';
import { perform } from '../operations/perform.ts';
import { readBytes } from './read-bytes.ts';
import { type Headers, json, refusal, renderPublished, requestIdOf } from './respond.ts';
import { callOf, hostOf } from './rest.ts';
import type { Bindings, World } from './world.ts';

type App = Hono<{ Bindings: Bindings }>;
type Ctx = Context<{ Bindings: Bindings }>;

/** What `mountAgentIdentity` answers, as OpenAPI writes paths. */
export const agentIdentityPaths: readonly string[] = ['/agent/identity', '/agent/identity/claim', '/auth.md'];

/** Self-registration of agents (auth.md v0.7.0). It speaks error documents of OAuth, and looks at no credential. */
export function mountAgentIdentity(app: App, world: World): void {
  app.post('/agent/identity', (c) => answer(c, world, registrationOf));
  app.post('/agent/identity/claim', (c) => answer(c, world, claimOf));
  app.get('/auth.md', (c) => answerSkill(c, world));
  for (const path of agentIdentityPaths) {
    const Allow = path.endsWith('.md') ? 'GET, HEAD' : 'POST';
    app.all(path, (c) => refusal(c.req.raw, requestIdOf(c.req.raw), 'method.not_allowed', {}, { Allow }));
  }
}

type Body = Readonly<Record<string, unknown>>;

/** Which operation a body asks for, by its `type`; null for none. */
function registrationOf({ type, ...body }: Body): Operation | null {
  switch (type) {
    case 'anonymous':
      return 'jwk' in body || 'proof' in body ? registerIdentityKey : registerIdentity;
    case 'identity_assertion':
      return registerIdentityAssertion;
    case 'service_auth':
      return requestIdentity;
    default:
      return null;
  }
}

function claimOf({ type }: Body): Operation | null {
  if (type === 'identity_assertion') return claimIdentity;
  return type === 'login_hint' || type === undefined ? startIdentityClaim : null;
}

async function answer(c: Ctx, world: World, operationOf: (body: Body) => Operation | null): Promise<Response> {
  const request = c.req.raw;
  const desk = await world.deps.desks.find(hostOf(request));
  if (!desk) return failed(request, refuse('tenant.unknown'));
  const read = await readBody(request);
  if (!read.ok) return failed(request, read);
  const operation = operationOf(read.value);
  if (operation === null) return failed(request, refuse('invalid_request', { detail: 'The type is none that is offered here.' }));
  const call = { ...callOf(c, world, false), ...world.addressOf(request, c.env?.incoming?.socket?.remoteAddress) };
  const outcome = await perform(operation, world.deps, call, ok(read.value));
  return outcome.ok ? json(call.requestId, 200, outcome.output, never) : failed(request, outcome.refusal);
}

/** A JSON object of at most 16 KB. */
async function readBody(request: Request): Promise<Result<Body, 'invalid_request'>> {
  const type = request.headers.get('Content-Type') ?? '';
  if (!/^application\/json\s*(?:;|$)/i.test(type)) return refuse('invalid_request', { detail: 'Send Content-Type: application/json.' });
  const bytes = await readBytes(request, maxBytes);
  if (bytes === null) return refuse('invalid_request', { detail: `At most ${maxBytes} bytes.` });
  try {
    const body: unknown = JSON.parse(utf8.decode(bytes));
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return ok(Object.fromEntries(Object.entries(body)));
  } catch {
    // Told like whatever else is no object.
  }
  return refuse('invalid_request', { detail: 'The body is no JSON object.' });
}

const maxBytes = 16_384;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Credentials are kept nowhere (RFC 6749 §5.1). */
const never: Headers = { 'Cache-Control': 'no-store', Pragma: 'no-cache' };

function failed(request: Request, refused: Refusal): Response {
  const { status, error, description, retryAfterS } = registrationFailureOf(refused);
  const headers = { ...never, ...(retryAfterS === null ? {} : { 'Retry-After': String(retryAfterS) }) };
  return json(requestIdOf(request), status, { error, error_description: description }, headers);
}

async function answerSkill(c: Ctx, world: World): Promise<Response> {
  const request = c.req.raw;
  const requestId = requestIdOf(request);
  const desk = await world.deps.desks.find(hostOf(request));
  if (!desk) return refusal(request, requestId, 'tenant.unknown');
  const body = authMd(desk);
  const published = { body, etag: `"${sha256Hex(body)}"`, contentType: 'text/markdown; charset=utf-8', immutable: false };
  return renderPublished(request, requestId, published);
}
