import { beforeAll, beforeEach, expect, it } from 'vitest';
import { ConnectionLost, type Db } from '../../src/db/batch.ts';
import type { Claimed } from '../../src/db/outbox.ts';
import type { Changes } from '../../src/domain/decision.ts';
import type { Performer } from '../../src/effects/effect.ts';
import { leaseMs } from '../../src/effects/outbox.ts';
import { openPostgresWorld, type PostgresWorld, rowsOf } from '../support/postgres-world.ts';
import { sql, tenantAt } from '../support/sql.ts';
import { demoHost } from '../support/world.ts';
import { outside, stage, workerOf } from './effects-world.ts';

let t: PostgresWorld;
beforeAll(async () => {
  t = await openPostgresWorld();
});
beforeEach(async () => {
  await sql(t, 'delete from frontdesk.outbox');
  await sql(t, 'delete from frontdesk.events');
});

/** Mulberry32: the same numbers from the same seed. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Effects in `aggregates` lines of `length`, staged in no order. */
async function lines(aggregates: number, length: number, random: () => number): Promise<string[]> {
  const all = Array.from({ length: aggregates * length }, (_, n) => ({
    aggregate: `line-${n % aggregates}`,
    position: String(1 + Math.floor(n / aggregates)),
    destination: `d${n % 3}`,
    payload: { position: 1 + Math.floor(n / aggregates) },
  }));
  return stage(
    t,
    all
      .map((effect) => [random(), effect] as const)
      .sort(([a], [b]) => a - b)
      .map(([, effect]) => effect),
  );
}

/** A row that each settlement leaves: two would mean that an effect was settled twice. */
const trace = ({ effect_id }: Claimed): Changes => ({
  events: [
    {
      event_id: t.world.admin.newId('evt'),
      type: 'webhook.disabled',
      organization_id: null,
      subject_id: effect_id,
      data: {},
      occurred_at: t.world.deps.now().toISOString(),
      sequence: null,
    },
  ],
});

const breath = () => new Promise<void>((resolve) => setImmediate(resolve));

async function settledEach(): Promise<number[]> {
  const rows = await sql(
    t,
    `select o.effect_id, o.state, (select count(*)::int from frontdesk.events v where v.subject_id = o.effect_id) as settled
     from frontdesk.outbox o`,
  );
  return rows.map(({ state, settled }) => (state === 'done' ? Number(settled) : -1));
}

async function deadlocks(): Promise<number> {
  const [row] = await rowsOf<{ n: number }>(
    t.database.adminUrl,
    'select deadlocks::int as n from pg_stat_database where datname = current_database()',
  );
  return row?.n ?? -1;
}

it('four workers at once perform each effect once, each line in its order, while more is staged', async () => {
  const random = chance(1);
  const performed = new Map<string, number[]>();
  const seen: string[] = [];
  const perform: Performer = async (effect) => {
    for (let n = 0; n < random() * 4; n++) await breath();
    seen.push(effect.effect_id);
    const line = performed.get(effect.aggregate) ?? [];
    performed.set(effect.aggregate, [...line, (effect.payload as { position: number }).position]);
    return { kind: 'done', changes: trace(effect) };
  };
  const ids = await lines(12, 10, random);
  const workers = await Promise.all(Array.from({ length: 4 }, () => workerOf(t, outside(perform))));
  const more: string[] = [];
  const staging = (async () => {
    for (let n = 0; n < 20; n++)
      more.push(
        ...(await stage(
          t,
          [{}, {}].map(() => ({ payload: { position: 1 } })),
        )),
      );
  })();
  await Promise.all(workers.map((worker) => worker.drain()));
  await staging;
  await Promise.all(workers.map((worker) => worker.drain()));
  expect([...seen].sort()).toEqual([...ids, ...more].sort());
  for (const positions of performed.values()) expect(positions).toEqual([...positions].sort((a, b) => a - b));
  expect(new Set(await settledEach())).toEqual(new Set([1]));
  expect(workers.flatMap(({ reported }) => reported)).toEqual([]);
  expect(await deadlocks()).toBe(0);
});

/** A worker's way to the database that breaks off at a round trip picked by chance, before or after it took effect, and stays broken. */
function frail(db: Db, random: () => number): Db {
  let left = 1 + Math.floor(random() * 25);
  return {
    async batch(context, statements) {
      left -= 1;
      if (left < 0 || (left === 0 && random() < 0.5)) throw new ConnectionLost('the test killed it');
      const results = await db.batch(context, statements);
      if (left === 0) throw new ConnectionLost('the test killed it');
      return results;
    },
    close: async () => {},
  };
}

it.each([11, 23, 47])(
  'killed at any step, again and again, workers settle each effect once and keep each line in order: seed %i',
  async (seed) => {
    const random = chance(seed);
    await lines(6, 5, random);
    const [tenant, out] = [await tenantAt(t, demoHost), [] as string[]];
    const attempts: number[] = [];
    const perform: Performer = async (effect) => {
      // What stands before it must be settled, whoever was killed when.
      const [{ n: before } = { n: -1 }] = (
        await t.db.batch({ role: 'writer', tenant }, [
          {
            name: 'test.before',
            text: `select count(*)::int as n from frontdesk.outbox o where o.aggregate = $1 and o.position < $2 and o.state <> 'done'`,
            values: [effect.aggregate, (effect.payload as { position: number }).position],
            read: (rows) => rows as unknown as { n: number }[],
          },
        ])
      )[0];
      if (before !== 0) out.push(effect.effect_id);
      attempts.push(effect.attempts);
      await breath();
      if (random() < 0.1) return { kind: 'retry', error: 'timeout', afterS: 1, counts: false };
      return { kind: 'done', changes: trace(effect) };
    };
    const reported: unknown[] = [];
    for (let round = 0; round < 200; round++) {
      const pair = await Promise.all([1, 2].map(() => workerOf(t, outside(perform), frail(t.db, random))));
      await Promise.all(pair.map((worker) => worker.drain().catch(() => undefined)));
      for (const worker of pair) reported.push(...worker.reported);
      if ((await settledEach()).every((times) => times === 1)) break;
      t.advance(random() < 0.5 ? 1_001 : leaseMs + 1);
    }
    expect(await settledEach()).toEqual(Array.from({ length: 30 }, () => 1));
    expect(out).toEqual([]);
    // Otherwise nobody was killed at work, and nothing was shown.
    expect(Math.max(...attempts)).toBeGreaterThan(1);
    expect(reported).toEqual([]);
    expect(await deadlocks()).toBe(0);
  },
);

it('of two workers that hold the same effect, one after the lease of the other, only the later one settles it', async () => {
  const ids = await stage(t, [{}, {}, {}]);
  const opened: (() => void)[] = [];
  const gate = new Promise<void>((open) => opened.push(open));
  const slow = await workerOf(
    t,
    outside(async (effect) => {
      await gate;
      return { kind: 'dead', error: 'too_late', changes: trace(effect) };
    }),
  );
  const quick = await workerOf(
    t,
    outside(async (effect) => ({ kind: 'done', changes: trace(effect) })),
  );
  const slowly = slow.drain();
  while ((await sql(t, 'select from frontdesk.outbox where lease = 1')).length < ids.length) await breath();
  t.advance(leaseMs + 1);
  expect(await quick.drain()).toMatchObject({ done: 3 });
  for (const open of opened) open();
  expect(await slowly).toMatchObject({ fenced: 3, dead: 0 });
  expect(await settledEach()).toEqual([1, 1, 1]);
});
