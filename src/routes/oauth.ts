import type { Context, Hono } from 'hono';
import { ok, type Result, refuse } from '../domain/result.ts';
import type { Call, Spend } from '../operations/call.ts';
import type { Desk } from '../operations/desk.ts';
import type { Operation } from '../operations/operation.ts';
import { perform } from '../operations/perform.ts';
import { spentOf } from '../operations/recognise.ts';
import { issueToken } from '../operations/tokens/issue.ts';
import { oauthFailureOf, oauthFailures } from '../operations/tokens/oauth-failures.ts';
import { revokeToken } from '../operations/tokens/revoke.ts';
import { type OAuthParameters, readOAuthForm } from './oauth-form.ts';
import { type Headers, json, refusal, requestIdOf } from './respond.ts';
import { callOf, hostOf } from './rest.ts';
import type { Bindings, World } from './world.ts';

type App = Hono<{ Bindings: Bindings }>;
type Ctx = Context<{ Bindings: Bindings }>;

/** What `mountOAuth` answers, as OpenAPI writes paths. */
export const oauthPaths: readonly string[] = ['/oauth/token', '/oauth/revoke', '/oauth/authorize'];

/** The endpoints of the authorization server (RFC 6749 §3, RFC 7009). They speak OAuth's own error documents. */
export function mountOAuth(app: App, world: World): void {
  app.post('/oauth/token', (c) => answer(c, world, issueToken, tokenInput, (output) => [isRefused(output) ? 400 : 200, output]));
  // RFC 7009 §2.2: the status says it all.
  app.post('/oauth/revoke', (c) => answer(c, world, revokeToken, revocationInput, () => [200, {}]));
  // RFC 8414 wants one where a grant needs it; clients of MCP want one always. Nobody is sent here: response_types_supported is empty.
  app.get('/oauth/authorize', (c) => failed(c, refuse('unsupported_response_type')));
  for (const path of oauthPaths) {
    const Allow = path.endsWith('authorize') ? 'GET, HEAD' : 'POST';
    app.all(path, (c) => refusal(c.req.raw, requestIdOf(c.req.raw), 'method.not_allowed', {}, { Allow }));
  }
}

type Input = Readonly<Record<string, unknown>>;

async function answer(
  c: Ctx,
  world: World,
  operation: Operation,
  inputOf: (parameters: OAuthParameters) => Input,
  told: (output: unknown) => readonly [status: number, body: unknown],
): Promise<Response> {
  const request = c.req.raw;
  const desk = await world.deps.desks.find(hostOf(request));
  if (!desk) return refusal(request, requestIdOf(request), 'tenant.unknown');
  const read = await readOAuthForm(request);
  const shown = await shownKey(c, world, desk);
  const input = !read.ok ? read : shown.ok ? ok({ ...inputOf(read.value), ...shown.value.input }) : shown;
  const outcome = await perform(operation, world.deps, callFor(c, world, shown.ok ? shown.value.spend : []), input);
  if (!outcome.ok) return failed(c, outcome.refusal);
  const [status, body] = told(outcome.output);
  return json(requestIdOf(request), status, isRefused(body) ? document(body.error) : body, never);
}

/** A caller here has no credential of the API: what the form and its headers show is for the operation to judge. */
function callFor(c: Ctx, world: World, spend: readonly Spend[]): Call {
  const place = world.addressOf(c.req.raw, c.env?.incoming?.socket?.remoteAddress);
  return { ...callOf(c, world, false), ...place, spend };
}

/** The key that a DPoP proof shows (RFC 9449 §5); it is used up by the call that gets in with it. */
async function shownKey(c: Ctx, world: World, desk: Desk): Promise<Result<{ readonly input: Input; readonly spend: readonly Spend[] }>> {
  const proof = c.req.header('DPoP');
  if (proof === undefined || c.req.path !== '/oauth/token') return ok({ input: {}, spend: [] });
  const { proveDpop, now } = world.deps;
  const proven = await proveDpop?.({ proof, method: 'POST', url: `${desk.origin}/oauth/token`, now: now() });
  if (!proven?.ok) return refuse('invalid_dpop_proof');
  const { thumbprint, jti, expiresAt } = proven.value;
  return ok({ input: { dpop_jkt: thumbprint }, spend: [spentOf('dpop', thumbprint, jti, expiresAt)] });
}

const tokenInput = ({ given, resources, client_assertion, assertion }: OAuthParameters): Input => ({
  ...pick(given, ['grant_type', ...clientParameters, 'scope', 'claim_token']),
  ...{ client_assertion, assertion, resource: resources },
});

const revocationInput = ({ given, client_assertion }: OAuthParameters): Input => ({
  ...pick(given, [...clientParameters, 'token', 'token_type_hint']),
  client_assertion,
});

const clientParameters = ['client_id', 'client_secret', 'client_assertion_type'];

/** Parameters that nobody knows are passed over (RFC 6749 §3.2). */
function pick(given: ReadonlyMap<string, string>, names: readonly string[]): Input {
  return Object.fromEntries(names.flatMap((name) => (given.has(name) ? [[name, given.get(name)]] : [])));
}

/** Tokens and what is said of them are kept nowhere (RFC 6749 §5.1). */
const never: Headers = { 'Cache-Control': 'no-store', Pragma: 'no-cache' };

function failed(c: Ctx, refused: Parameters<typeof oauthFailureOf>[0]): Response {
  const requestId = requestIdOf(c.req.raw);
  const { status, error, description, retryAfterS } = oauthFailureOf(refused);
  const headers = { ...never };
  if (retryAfterS !== null) headers['Retry-After'] = String(retryAfterS);
  // RFC 6749 §5.2: a client that used the header is told so.
  if (status === 401 && c.req.header('Authorization') !== undefined) headers['WWW-Authenticate'] = 'Basic realm="oauth"';
  return json(requestId, status, { error, error_description: description }, headers);
}

function document(error: string): object {
  const { description } = oauthFailures[error as keyof typeof oauthFailures];
  return { error, error_description: description };
}

function isRefused(output: unknown): output is { readonly error: string } {
  return typeof output === 'object' && output !== null && 'error' in output;
}
