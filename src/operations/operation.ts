import type * as z from 'zod';
import type { Statement } from '../db/batch.ts';
import type { Queries } from '../db/queries.ts';
import type { Principal } from '../domain/actor.ts';
import type { Decision, Given, PendingDecision } from '../domain/decision.ts';
import { invariant, ok, type Result, refuse } from '../domain/result.ts';
import type { Scope } from '../domain/scopes.ts';
import type { WorkspaceStatus } from '../domain/workspace.ts';
import type { Desk, Published } from './desk.ts';
import type { FailureCode } from './failures.ts';
import { type Outside, provenBy } from './outside.ts';
import { parseInput } from './parse-input.ts';
import type { Answered, Provider } from './provider.ts';

/** What an operation is, whatever it does: name, words for agents, schemas, doors, scope, failures. */
export interface Description<I extends z.ZodObject = z.ZodObject, O extends z.ZodType = z.ZodType> {
  /** `verb_noun`: also the MCP tool and the OpenAPI operationId. */
  readonly name: string;
  readonly title: string;
  /** At most 60 characters. */
  readonly summary: string;
  /** For agents: what it does, when to use it and when not, what expires, what is shown once. */
  readonly description: string;
  /**
   * Its HTTP door; null for what only pages and schedules ask. Path parameters are fields of the input. `also`: see `status` of a write.
   * `stream`: where the same list is to be had as server-sent events that go on with what comes later; see `routes/stream.ts`.
   * `lines`: the list is answered whole, one item a line, of which this is the schema; see `routes/lines.ts`. `table`: the items are flat,
   * and are to be had as a table (text/csv) as well.
   */
  readonly rest: {
    readonly method: 'get' | 'post' | 'patch' | 'delete';
    readonly path: string;
    readonly status: 200 | 201 | 202;
    readonly also?: 200;
    /** A bare array in the body stands for this field of the input. */
    readonly list?: string;
    readonly stream?: string;
    readonly lines?: z.ZodType;
    readonly table?: true;
  } | null;
  /** Whether agents get it as an MCP tool. */
  readonly mcp: boolean;
  /** `public`: no credential is looked at. */
  readonly access: 'public' | Access;
  /** Flat: path, query and body fields in one object. */
  readonly input: I;
  readonly output: O;
  /** Failures of its own, beside those that follow from its shape (see `failuresOf`). */
  readonly failures: readonly FailureCode[];
  readonly sideEffect: 'none' | 'reversible' | 'irreversible';
  /** False for a write whose repetition does no harm: it takes no idempotency key, and its answer is not kept. */
  readonly keyed?: false;
}

/** Who may ask. */
export interface Access {
  /** The scope that is needed; null: every credential is enough. */
  readonly scope: Scope | null;
  /** Lets callers without any credential in. */
  readonly anonymous?: true;
  /**
   * What such callers count against, where it is not the limit of all of them: many of these calls do no harm, or few already do. Agents that
   * made themselves up count against it beside their own limits.
   */
  readonly limit?: 'token' | 'registration' | 'sign_in' | 'link' | 'challenge' | 'domain_proof' | 'join';
  /** It moves money: a person must have proved presence with a passkey shortly before. */
  readonly stepUp?: true;
}

/** One question: the input, and where and when it was asked. */
export interface Asked<I> {
  readonly input: I;
  readonly desk: Desk;
  readonly now: Date;
}

/** The question with what was found in it without I/O. */
export interface Ask<I, N> extends Asked<I> {
  readonly found: N;
}

/** The question once the caller is known. */
export interface Known<I, N> extends Ask<I, N> {
  readonly principal: Principal;
  /** Keyed hash of the caller's network: whose quota an anonymous caller uses. */
  readonly network: string;
}

/** Set when an answer is given again: when it was committed. */
export interface Replay {
  readonly committedAt: Date;
  /** How the workspace that the answer was about stands now. */
  readonly workspace: { readonly key_version: number; readonly claim_version: number; readonly status: WorkspaceStatus } | null;
  /** How the webhook endpoint that it was about stands now. */
  readonly endpoint?: { readonly secret_version: number; readonly state: 'active' | 'disabled' | 'deleted' } | null;
}

export type Loads = Readonly<Record<string, Statement>>;
export type Facts<L extends Loads> = { readonly [K in keyof L]: L[K] extends Statement<infer T> ? T : never };

/** A parsed call: what to load, and what to do with it. Generic types end here. */
export interface Plan {
  /** The parsed input, path parameters included: what an idempotency key is bound to. */
  readonly input: unknown;
  readonly statements: readonly Statement[];
  conclude(facts: readonly unknown[], scene: Scene): Promise<Result<Conclusion>>;
  /** Writes only: the answer, made from a committed result. `shown`: what the first answer alone shows. */
  view(result: unknown, replay: Replay | null, shown?: string): Promise<unknown>;
}

export interface Scene {
  readonly principal: Principal;
  readonly network: string;
  readonly given: Given;
  /** Null: no payment provider is asked by this process. */
  readonly provider: Provider | null;
  /** Null: nothing of strangers is looked up by this process. */
  readonly outside: Outside | null;
  /** The caller's idempotency key as a provider gets it. */
  readonly intent: () => string;
}

/** What an operation came to: an answer (read, or a provider's), a public document, or a decision to be committed (write). */
export type Conclusion =
  | { readonly kind: 'answer'; readonly output: unknown; readonly replayed?: boolean }
  | { readonly kind: 'published'; readonly published: Published }
  | { readonly kind: 'decision'; readonly decision: Decision<unknown> | PendingDecision<unknown> };

export interface Operation extends Description {
  readonly kind: 'document' | 'read' | 'write';
  /** Step one, without I/O: parse the input, check signatures and shapes. */
  examine(raw: unknown, desk: Desk, now: Date, queries: Queries): Promise<Result<Plan>>;
  /** The REST status of an answer. */
  status(output: unknown): 200 | 201 | 202;
}

/** An operation whose schemas are still known to the compiler: what a caller in the same program gives and gets. */
export type Typed<I extends z.ZodObject, O extends z.ZodType> = Operation & { readonly input: I; readonly output: O };

interface Parts<I extends z.ZodObject, N, L extends Loads> {
  /** Checks without I/O that the schema cannot express: token signatures, cursors. */
  readonly inspect?: (input: z.output<I>, desk: Desk, now: Date) => Result<N> | Promise<Result<N>>;
  /** One database round trip of facts. */
  readonly load?: (queries: Queries, ask: Ask<z.output<I>, N>) => L;
}

/** A read: `load → view`. What the caller may see is cut by row-level security and by `view`. */
export function defineRead<I extends z.ZodObject, O extends z.ZodType, N = undefined, L extends Loads = Record<never, never>>(
  definition: Description<I, O> &
    Parts<I, N, L> & { view: (facts: Facts<L>, known: Known<z.output<I>, N>, given: Given) => Result<z.input<O>> },
): Typed<I, O> {
  return operation('read', definition, definition, async (facts: Facts<L>, known, { given }) => {
    const viewed = definition.view(facts, known, given);
    return viewed.ok ? ok({ kind: 'answer', output: viewed.value }) : viewed;
  });
}

/** A public document: the same bytes for everyone, no credential, no limit. Without `load` it costs no round trip. */
export function defineDocument<I extends z.ZodObject, O extends z.ZodType, N = undefined, L extends Loads = Record<never, never>>(
  definition: Description<I, O> & Parts<I, N, L> & { publish: (facts: Facts<L>, ask: Ask<z.output<I>, N>) => Result<Published> },
): Typed<I, O> {
  return operation('document', definition, definition, async (facts: Facts<L>, known) => {
    const published = definition.publish(facts, known);
    return published.ok ? ok({ kind: 'published', published: published.value }) : published;
  });
}

/**
 * A write: `load → decide → view`. `decide` is pure and may run again; only `commit` writes. Between them may stand `prove`: what is
 * checked of strangers' signatures and documents once the limit let the call in. It fetches within bounds and records nothing.
 */
export function defineWrite<
  I extends z.ZodObject,
  O extends z.ZodType,
  R,
  N = undefined,
  L extends Loads = Record<never, never>,
  P = undefined,
>(
  definition: Description<I, O> &
    Parts<I, N, L> & {
      prove?: (facts: Facts<L>, known: Known<z.output<I>, N>, outside: Outside) => Promise<Result<P>>;
      decide: (
        facts: Facts<L>,
        known: Known<z.output<I>, N> & { readonly proven: P },
        given: Given,
      ) => Result<Decision<R> | PendingDecision<R>>;
      /** Makes the answer from the committed result, now and on every replay. `shown`: the decision's secret, the first time only. */
      view: (result: R, asked: Asked<z.output<I>>, replay: Replay | null, shown?: string) => z.input<O> | Promise<z.input<O>>;
      status?: (output: z.input<O>) => 200 | 201 | 202;
    },
): Typed<I, O> {
  const { status, prove } = definition;
  const made = operation(
    'write',
    definition,
    definition,
    async (facts: Facts<L>, known, { given, outside }) => {
      if (prove && outside === null)
        return refuse('upstream.unavailable', { detail: 'Nothing is looked up from here.', retryAfterS: 3600 });
      // Without `prove` nothing is proven: P is then undefined by its default.
      const proven = prove && outside ? await provenBy((asked) => prove(facts, known, asked), outside) : ok(undefined as P);
      if (!proven.ok) return proven;
      const decided = definition.decide(facts, { ...known, proven: proven.value }, given);
      return decided.ok ? ok({ kind: 'decision', decision: decided.value }) : decided;
    },
    // What comes back is what `decide` gave: the result travels through the database as JSON.
    async (result, asked, replay, shown) => definition.view(result as R, asked, replay, shown),
  );
  return status ? { ...made, status: (output) => status(output as z.input<O>) } : made;
}

/**
 * A write at the payment provider that records nothing here: `load → ask`, with no lock held and nothing committed. The caller's
 * idempotency key goes on to the provider as `intent`, and it is the provider that knows what it answered before.
 */
export function defineAsk<I extends z.ZodObject, O extends z.ZodType, N = undefined, L extends Loads = Record<never, never>>(
  definition: Description<I, O> &
    Parts<I, N, L> & {
      ask: (facts: Facts<L>, known: Known<z.output<I>, N>, provider: Provider, intent: string) => Promise<Result<Answered<z.input<O>>>>;
    },
): Typed<I, O> {
  return operation('write', definition, definition, async (facts: Facts<L>, known, { provider, intent }) => {
    if (provider === null) return refuse('upstream.unavailable', { detail: 'No payment provider is connected here.', retryAfterS: 3600 });
    const answered = await definition.ask(facts, known, provider, intent());
    return answered.ok ? ok({ kind: 'answer', output: answered.value.value, replayed: answered.value.replayed }) : answered;
  });
}

function operation<I extends z.ZodObject, O extends z.ZodType, N, L extends Loads>(
  kind: Operation['kind'],
  description: Description<I, O>,
  parts: Parts<I, N, L>,
  conclude: (facts: Facts<L>, known: Known<z.output<I>, N>, scene: Scene) => Promise<Result<Conclusion>>,
  view: (result: unknown, asked: Asked<z.output<I>>, replay: Replay | null, shown?: string) => Promise<unknown> = async () =>
    invariant(false, 'only writes have a view of a result'),
): Typed<I, O> {
  return {
    ...description,
    kind,
    status: () => description.rest?.status ?? 200,
    async examine(raw, desk, now, queries) {
      const parsed = parseInput(description.input, raw);
      if (!parsed.ok) return parsed;
      // Without `inspect` nothing is found: N is then undefined by its default.
      const found = parts.inspect ? await parts.inspect(parsed.value, desk, now) : ok(undefined as N);
      if (!found.ok && found.code === 'request.invalid') return found;
      const asked: Asked<z.output<I>> = { input: parsed.value, desk, now };
      const plan = {
        input: parsed.value,
        view: (result: unknown, replay: Replay | null, shown?: string) => view(result, asked, replay, shown),
      };
      // What is well formed but cannot be honoured (422) is told only after an earlier answer under the same key was looked for.
      if (!found.ok) return ok({ ...plan, statements: [], conclude: async () => found });
      const ask: Ask<z.output<I>, N> = { ...asked, found: found.value };
      const loads: Loads = parts.load?.(queries, ask) ?? {};
      const names = Object.keys(loads);
      const factsOf = (rows: readonly unknown[]) => Object.fromEntries(names.map((name, i) => [name, rows[i]])) as Facts<L>;
      const knownIn = ({ principal, network }: Scene) => ({ ...ask, principal, network });
      return ok({
        ...plan,
        statements: Object.values(loads),
        conclude: (rows, scene) => conclude(factsOf(rows), knownIn(scene), scene),
      });
    },
  };
}

/** Whether strangers may have to solve a challenge: where they count against what all of them share. */
export const isChallenged = ({ access }: Operation): boolean =>
  access !== 'public' && access.anonymous === true && access.limit === undefined;

/** Every failure a caller of this operation can meet: its own and those that follow from its shape. */
export function failuresOf(operation: Operation): readonly FailureCode[] {
  const codes = new Set<FailureCode>(['tenant.unknown', 'request.invalid', 'ledger.busy', ...operation.failures]);
  if (operation.access !== 'public') {
    for (const code of ['auth.invalid', 'rate.limited'] as const) codes.add(code);
    if (operation.access.scope !== null) codes.add('scope.missing');
    if (!operation.access.anonymous) codes.add('auth.required');
    if (isChallenged(operation)) codes.add('challenge.required');
  }
  if (operation.rest && operation.rest.method !== 'get') {
    for (const code of ['request.malformed', 'media.unsupported', 'body.too_large'] as const) codes.add(code);
  }
  if (operation.kind === 'write' && operation.keyed !== false) {
    for (const code of ['idempotency.key_missing', 'idempotency.mismatch'] as const) codes.add(code);
    if (operation.access !== 'public' && operation.access.anonymous) codes.add('idempotency.key_weak');
  }
  codes.add('internal');
  return [...codes];
}
