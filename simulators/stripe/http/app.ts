import { invalid, StripeFailure } from '../failure.ts';
import { freshId } from '../ids.ts';
import { routes } from '../resources/all.ts';
import { isConnected } from '../resources/connect.ts';
import type { StoredAnswer } from '../state.ts';
import { apiVersion, nobody, type World } from '../world.ts';
import { authenticate, authorize } from './access.ts';
import { expanded } from './expand.ts';
import type { Fault, Faults } from './faults.ts';
import { decodeForm } from './form.ts';
import { type KeysInUse, slotOf, storedAnswer } from './idempotency.ts';
import { type Prepared, router } from './routes.ts';

/** The connection breaks without an answer; a server destroys the socket, `fetch` rejects. */
export class ConnectionBroken extends Error {}

const longestBody = 1_000_000;
const find = router(routes);

/** What every request shares. */
export interface Desk {
  readonly world: World;
  readonly faults: Faults;
  readonly inUse: KeysInUse;
}

/** One request of the API to its answer. Failures: `ConnectionBroken`, by an injected fault only. */
export async function answerRequest(desk: Desk, request: Request): Promise<Response> {
  const requestId = freshId(desk.world.state, 'req');
  try {
    return await handle(desk, request, requestId);
  } catch (failure) {
    if (failure instanceof StripeFailure) return respond(failure.status, errorText(failure), requestId, failure.headers);
    if (failure instanceof ConnectionBroken || !(failure instanceof Error)) throw failure;
    const message = `The simulator failed: ${failure.message}`;
    return respond(500, JSON.stringify({ error: { type: 'api_error', message } }), requestId);
  }
}

async function handle(desk: Desk, request: Request, requestId: string): Promise<Response> {
  const { world, faults } = desk;
  const { pathname, search } = new URL(request.url);
  const { method, headers } = request;
  const key = authenticate(headers);
  const account = accountOf(world, headers);
  const found = find(method, pathname);
  if (found === undefined) throw unrecognized(method, pathname);
  authorize(world, key, found.route);
  const body = await request.text();
  if (body.length > longestBody) throw invalid('The request body is too large.', { status: 413 });
  const fault = faults.meet(method, pathname);
  if (fault !== undefined) failBefore(fault);
  const prepared = found.route.prepare(found.path, decodeForm(search.slice(1), body));
  const slot = slotOf(method, account, headers.get('idempotency-key'));
  const fingerprint = `${method} ${pathname} ${search} ${body}`;
  const stored = slot === undefined ? undefined : storedAnswer(world, desk.inUse, slot, fingerprint);
  if (stored !== undefined) {
    await failAfter(fault, request);
    return respond(stored.status, stored.body, requestId, { 'idempotent-replayed': 'true', 'original-request': stored.requestId });
  }
  if (fault?.kind === 'slow') await inUseFor(desk.inUse, slot, fault.milliseconds ?? 50);
  const answer = execute(world, prepared, fault, { id: requestId, idempotency_key: headers.get('idempotency-key') });
  if (slot !== undefined) world.state.answers[slot] = { ...answer, fingerprint, requestId, at: world.now() };
  await failAfter(fault, request);
  return respond(answer.status, answer.body, requestId);
}

/** Execution has begun: whatever comes of it, refusals included, belongs to the idempotency key from now on. */
function execute(world: World, prepared: Prepared, fault: Met, cause: World['cause']): Pick<StoredAnswer, 'status' | 'body'> {
  if (fault?.kind === 'error_500_stored_unapplied') return serverError;
  world.cause = cause;
  try {
    const object = expanded(world, prepared.execute(world), prepared.expand);
    return fault?.kind === 'error_500_stored' ? serverError : { status: 200, body: JSON.stringify(object) };
  } catch (failure) {
    if (!(failure instanceof StripeFailure)) throw failure;
    return fault?.kind === 'error_500_stored' ? serverError : { status: failure.status, body: errorText(failure) };
  } finally {
    world.cause = nobody;
  }
}

type Met = Pick<Fault, 'kind' | 'milliseconds'> | undefined;

/** Nothing is executed and nothing is stored. */
function failBefore({ kind }: NonNullable<Met>): void {
  if (kind === 'timeout_before') throw new ConnectionBroken('before applying');
  if (kind === 'error_500') throw new StripeFailure(500, { type: 'api_error', message: 'An unknown error occurred.' });
  if (kind === 'rate_limit') {
    const body = { type: 'invalid_request_error', code: 'rate_limit', message: 'Request rate limit exceeded.' } as const;
    throw new StripeFailure(429, body, { 'retry-after': '1', 'stripe-rate-limited-reason': 'endpoint-rate' });
  }
  if (kind === 'conflict') {
    const message = 'This object cannot be accessed right now because another API request or Stripe process is currently accessing it.';
    throw new StripeFailure(409, { type: 'invalid_request_error', code: 'lock_timeout', message });
  }
}

/** It was executed, and nobody learns of it. */
async function failAfter(fault: Met, { signal }: Request): Promise<void> {
  if (fault?.kind === 'timeout_after') throw new ConnectionBroken('after applying');
  if (fault?.kind !== 'hang_after') return;
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  throw new ConnectionBroken('after applying');
}

async function inUseFor(inUse: KeysInUse, slot: string | undefined, milliseconds: number): Promise<void> {
  if (slot !== undefined) inUse.add(slot);
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  if (slot !== undefined) inUse.delete(slot);
}

/** The platform itself: of connected accounts the simulator keeps no objects of their own, and says so. */
function accountOf(world: World, headers: Headers): string {
  const given = headers.get('stripe-account');
  if (given === null || given === world.state.account) return world.state.account;
  if (isConnected(world, given)) throw invalid('The simulator keeps no objects of connected accounts.', { param: 'Stripe-Account' });
  throw invalid('The provided key does not have access to this account (or that account does not exist).', {
    code: 'account_invalid',
    status: 403,
  });
}

const unrecognized = (method: string, path: string): StripeFailure =>
  invalid(`Unrecognized request URL (${method}: ${path.slice(0, 200)}). The simulator does not do this call.`, { status: 404 });

const errorText = ({ body }: StripeFailure): string => JSON.stringify({ error: body });
const serverError = {
  status: 500,
  body: JSON.stringify({ error: { type: 'api_error', message: 'An unknown error occurred.' } }),
};

function respond(status: number, body: string, requestId: string, more: Readonly<Record<string, string>> = {}): Response {
  const headers = { 'content-type': 'application/json', 'request-id': requestId, 'stripe-version': apiVersion, ...more };
  return new Response(body, { status, headers });
}
