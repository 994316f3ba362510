import type { Claimed } from '../db/outbox.ts';
import { backoffMs, fractionOf, mostAttempts } from '../domain/backoff.ts';
import { type Changes, together } from '../domain/decision.ts';
import { Unavailable } from '../domain/result.ts';
import type { WorkChanges } from '../domain/work-changes.ts';
import type { Desk } from '../operations/desk.ts';
import type { Performers, Scene, Settlement } from './effect.ts';
import type { OutboxDeps } from './outbox.ts';

/** What became of a claimed effect. `fenced`: somebody else has it; `open`: its end could not be written. */
export type Settled = 'done' | 'retried' | 'dead' | 'fenced' | 'open';

/** Performs one claimed effect and writes what came of it. Never rejects: what cannot be written comes again when the lease is over. */
export async function performClaimed(
  deps: OutboxDeps,
  desk: Desk,
  effect: Claimed,
  performer: Performers[string] | undefined,
): Promise<Settled> {
  try {
    let settlement = await attempt(deps, desk, effect, performer);
    for (let round = 1; round <= mostCommits; round++) {
      const written = await commit(deps, desk, effect, settlement);
      if (written !== 'again') return written;
      await deps.pause(round);
      // Decided anew where nothing was done yet; what was done outside is not done twice for a conflict.
      if (performer?.where === 'inside') settlement = await attempt(deps, desk, effect, performer);
    }
    return 'open';
  } catch (error) {
    if (!(error instanceof Unavailable)) deps.report(error, effect.effect_id);
    return 'open';
  }
}

const mostCommits = 8;

async function attempt(deps: OutboxDeps, desk: Desk, effect: Claimed, performer: Performers[string] | undefined): Promise<Settlement> {
  if (performer === undefined) return { kind: 'dead', error: 'unknown_kind', counts: false };
  // Only a worker that ends without a word, each time, comes here.
  if (effect.attempts > mostAttempts) return { kind: 'dead', error: 'attempts_exhausted', counts: false };
  const now = deps.now();
  const scene: Scene = {
    desk,
    now,
    given: deps.given(desk, now),
    consult: (statements) => deps.db.batch({ role: 'writer', tenant: desk.tenant }, statements),
  };
  try {
    return await performer.perform(effect, scene);
  } catch (error) {
    if (error instanceof Unavailable) return { kind: 'retry', error: 'database_unavailable', counts: false };
    deps.report(error, effect.effect_id);
    return { kind: 'retry', error: 'internal', counts: false };
  }
}

async function commit(deps: OutboxDeps, desk: Desk, effect: Claimed, settlement: Settlement): Promise<Settled | 'again'> {
  const settled = settledRow(deps, desk, effect, settlement);
  const outcome = { done: 'done', waiting: 'retried', dead: 'dead' } as const;
  const written = await writeOrReport(deps, desk, effect, together(settlement.changes ?? {}, { settled }));
  switch (written) {
    case 'done':
      return outcome[settled.state];
    case 'fenced':
    case 'again':
      return written;
    case 'refused': {
      // What it wanted written cannot be: it is tried again later, and a person sees why.
      const retry = settledRow(deps, desk, effect, { kind: 'retry', error: 'internal', counts: false });
      const second = await deps.memory.commit(desk.tenant, { settled: retry });
      return second === 'done' ? outcome[retry.state] : second === 'fenced' ? 'fenced' : 'open';
    }
  }
}

async function writeOrReport(deps: OutboxDeps, desk: Desk, effect: Claimed, changes: Changes) {
  try {
    const written = await deps.memory.commit(desk.tenant, changes);
    // A cap that somebody else has used up meanwhile: what is decided anew keeps within it.
    return written === 'over' ? 'again' : written;
  } catch (error) {
    if (error instanceof Unavailable) throw error;
    deps.report(error, effect.effect_id);
  }
  return 'refused';
}

type SettledRow = NonNullable<WorkChanges['settled']>;

/** The row that ends the attempt. A dead effect's `due_at` is when it died. */
function settledRow(deps: OutboxDeps, desk: Desk, effect: Claimed, settlement: Settlement): SettledRow {
  const now = deps.now();
  const at = now.toISOString();
  const ended = {
    effect_id: effect.effect_id,
    lease: effect.lease,
    at,
    status: settlement.status ?? null,
    destination: effect.destination,
    counts: settlement.kind !== 'done' && (settlement.counts ?? true),
    threshold: 5,
    open_until: new Date(now.getTime() + breakerMs).toISOString(),
  };
  if (settlement.kind === 'done') return { ...ended, state: 'done', due_at: null, error: settlement.note ?? null };
  const { error } = settlement;
  if (settlement.kind === 'dead' || effect.attempts >= mostAttempts) return { ...ended, state: 'dead', due_at: at, error };
  const { afterS } = settlement;
  const waitMs = afterS === undefined ? backoffMs(effect.attempts, fractionOf(deps.given(desk, now).random(4))) : afterS * 1000;
  return { ...ended, state: 'waiting', due_at: new Date(now.getTime() + Math.min(waitMs, longestWaitMs)).toISOString(), error };
}

const breakerMs = 60_000;
/** Nobody is waited for longer, whatever they ask. */
const longestWaitMs = 27 * 3_600_000;
