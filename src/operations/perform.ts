import type { Entry, Memory } from '../db/memory.ts';
import type { Queries } from '../db/queries.ts';
import type { Principal } from '../domain/actor.ts';
import { canonicalize, sha256Hex } from '../domain/canonical.ts';
import type { Decision, Given, PendingDecision } from '../domain/decision.ts';
import { invariant, type Refusal, type Result, refuse } from '../domain/result.ts';
import type { Call } from './call.ts';
import { type Stranger, strangerOf } from './challenges/stranger.ts';
import type { Desk, Desks, Published } from './desk.ts';
import { fingerprint, judge } from './judge.ts';
import type { Operation, Plan, Scene } from './operation.ts';
import type { Outside, ProveDpop } from './outside.ts';
import type { Provider } from './provider.ts';
import { type Recognised, recognise } from './recognise.ts';

/** What the pipeline needs of the world. */
export interface Deps {
  readonly memory: Memory;
  readonly queries: Queries;
  readonly desks: Desks;
  readonly now: () => Date;
  readonly given: (desk: Desk, now: Date) => Given;
  /** The payment provider, for operations that ask it. Without it they answer that it is not there. */
  readonly provider?: Provider;
  /** What is looked up and verified of strangers. Without it operations that need it answer that it is not there. */
  readonly outside?: Outside;
  /** Without it tokens that are bound to a key are refused. */
  readonly proveDpop?: ProveDpop;
  /** Waits before an attempt that is not the first. */
  readonly pause: (attempt: number) => Promise<void>;
}

/** What every door renders: an answer or a refusal, with the state of the caller's limit. */
export type Outcome = { readonly desk: Desk | null; readonly limit: Entry['limit'] } & (
  | {
      readonly ok: true;
      readonly output: unknown;
      readonly status: number;
      readonly replayed: boolean;
      /** Who was answered; null for a public document. */
      readonly principal: Principal | null;
      readonly published?: Published;
    }
  | { readonly ok: false; readonly refusal: Refusal }
);

/** How often a call is decided anew because somebody else was faster or the line broke, and until when a further attempt may begin. */
const attempts = 10;
/** Longer than one batch may take: a commit that was lost to the longest wait is still looked for. */
const patienceMs = 12_000;

/**
 * The one pipeline. Every door calls it; every operation goes through it. Parse and check without I/O; load in one round trip; judge
 * in fixed order (401, 403, 429, 400, replay or 422, then the decision); sign; commit in one round trip; view; check the answer. What only
 * a payment provider knows is asked in place of the decision, and nothing is committed.
 * `read`: what the door read of the input, or why it could not; that, too, is told only in its turn.
 */
export async function perform(operation: Operation, deps: Deps, call: Call, read: Result<unknown>): Promise<Outcome> {
  let desk = await deps.desks.find(call.host);
  let limit: Entry['limit'] = null;
  /** What the call was charged by the first load that knew who it is; deciding anew costs nothing more. */
  let toll: Pick<Entry, 'limit' | 'respent'> | null = null;
  const no = (refusal: Refusal): Outcome => ({ desk, limit, ok: false, refusal });
  if (!desk) return no(refuse('tenant.unknown'));
  if (operation.kind === 'document') return publish(operation, deps, desk, read);

  const deadline = deps.now().getTime() + patienceMs;
  for (let attempt = 1; attempt <= attempts && deps.now().getTime() < deadline; attempt++) {
    if (attempt > 1) await deps.pause(attempt);
    const now = deps.now();
    const recognised = await recognise(operation, deps, desk, call, now);
    if (!recognised.ok) return no(recognised);
    const examined = await examine(operation, deps, desk, call, read, now);
    const stranger = examined.ok && read.ok ? strangerOf(operation, call, read.value, desk, now) : null;
    const loaded = await deps.memory.load(
      operation.kind === 'write' ? 'writer' : 'reader',
      { ...entering(operation, desk, call, now, examined.ok), ...entrance(operation, recognised.value, stranger), charged: toll === null },
      examined.ok ? examined.value.statements : [],
    );
    if (loaded === 'lost') continue;
    if (loaded !== 'unknown' && loaded.entry.principal) toll ??= loaded.entry;
    if (loaded === 'unknown' || loaded.entry.revision !== desk.revision) {
      desk = await deps.desks.reopen(call.host);
      if (!desk) return no(refuse('tenant.unknown'));
      continue;
    }
    const { facts } = loaded;
    const entry = { ...loaded.entry, ...(toll && { limit: toll.limit, respent: toll.respent ?? null }) };
    limit = entry.limit;
    const given = deps.given(desk, now);
    const judged = judge(operation, call, entry, examined, stranger, given);
    if (!judged.ok) return no(judged);
    const { plan, principal } = judged.value;
    const scene = sceneOf(operation, deps, desk, call, { principal, given });
    const yes = (output: unknown, replayed: boolean): Outcome => {
      assertAnswer(operation, output);
      return { desk, limit, ok: true, output, status: operation.status(output), replayed, principal };
    };

    if (entry.earlier) return yes(await plan.view(JSON.parse(entry.earlier.result), entry.earlier), true);
    const concluded = await plan.conclude(facts, scene);
    if (!concluded.ok) return no(concluded);
    if (concluded.value.kind === 'answer') return yes(concluded.value.output, concluded.value.replayed ?? false);
    invariant(concluded.value.kind === 'decision', 'only documents are published');
    const decision = await signed(desk, concluded.value.decision);
    // As it is kept, so that the first answer is made from the same as every replay.
    const result = JSON.stringify(decision.result);
    const written = decision.dry
      ? 'done'
      : await deps.memory.commit(desk.tenant, {
          ...decision.changes,
          ...(entry.acting && { acting: entry.acting }),
          ...answered(operation, call, plan, scene, decision.subjectId, result),
        });
    // Where it is not the caller's own quota, it is a cap that somebody else used up meanwhile: decided anew, it is kept.
    if (written === 'over' && operation.failures.includes('quota.exhausted')) return no(refuse('quota.exhausted'));
    if (written === 'done') return yes(await plan.view(JSON.parse(result), null, decision.shown), false);
  }
  return no(refuse('ledger.busy', { retryAfterS: 1 }));
}

async function publish(operation: Operation, deps: Deps, desk: Desk, read: Result<unknown>): Promise<Outcome> {
  const no = (refusal: Refusal): Outcome => ({ desk, limit: null, ok: false, refusal });
  const now = deps.now();
  const examined = read.ok ? await operation.examine(read.value, desk, now, deps.queries) : read;
  if (!examined.ok) return no(examined);
  const { statements, conclude } = examined.value;
  const facts = statements.length === 0 ? [] : await deps.memory.consult(desk.tenant, statements);
  if (facts === 'lost') return no(refuse('ledger.busy', { retryAfterS: 1 }));
  const unseen = { network: '', provider: null, outside: null, intent: () => '' };
  const scene: Scene = { ...unseen, principal: nobody, given: deps.given(desk, now) };
  const concluded = await conclude(facts, scene);
  if (!concluded.ok) return no(concluded);
  invariant(concluded.value.kind === 'published', 'a document is published');
  const { published } = concluded.value;
  return { desk, limit: null, ok: true, output: published.value, status: 200, replayed: false, principal: null, published };
}

const nobody = {
  kind: 'anonymous',
  id: '',
  organizationId: null,
  agentId: null,
  workspaceId: null,
  domain: null,
  scopes: [],
  tier: 'anonymous',
} as const;

function sceneOf(
  operation: Operation,
  deps: Deps,
  desk: Desk,
  call: Call,
  known: { readonly principal: Principal; readonly given: Given },
): Scene {
  const { principal } = known;
  return {
    ...known,
    network: call.network,
    provider: deps.provider ?? null,
    outside: deps.outside ?? null,
    // Of one caller, one operation and one key: nobody else's, whatever their key.
    intent: () => `frontdesk:${sha256Hex(canonicalize([desk.tenant, principal.id, operation.name, call.idempotencyKey ?? null]))}`,
  };
}

/** Everything that can be known without I/O. A refusal here is told only after 401, 403 and 429. */
async function examine(operation: Operation, deps: Deps, desk: Desk, call: Call, read: Result<unknown>, now: Date): Promise<Result<Plan>> {
  if (isKeyed(operation)) {
    const key = call.idempotencyKey;
    if (key === undefined || !/^[\x21-\x7e]{1,255}$/.test(key)) return refuse('idempotency.key_missing');
    if (call.credential.kind === 'none' && key.length < 22) return refuse('idempotency.key_weak');
  }
  return read.ok ? operation.examine(read.value, desk, now, deps.queries) : read;
}

function entering(operation: Operation, desk: Desk, call: Call, at: Date, readable: boolean) {
  const { address, network } = call;
  const key = isKeyed(operation) && readable ? call.idempotencyKey : undefined;
  return { host: desk.host, address, network, operation: operation.name, at, ...(key === undefined ? {} : { key }) };
}

/** Who it is, what it counts against, and what it uses up. */
function entrance({ access }: Operation, { credential, spend }: Recognised, stranger: Stranger | null) {
  const isOpen = access !== 'public' && (access.anonymous === true || credential.kind !== 'none');
  const open = isOpen ? access.limit : undefined;
  const spent = [...spend, ...(stranger?.spend ?? [])];
  return {
    credential,
    ...(open === undefined ? {} : { open }),
    ...(spent.length === 0 ? {} : { spend: spent.map(({ expiresAt, ...one }) => ({ ...one, expires_at: expiresAt.toISOString() })) }),
  };
}

/** The row that lets a repetition find its answer, written in the same commit as the work. */
function answered(operation: Operation, call: Call, plan: Plan, scene: Scene, subjectId: string | undefined, result: string) {
  if (!isKeyed(operation)) return {};
  invariant(call.idempotencyKey !== undefined, 'a keyed write has a key');
  return {
    idempotency: {
      principal: scene.principal.id,
      operation: operation.name,
      key: call.idempotencyKey,
      fingerprint: fingerprint(plan),
      result,
      subject_id: subjectId ?? null,
      committed_at: scene.given.now.toISOString(),
    },
  };
}

const isKeyed = (operation: Operation): boolean => operation.kind === 'write' && operation.keyed !== false;

/** Signs what the decision wants signed, so that each signature is committed with what it attests. */
async function signed(desk: Desk, decision: Decision<unknown> | PendingDecision<unknown>): Promise<Decision<unknown>> {
  if (!('sign' in decision)) return decision;
  const slots = Object.entries(decision.sign).map(
    async ([slot, { purpose, claims, kid }]) => [slot, await desk.sign(purpose, claims, kid)] as const,
  );
  return decision.finish(Object.fromEntries(await Promise.all(slots)));
}

/** An answer that does not match its own schema is a bug, never an answer. */
function assertAnswer(operation: Operation, output: unknown): void {
  const parsed = operation.output.safeParse(output);
  invariant(parsed.success, `${operation.name} answers as its schema says${parsed.success ? '' : `: ${parsed.error.message}`}`);
}
