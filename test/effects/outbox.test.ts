import { beforeEach, describe, expect, it } from 'vitest';
import { ConnectionLost, type Db } from '../../src/db/batch.ts';
import type { Claimed } from '../../src/db/outbox.ts';
import { mostAttempts } from '../../src/domain/backoff.ts';
import type { Performer, Settlement } from '../../src/effects/effect.ts';
import { leaseMs } from '../../src/effects/outbox.ts';
import { sql } from '../support/sql.ts';
import { openTestWorld, type TestWorld } from '../support/world.ts';
import { dueInMs, effectRow, inside, outside, stage, workerOf } from './effects-world.ts';

const t: TestWorld = await openTestWorld();
const performed: Claimed[] = [];
const recording =
  (answer: (effect: Claimed) => Settlement): Performer =>
  async (effect) => {
    performed.push(effect);
    return answer(effect);
  };
const doing = (answer: Settlement = { kind: 'done' }) => workerOf(t, outside(recording(() => answer)));
const idsDone = () => performed.map(({ effect_id }) => effect_id);

beforeEach(async () => {
  performed.length = 0;
  await sql(t, 'delete from frontdesk.outbox');
  await sql(t, 'delete from frontdesk.breakers');
});

describe('an effect', () => {
  it('is performed once and is then done', async () => {
    const [id] = await stage(t, [{ payload: { n: 1 } }]);
    const worker = await doing();
    expect(await worker.drain()).toMatchObject({ tenants: 1, done: 1 });
    await worker.drain();
    expect(performed).toMatchObject([{ effect_id: id, payload: { n: 1 }, attempts: 1, lease: 1 }]);
    expect(await effectRow(t, id)).toMatchObject({ state: 'done', leased_until: null, last_error: null });
  });

  it('waits until it is due', async () => {
    const [id] = await stage(t, [{ due_at: new Date(t.world.deps.now().getTime() + 60_000).toISOString() }]);
    const worker = await doing();
    await worker.drain();
    expect(performed).toEqual([]);
    t.advance(60_001);
    await worker.drain();
    expect(idsDone()).toEqual([id]);
  });

  it('of a kind that nobody performs is dead, with the reason', async () => {
    const [id] = await stage(t, [{ kind: 'nobody.knows.this' }]);
    expect(await (await doing()).drain()).toMatchObject({ dead: 1 });
    expect(await effectRow(t, id)).toMatchObject({ state: 'dead', last_error: 'unknown_kind' });
  });

  it('that its performer gives up is dead, with error and status, and stays so', async () => {
    const [id] = await stage(t, [{}]);
    const worker = await doing({ kind: 'dead', error: 'refused', status: 422 });
    await worker.drain();
    t.advance(86_400_000);
    await worker.drain();
    expect(performed).toHaveLength(1);
    expect(await effectRow(t, id)).toMatchObject({ state: 'dead', last_error: 'refused', last_status: 422 });
  });

  it('writes what its performer wants written together with its end', async () => {
    const [id] = await stage(t, [{}]);
    const followUp = { effect_id: t.world.admin.newId('eff'), kind: 'nobody.knows.this', aggregate: 'next', payload: {}, ...now() };
    await (await doing({ kind: 'done', changes: { effects: [followUp] } })).drain();
    expect(await effectRow(t, id)).toMatchObject({ state: 'done' });
    expect(await effectRow(t, followUp.effect_id)).toMatchObject({ state: 'dead' });
  });
});

const now = () => {
  const at = t.world.deps.now().toISOString();
  return { due_at: at, created_at: at };
};

describe('a failed attempt', () => {
  it('comes again after a pause that grows, is bounded, and is left to chance', async () => {
    const [id] = await stage(t, [{}]);
    const worker = await doing({ kind: 'retry', error: 'http_500', status: 500 });
    const waits: number[] = [];
    for (let attempt = 1; attempt < mostAttempts; attempt++) {
      await worker.drain();
      const { state, due_at } = await effectRow(t, id);
      expect(state).toBe('waiting');
      const wait = Math.max(0, Date.parse(due_at) - t.world.deps.now().getTime());
      expect(wait).toBeLessThanOrEqual(Math.min(6 * 3_600_000, 1000 * 2 ** attempt));
      waits.push(wait);
      t.advance(wait + 1);
    }
    await worker.drain();
    expect(await effectRow(t, id)).toMatchObject({ state: 'dead', attempts: mostAttempts, last_error: 'http_500', last_status: 500 });
    expect(Math.max(...waits)).toBeGreaterThan(600_000);
    expect(new Set(waits).size).toBeGreaterThan(10);
  });

  it('comes again when the other side asks for it', async () => {
    const [id] = await stage(t, [{}]);
    await (await doing({ kind: 'retry', error: 'http_429', afterS: 90 })).drain();
    const wait = Date.parse((await effectRow(t, id)).due_at) - t.world.deps.now().getTime();
    expect(wait).toBeGreaterThan(88_000);
    expect(wait).toBeLessThanOrEqual(90_000);
  });

  it('that is a bug is reported, and comes again as internal', async () => {
    const [id] = await stage(t, [{}]);
    const worker = await workerOf(
      t,
      outside(() => Promise.reject(new Error('a secret detail'))),
    );
    expect(await worker.drain()).toMatchObject({ retried: 1 });
    expect(worker.reported).toMatchObject([{ message: 'a secret detail' }]);
    expect(await effectRow(t, id)).toMatchObject({ state: 'waiting', last_error: 'internal' });
  });

  it('whose changes the database refuses is reported, and comes again without them', async () => {
    const [id] = await stage(t, [{}]);
    const impossible = { effect_id: 'eff_x', kind: 'k', aggregate: 'a', payload: {}, ...now(), due_at: 'never' };
    const worker = await doing({ kind: 'done', changes: { effects: [impossible] } });
    expect(await worker.drain()).toMatchObject({ retried: 1 });
    expect(worker.reported).toHaveLength(1);
    expect(await effectRow(t, id)).toMatchObject({ state: 'waiting', last_error: 'internal' });
  });

  it('does not keep the effects of other aggregates', async () => {
    const [bad, good] = await stage(t, [{ payload: { bad: true } }, {}]);
    const worker = await workerOf(
      t,
      outside(recording(({ effect_id }) => (effect_id === bad ? { kind: 'retry', error: 'timeout' } : { kind: 'done' }))),
    );
    await worker.drain();
    expect(await effectRow(t, good)).toMatchObject({ state: 'done' });
  });
});

describe('within one aggregate', () => {
  it('effects are performed by position, whatever order they were staged in', async () => {
    const ids = await stage(t, [
      { aggregate: 'one', position: '30' },
      { aggregate: 'one', position: '4' },
      { aggregate: 'one', position: '100' },
    ]);
    await (await doing()).drain();
    expect(idsDone()).toEqual([ids[1], ids[0], ids[2]]);
  });

  it('nothing passes one that waits for its next attempt', async () => {
    const [first, second] = await stage(t, [
      { aggregate: 'two', position: '1' },
      { aggregate: 'two', position: '2' },
    ]);
    const worker = await workerOf(
      t,
      outside(
        recording(({ attempts }) =>
          attempts < 3 && performed.length < 3 ? { kind: 'retry', error: 'timeout', afterS: 10 } : { kind: 'done' },
        ),
      ),
    );
    for (let round = 0; round < 4; round++) {
      await worker.drain();
      t.advance(10_001);
    }
    expect(idsDone()).toEqual([first, first, first, second]);
  });

  it('a dead one lets the next pass', async () => {
    const [, second] = await stage(t, [
      { aggregate: 'three', position: '1', kind: 'nobody.knows.this' },
      { aggregate: 'three', position: '2' },
    ]);
    await (await doing()).drain();
    expect(idsDone()).toEqual([second]);
  });
});

describe('a destination', () => {
  const five = (destination: string) =>
    stage(
      t,
      Array.from({ length: 5 }, () => ({ destination })),
    );

  it('that failed five times in a row is left alone for a minute, the others are not', async () => {
    await five('broken');
    await (await doing({ kind: 'retry', error: 'timeout', afterS: 1 })).drain();
    expect(performed).toHaveLength(5);
    const [behind, beside] = await stage(t, [{ destination: 'broken' }, { destination: 'sound' }]);
    performed.length = 0;
    t.advance(2_000);
    const worker = await doing();
    await worker.drain();
    expect(idsDone()).toEqual([beside]);
    t.advance(59_000);
    await worker.drain();
    expect(performed).toHaveLength(7);
    expect(idsDone()).toContain(behind);
  });

  it('is counted by failures in a row only: a success starts anew', async () => {
    const [id] = await stage(t, [{ destination: 'shaky' }]);
    let turn = 0;
    const worker = await workerOf(
      t,
      outside(recording(() => (++turn % 4 === 0 ? { kind: 'done' } : { kind: 'retry', error: 'timeout', afterS: 1 }))),
    );
    for (let round = 0; round < 4; round++, t.advance(1_001)) await worker.drain();
    await stage(t, [{ destination: 'shaky' }]);
    for (let round = 0; round < 4; round++, t.advance(1_001)) await worker.drain();
    expect(await effectRow(t, id)).toMatchObject({ state: 'done' });
    expect(performed).toHaveLength(8);
  });

  it('is not blamed for what does not speak against it', async () => {
    await five('innocent');
    await (await doing({ kind: 'retry', error: 'http_400', counts: false, afterS: 1 })).drain();
    expect(await sql(t, 'select * from frontdesk.breakers')).toEqual([]);
  });

  it('that is slow does not take every place', async () => {
    const slow: (() => void)[] = [];
    await stage(
      t,
      Array.from({ length: 20 }, () => ({ destination: 'slow' })),
    );
    const [other] = await stage(t, [{ destination: 'fast', due_at: new Date(t.world.deps.now().getTime() + 1).toISOString() }]);
    t.advance(10);
    const gate = new Promise<void>((open) => slow.push(open));
    const worker = await workerOf(
      t,
      outside(async (effect) => {
        performed.push(effect);
        if (effect.destination === 'slow') await gate;
        else for (const open of slow) open();
        return { kind: 'done' };
      }),
    );
    await worker.drain();
    expect(idsDone().indexOf(other ?? '')).toBe(4);
  });
});

describe('a worker that dies', () => {
  /** Fails at the n-th round trip from then on, before or after the database has done it. */
  function dying(at: number, when: 'before' | 'after'): Db {
    let trips = 0;
    return {
      async batch(context, statements) {
        trips += 1;
        if (trips > at || (trips === at && when === 'before')) throw new ConnectionLost('the test killed it');
        const results = await t.db.batch(context, statements);
        if (trips === at) throw new ConnectionLost('the test killed it');
        return results;
      },
      close: async () => {},
    };
  }

  // Due tenants, claim, settle, claim again, rest: killed at each of them, before it or after it.
  const deaths = [1, 2, 3, 4, 5].flatMap((at) => (['before', 'after'] as const).map((when) => [at, when] as const));

  it.each(deaths)('at round trip %i, %s it took effect, leaves an effect that is settled once by the next one', async (at, when) => {
    const [id] = await stage(t, [{}]);
    const first = await workerOf(t, outside(recording(() => ({ kind: 'done' }))), dying(at, when));
    await first.drain().catch(() => undefined);
    t.advance(leaseMs + 1);
    await (await doing()).drain();
    expect(await effectRow(t, id)).toMatchObject({ state: 'done', leased_until: null });
    expect(performed.length).toBeGreaterThanOrEqual(1);
    expect(performed.length).toBeLessThanOrEqual(2);
    expect(first.reported).toEqual([]);
  });

  it('has tried: what kills every worker is dead in the end, without being tried again', async () => {
    const [id] = await stage(t, [{}]);
    await sql(t, 'update frontdesk.outbox set attempts = $1', [mostAttempts]);
    await (await doing()).drain();
    expect(performed).toEqual([]);
    expect(await effectRow(t, id)).toMatchObject({ state: 'dead', last_error: 'attempts_exhausted' });
  });
});

/** A promise that a test keeps when it likes. */
function promised() {
  const keepers: (() => void)[] = [];
  const kept = new Promise<void>((keep) => void keepers.push(keep));
  return { kept, keep: () => keepers[0]?.() };
}

describe('a lease', () => {
  it('keeps others away until it is over', async () => {
    await stage(t, [{}]);
    const other = await doing();
    const worker = await workerOf(
      t,
      outside(async () => {
        await other.drain();
        expect(performed).toEqual([]);
        return { kind: 'done' };
      }),
    );
    expect(await worker.drain()).toMatchObject({ done: 1 });
    expect(worker.reported).toEqual([]);
  });

  it('that ran out while the performer was at work fences its result: the other one’s counts', async () => {
    const [id] = await stage(t, [{}]);
    const other = await doing({ kind: 'done', status: 201 });
    const slow = await workerOf(
      t,
      outside(async () => {
        t.advance(leaseMs + 1);
        await other.drain();
        return { kind: 'dead', error: 'too_late' };
      }),
    );
    expect(await slow.drain()).toMatchObject({ fenced: 1, dead: 0 });
    expect(await effectRow(t, id)).toMatchObject({ state: 'done', lease: 2, last_status: 201 });
  });

  it('that somebody else holds by now fences a result that comes before theirs', async () => {
    const [id] = await stage(t, [{}]);
    const begun = promised();
    const gate = promised();
    const other = await workerOf(
      t,
      outside(async () => {
        begun.keep();
        await gate.kept;
        return { kind: 'done', status: 201 };
      }),
    );
    const others: Promise<unknown>[] = [];
    const slow = await workerOf(
      t,
      outside(async () => {
        t.advance(leaseMs + 1);
        others.push(other.drain());
        await begun.kept;
        return { kind: 'dead', error: 'too_late' };
      }),
    );
    expect(await slow.drain()).toMatchObject({ fenced: 1, dead: 0 });
    gate.keep();
    expect(await Promise.all(others)).toMatchObject([{ done: 1 }]);
    expect(await effectRow(t, id)).toMatchObject({ state: 'done', lease: 2, last_status: 201 });
  });

  it('that ran out although nobody took over lets the result count', async () => {
    const [id] = await stage(t, [{}]);
    const slow = await workerOf(
      t,
      outside(async () => {
        t.advance(leaseMs + 1);
        return { kind: 'done' };
      }),
    );
    expect(await slow.drain()).toMatchObject({ done: 1, fenced: 0 });
    expect(await effectRow(t, id)).toMatchObject({ state: 'done', lease: 1 });
  });
});

describe('a commit that met another one', () => {
  const conflicting: Settlement = {
    kind: 'done',
    changes: { revived_effects: [{ effect_id: 'eff_x', from_state: 'dead', state: 'waiting', due_at: null, at: '2026-01-01T00:00:00Z' }] },
  };

  it('has a performer that only decides decide anew at once', async () => {
    const [id] = await stage(t, [{}]);
    const worker = await workerOf(t, inside(recording(() => (performed.length < 4 ? conflicting : { kind: 'done' }))));
    expect(await worker.drain()).toMatchObject({ done: 1 });
    expect(performed).toHaveLength(4);
    expect(await effectRow(t, id)).toMatchObject({ state: 'done', attempts: 1 });
  });

  it('does not have anything done outside twice before the lease is over', async () => {
    const [id] = await stage(t, [{}]);
    const worker = await doing(conflicting);
    expect(await worker.drain()).toMatchObject({ open: 1 });
    expect(performed).toHaveLength(1);
    expect(await effectRow(t, id)).toMatchObject({ state: 'waiting', lease: 1 });
  });
});

describe('when the tenant is looked at again', () => {
  it('is when the next effect is due', async () => {
    await stage(t, [{}]);
    await (await doing({ kind: 'retry', error: 'timeout', afterS: 30 })).drain();
    expect(await dueInMs(t)).toBeGreaterThan(28_000);
    expect(await dueInMs(t)).toBeLessThanOrEqual(30_000);
  });

  it('is when the lease of somebody else is over', async () => {
    await stage(t, [{}]);
    await sql(t, 'update frontdesk.outbox set leased_until = $1', [new Date(t.world.deps.now().getTime() + 20_000)]);
    await (await doing()).drain();
    expect(await dueInMs(t)).toBeGreaterThan(18_000);
    expect(await dueInMs(t)).toBeLessThanOrEqual(20_000);
  });

  it('is when a breaker closes', async () => {
    await stage(t, [{ destination: 'broken' }]);
    await sql(
      t,
      `insert into frontdesk.breakers (tenant_id, destination, failures, open_until)
       values (nullif(current_setting('frontdesk.tenant', true), ''), 'broken', 5, $1)`,
      [new Date(t.world.deps.now().getTime() + 20_000)],
    );
    await (await doing()).drain();
    expect(await dueInMs(t)).toBeGreaterThan(18_000);
    expect(await dueInMs(t)).toBeLessThanOrEqual(20_000);
  });

  it('is at once when a round could not do everything', async () => {
    await stage(t, [{}, {}, {}]);
    const worker = await doing();
    expect(await worker.drain(2)).toMatchObject({ done: 2 });
    expect(await dueInMs(t)).toBeLessThanOrEqual(0);
    expect(await worker.drain(2)).toMatchObject({ done: 1 });
  });

  it('is after a minute at the latest, also where nothing is seen: a commit may be under way', async () => {
    await stage(t, [{}]);
    const worker = await doing();
    await worker.drain();
    expect(await dueInMs(t)).toBeGreaterThan(58_000);
    expect(await dueInMs(t)).toBeLessThanOrEqual(60_000);
    expect(await worker.drain()).toMatchObject({ tenants: 0 });
  });

  it('is at once after a commit that staged something', async () => {
    await stage(t, [{}]);
    await (await doing()).drain();
    await stage(t, [{}]);
    expect(await dueInMs(t)).toBeLessThanOrEqual(0);
  });
});
