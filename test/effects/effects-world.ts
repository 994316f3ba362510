/** A world whose effects a test performs itself: a worker over the same database, with performers of the test's own. */
import type { Db } from '../../src/db/batch.ts';
import { memory } from '../../src/db/memory.ts';
import type { StagedEffect } from '../../src/domain/work-changes.ts';
import type { Performer, Performers } from '../../src/effects/effect.ts';
import { type Drained, drain, type OutboxDeps } from '../../src/effects/outbox.ts';
import { sql, tenantAt } from '../support/sql.ts';
import { demoHost, type TestWorld } from '../support/world.ts';

export interface Worker {
  readonly drain: (limit?: number) => Promise<Drained>;
  readonly reported: unknown[];
}

/** `db`: what the worker reaches the database by, where that is to fail. */
export async function workerOf(t: TestWorld, performers: Performers, db: Db = t.db): Promise<Worker> {
  const [tenant, desk] = [await tenantAt(t, demoHost), await t.world.deps.desks.find(demoHost)];
  const reported: unknown[] = [];
  const { now, given } = t.world.deps;
  const deps: OutboxDeps = {
    db,
    memory: memory(db),
    deskOf: async (asked) => (asked === tenant ? desk : null),
    now,
    given,
    pause: async () => {},
    performers,
    report: (error) => void reported.push(error),
  };
  return { drain: (limit) => drain(deps, limit === undefined ? {} : { limit }), reported };
}

export const outside = (perform: Performer): Performers => ({ 'test.thing.do': { where: 'outside', perform } });
export const inside = (perform: Performer): Performers => ({ 'test.thing.do': { where: 'inside', perform } });

let staged = 0;

/** Commits effects, one for each entry, all due now unless told; answers their ids in the same order. */
export async function stage(t: TestWorld, effects: readonly Partial<StagedEffect>[]): Promise<string[]> {
  const at = t.world.deps.now().toISOString();
  const rows = effects.map((given) => ({
    effect_id: t.world.admin.newId('eff'),
    kind: 'test.thing.do',
    aggregate: `a${++staged}`,
    payload: {},
    due_at: at,
    created_at: at,
    ...given,
  }));
  const written = await t.world.deps.memory.commit(await tenantAt(t, demoHost), { effects: rows });
  if (written !== 'done') throw new Error(written);
  return rows.map(({ effect_id }) => effect_id);
}

export interface Row {
  readonly state: string;
  readonly attempts: number;
  readonly lease: number;
  readonly due_at: string;
  readonly leased_until: string | null;
  readonly last_error: string | null;
  readonly last_status: number | null;
}

export async function effectRow(t: TestWorld, effectId: string | undefined): Promise<Row> {
  const [row] = await sql(
    t,
    'select o.state, o.attempts, o.lease, o.due_at, o.leased_until, o.last_error, o.last_status from frontdesk.outbox o where o.effect_id = $1',
    [effectId ?? ''],
  );
  if (row === undefined) throw new Error('there is no such effect');
  return row as unknown as Row;
}

/** When the tenant is looked at again, in milliseconds from now; null when it is not in the list. */
export async function dueInMs(t: TestWorld): Promise<number | null> {
  const [row] = await sql(t, "select d.at from frontdesk.due_work d where d.kind = 'drain' and d.tenant_id = $1", [
    await tenantAt(t, demoHost),
  ]);
  return row === undefined ? null : Date.parse(String(row.at)) - t.world.deps.now().getTime();
}
