import { Client } from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Changes } from '../../src/domain/decision.ts';
import { sealTenant } from '../../src/effects/seal/seal-tenant.ts';
import { decisionOf, expectWhole, writeEvents } from '../support/ledger-writing.ts';
import { openPostgresWorld, type PostgresWorld, serverOfItsOwn } from '../support/postgres-world.ts';
import { leavesOf, sealAt, sealDepsOf } from '../support/seal.ts';
import { sql, tenantAt } from '../support/sql.ts';
import { demoHost } from '../support/world.ts';

let t: PostgresWorld;
let tenant = '';
beforeAll(async () => {
  t = await openPostgresWorld({ max: 24 }, await serverOfItsOwn());
  tenant = await tenantAt(t, demoHost);
  await sealAt(t);
});

/** A transaction of its own, in the middle of a commit. */
async function begun(changes: Changes): Promise<{ client: Client; pid: number }> {
  const client = new Client({ connectionString: t.database.appUrl });
  client.on('error', () => {});
  await client.connect();
  await client.query(`begin; select set_config('role', 'frontdesk_writer', true), set_config('frontdesk.tenant', '${tenant}', true)`);
  await client.query('select frontdesk.commit($1::jsonb)', [JSON.stringify(changes)]);
  const { rows } = await client.query('select pg_backend_pid() as pid');
  return { client, pid: rows[0].pid };
}

describe('while sixteen write', () => {
  it('two sealers skip nothing, seal nothing twice, and make one chain', async () => {
    let writing = true;
    const sealer = async () => {
      let blocks = 0;
      while (writing) blocks += (await sealTenant(sealDepsOf(t), tenant)).blocks;
      return blocks;
    };
    const sealing = [sealer(), sealer()];
    const writer = async () => {
      const ids: string[] = [];
      for (let n = 0; n < 25; n++) ids.push(...(await writeEvents(t, 1 + (n % 3))));
      return ids;
    };
    const written = (await Promise.all(Array.from({ length: 16 }, writer))).flat();
    writing = false;
    const blocks = await Promise.all(sealing);
    expect(blocks.reduce((sum, made) => sum + made, 0)).toBeGreaterThan(1);
    await sealAt(t);
    const sealed = new Set((await leavesOf(t)).map(({ event_id }) => event_id));
    expect(written.filter((id) => !sealed.has(id))).toEqual([]);
    await expectWhole(t);
  });
});

describe('a transaction that is still running', () => {
  it('is waited for by everything younger, and then comes first', async () => {
    const early = await begun(await decisionOf(t, 1));
    const [late = ''] = await writeEvents(t, 1);
    expect(await sealAt(t)).toMatchObject({ leaves: 0, left: 'waiting' });
    await early.client.query('commit');
    await early.client.end();
    expect(await sealAt(t)).toMatchObject({ leaves: 2, left: 'sealed' });
    expect((await leavesOf(t)).at(-1)?.event_id).toBe(late);
    await expectWhole(t);
  });
});

describe('a sealer that dies', () => {
  /** The decision that a sealer would commit now. */
  async function drafted(): Promise<Changes> {
    let changes: Changes | null = null;
    const deps = sealDepsOf(t);
    const memory = {
      ...deps.memory,
      commit: async (_: string, wanted: Changes) => {
        changes = wanted;
        throw new Error('killed');
      },
    };
    await expect(sealTenant({ ...deps, memory }, tenant)).rejects.toThrow('killed');
    if (changes === null) throw new Error('there was nothing to seal');
    return changes;
  }

  it('before its commit leaves nothing behind', async () => {
    await writeEvents(t, 3);
    await drafted();
    expect(await sealAt(t)).toMatchObject({ blocks: 1, leaves: 3 });
    await expectWhole(t);
  });

  it('in the middle of its block leaves the block to the one that waits for it', async () => {
    await writeEvents(t, 3);
    const dying = await begun(await drafted());
    const other = sealAt(t);
    // The other one stands at the same block number until the first is gone.
    for (let blocked = false; !blocked; ) {
      const [seen] = await t.see<{ blocked: boolean }>(
        `select exists (select from pg_stat_activity a where ${dying.pid} = any (pg_blocking_pids(a.pid))) as blocked`,
      );
      blocked = seen?.blocked ?? false;
    }
    await t.see(`select pg_terminate_backend(${dying.pid})`);
    expect(await other).toMatchObject({ blocks: 1, leaves: 3 });
    await expectWhole(t);
  });

  it('after its block but before it knew loses nothing', async () => {
    await writeEvents(t, 3);
    const deps = sealDepsOf(t);
    const memory = {
      ...deps.memory,
      async commit(of: string, wanted: Changes) {
        await deps.memory.commit(of, wanted);
        return 'again' as const;
      },
    };
    expect(await sealTenant({ ...deps, memory }, tenant)).toMatchObject({ left: 'sealed' });
    expect(await sealAt(t)).toMatchObject({ blocks: 0 });
    await expectWhole(t);
  });

  it('one that drafted before another sealed is refused, whatever it drafted', async () => {
    await writeEvents(t, 2);
    const stale = await drafted();
    await sealAt(t);
    expect(await t.world.deps.memory.commit(tenant, stale)).toBe('again');
    await writeEvents(t, 1);
    await sealAt(t);
    expect(await t.world.deps.memory.commit(tenant, stale)).toBe('again');
    await expectWhole(t);
  });
});

it('reads what is unsealed of a long ledger, not all of it', async () => {
  for (let n = 0; n < 4; n++) await writeEvents(t, 1024);
  await sealAt(t);
  await writeEvents(t, 5);
  const { unsealedEvents } = t.world.deps.queries;
  const plan = JSON.stringify(await sql(t, `explain (analyze, timing off, format json) ${unsealedEvents().text}`));
  const scans = [...plan.matchAll(/"Relation Name":"ledger_events"[^}]*?"Actual Rows":(\d+)/g)].map(([, rows]) => Number(rows));
  expect(scans).toEqual([5]);
  await sealAt(t);
});
