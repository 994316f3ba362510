import { type DueKind, dueTenants } from '../db/due-work.ts';
import type { Changes } from '../domain/decision.ts';
import { Unavailable } from '../domain/result.ts';
import type { Scene } from './effect.ts';
import type { OutboxDeps } from './outbox.ts';

export type RoundDeps = Omit<OutboxDeps, 'performers'>;

/** What one round of a schedule came to. `failed`: tenants at which something said no; they stay due. */
export interface Rounds {
  readonly tenants: number;
  readonly done: number;
  readonly failed: number;
}

/** One step at one tenant: reads, decides, and says what to write and how many things that settles. Null: nothing is left to do. */
export type Step = (scene: Scene) => Promise<{ readonly changes: Changes; readonly count: number } | null>;

const mostSteps = 50;
const mostConflicts = 8;

/**
 * Runs a step at every tenant that has work of this kind due, until nothing is left or fifty steps are done; the rest stays due. Safe to run
 * twice at once: a conflict reads and decides anew. One tenant's trouble does not keep the others waiting. Rejects only when the list of
 * due tenants cannot be read.
 */
export async function atEachDue(deps: RoundDeps, kind: 'expire' | 'qualify', step: Step): Promise<Rounds> {
  let done = 0;
  const visited = await visitDue(deps, kind, async (tenant) => {
    done += await stepsAt(deps, tenant, step);
    return true;
  });
  return { ...visited, done };
}

/**
 * Goes to every tenant that has work of this kind due, one after the other; a visit answers whether it could be done. What goes wrong at
 * one is counted, and told unless it passes. Rejects only when the list of due tenants cannot be read.
 */
export async function visitDue(
  deps: RoundDeps,
  kind: DueKind,
  visit: (tenant: string) => Promise<boolean>,
): Promise<{ readonly tenants: number; readonly failed: number }> {
  const [tenants] = await deps.db.batch({ role: 'writer' }, [dueTenants(kind, deps.now())]);
  let failed = 0;
  for (const { tenant_id: tenant } of tenants) {
    try {
      if (!(await visit(tenant))) failed += 1;
    } catch (error) {
      // One tenant's trouble must not keep the others waiting.
      if (!(error instanceof Unavailable)) deps.report(error, `schedule:${kind}`);
      failed += 1;
    }
  }
  return { tenants: tenants.length, failed };
}

async function stepsAt(deps: RoundDeps, tenant: string, step: Step): Promise<number> {
  const desk = await deps.deskOf(tenant);
  if (desk === null) return 0;
  let done = 0;
  for (let steps = 0, conflicts = 0; steps < mostSteps && conflicts < mostConflicts; ) {
    const now = deps.now();
    const consult: Scene['consult'] = (statements) => deps.db.batch({ role: 'writer', tenant }, statements);
    const taken = await step({ desk, now, given: deps.given(desk, now), consult });
    if (taken === null) break;
    if ((await deps.memory.commit(tenant, taken.changes)) === 'done') {
      done += taken.count;
      steps += 1;
    } else {
      conflicts += 1;
      await deps.pause(conflicts);
    }
  }
  return done;
}
