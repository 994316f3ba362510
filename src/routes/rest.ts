import type { Context, Hono } from 'hono';
import { credentialOf } from '../access/credential.ts';
import type { Call } from '../operations/call.ts';
import type { Operation } from '../operations/operation.ts';
import { perform } from '../operations/perform.ts';
import { renderLines } from './lines.ts';
import { readInput } from './read-input.ts';
import { refusal, render, requestIdOf } from './respond.ts';
import type { Bindings, World } from './world.ts';

type App = Hono<{ Bindings: Bindings }>;
type Ctx = Context<{ Bindings: Bindings }>;

/** Projects the catalogue to HTTP: one plain route per operation, and 405 for every other method on its path. */
export function mountRest(app: App, operations: readonly Operation[], world: World): void {
  const paths = new Map<string, Operation[]>();
  for (const operation of operations) {
    if (operation.rest) paths.set(operation.rest.path, [...(paths.get(operation.rest.path) ?? []), operation]);
  }
  for (const [template, served] of paths) {
    const path = template.replace(/\{(\w+)\}/g, ':$1');
    const methods = served.map(({ rest }) => rest?.method.toUpperCase() ?? '');
    for (const [at, operation] of served.entries()) app.on(methods[at] ?? '', path, (c) => answer(c, operation, world));
    const allowed = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ');
    // Before the next path, which may match this one with a parameter.
    app.all(path, (c) => refusal(c.req.raw, requestIdOf(c.req.raw), 'method.not_allowed', {}, { Allow: allowed }));
  }
}

async function answer(c: Ctx, operation: Operation, world: World): Promise<Response> {
  const request = c.req.raw;
  const call = callOf(c, world, operation.access !== 'public');
  const input = await readInput(request, c.req.param(), operation.rest?.list);
  const outcome = await perform(operation, world.deps, call, input);
  if (operation.rest?.lines && input.ok) return renderLines(request, call, operation, world, input.value, outcome);
  return render(request, call.requestId, outcome);
}

/** What this door knows of the caller. Addresses are hashed only where somebody asks for them. */
export function callOf(c: Ctx, world: World, identified: boolean, resource: Call['resource'] = ''): Call {
  const request = c.req.raw;
  const credential = identified ? credentialOf(request.headers.get('Authorization')) : ({ kind: 'none' } as const);
  // Who holds the key of a workspace is counted by it; who brings a token or an API key may be a newcomer, who is counted by its network.
  const placed = ['none', 'access_token', 'api_key'].includes(credential.kind);
  const place = identified && placed ? world.addressOf(request, c.env?.incoming?.socket?.remoteAddress) : { address: '', network: '' };
  const key = request.headers.get('Idempotency-Key');
  const answer = request.headers.get('Challenge-Response');
  const proof = credential.kind === 'access_token' ? request.headers.get('DPoP') : null;
  return {
    host: hostOf(request),
    credential,
    ...place,
    resource,
    ...(key === null ? {} : { idempotencyKey: unquote(key) }),
    ...(answer === null ? {} : { challengeResponse: answer }),
    ...(proof === null ? {} : { dpop: { proof, method: request.method, path: new URL(request.url).pathname } }),
    requestId: requestIdOf(request),
  };
}

/** The host the caller addressed. Forwarded-host headers are never read. */
export const hostOf = (request: Request): string => request.headers.get('Host') ?? new URL(request.url).host;

/** draft-ietf-httpapi-idempotency-key-header: a structured-field string, so quoted; a bare key is read as well. */
function unquote(key: string): string {
  return /^".*"$/.test(key) ? key.slice(1, -1).replace(/\\(["\\])/g, '$1') : key;
}
