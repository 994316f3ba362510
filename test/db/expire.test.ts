import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Db } from '../../src/db/batch.ts';
import { connectPostgres } from '../../src/db/drivers/postgres.ts';
import { query } from '../support/postgres.ts';
import { type MigratedDatabase, migratedDatabase, rowsOf } from '../support/postgres-world.ts';
import { type Fixture, insertInto, rowOf } from '../support/row-of-each-table.ts';

/** Forty workspaces of two owners that are over, a row in each, and one that ends a millisecond later. */
const count = 40;
const at = '2026-06-01T00:00:00.000Z';
const owners = ['own_0', 'own_1'];

const workspace = (n: number, expires_at: string): readonly string[] => {
  const id = { workspace_id: `ws_${n}` };
  const secrets = { key_hash: `\\x${String(n).padStart(64, '0')}`, claim_hash: `\\x${String(n).padStart(64, '0')}` };
  const row: Fixture = { ...rowOf('workspaces', 1), ...id, ...secrets, referral_id: 'ref_1', owner: owners[n % 2], expires_at };
  return [insertInto('workspaces', row), insertInto('workspace_rows', { ...rowOf('workspace_rows', 1), ...id })];
};

let database: MigratedDatabase;
let db: Db;
beforeAll(async () => {
  database = await migratedDatabase();
  const content = [
    insertInto('tenants', rowOf('tenants', 1)),
    insertInto('prospects', rowOf('prospects', 1)),
    ...Array.from({ length: count }, (_, n) => workspace(n, at)).flat(),
    ...workspace(900, '2026-06-01T00:00:00.001Z'),
    ...owners.map((subject) => insertInto('counters', { ...rowOf('counters', 1), subject, value: count, limit: 99 })),
    insertInto('due_work', { tenant_id: 'ten_a', kind: 'expire', at }),
  ];
  await query(database.adminUrl, content.join(';\n'));
  db = connectPostgres(database.appUrl, { max: 10 });
});
afterAll(async () => {
  await db?.close();
  await database?.drop();
});

interface Done {
  readonly expired: number;
}

async function expire(batch: number): Promise<Done> {
  const text = 'select frontdesk.expire($1, $2) as done';
  const [done] = await db.batch({ role: 'writer', tenant: 'ten_a' }, [
    { name: 'expire', text, values: [at, batch], read: (rows) => rows[0]?.done as Done },
  ]);
  return done;
}

const see = (text: string) => rowsOf(database.adminUrl, text);

test('many at once end each workspace once, free what it used once, and leave what is not over', async () => {
  const done = await Promise.all(Array.from({ length: 10 }, () => expire(7)));
  done.push(await expire(100));
  expect(done.reduce((sum, { expired }) => sum + expired, 0)).toBe(count);
  const byStatus = 'select status, count(*)::int as n, sum(row_count)::int as rows from frontdesk.workspaces group by 1 order by 1';
  expect(await see(byStatus)).toEqual([
    { status: 'active', n: 1, rows: 1 },
    { status: 'expired', n: count, rows: 0 },
  ]);
  expect(await see('select workspace_id from frontdesk.workspace_rows')).toEqual([{ workspace_id: 'ws_900' }]);
  expect(await see('select subject, value::int from frontdesk.counters order by 1')).toEqual(
    owners.map((subject) => ({ subject, value: count / 2 })),
  );
});

test('a time that has nothing to end changes nothing, and the next time is that of the next end', async () => {
  expect(await expire(7)).toEqual({ expired: 0, swept: 0, forgotten: 0, more: false });
  expect(await see("select at = '2026-06-01T00:00:00.001Z'::timestamptz as next from frontdesk.due_work where kind = 'expire'")).toEqual([
    { next: true },
  ]);
});

test('what was used once, over links, sessions and abandoned registrations are forgotten, what somebody claimed is not', async () => {
  const ended = '2026-05-01T00:00:00Z';
  const claimed = { registration_id: 'reg_claimed', claim_hash: '\\x07', state: 'claimed', claimed_by: 'psn_1' };
  const before = { created_at: '2026-04-01T00:00:00Z' };
  const lasting = (table: string, ends: string) => insertInto(table, { ...rowOf(table, 2), [ends]: at });
  const over = (table: string, change: Fixture) => insertInto(table, { ...rowOf(table, 1), ...before, ...change });
  await query(
    database.adminUrl,
    [
      ...['organizations', 'agents', 'people'].map((table) => insertInto(table, rowOf(table, 1))),
      ...Array.from({ length: 5 }, (_, n) =>
        insertInto('spent', { ...rowOf('spent', 1), digest: `d${n}`, expires_at: n === 4 ? '2026-06-01T00:00:01Z' : at }),
      ),
      ...[over('sign_in_links', { expires_at: ended }), lasting('sign_in_links', 'expires_at')],
      ...[
        { link_id: 'lnk_3', token_hash: '\\x03', used_at: '2026-03-03T00:00:00.001Z' },
        { link_id: 'lnk_4', token_hash: '\\x04', used_at: '2026-03-02T23:59:59.999Z' },
      ].map((used) =>
        insertInto('sign_in_links', {
          ...{ ...rowOf('sign_in_links', 1), purpose: 'sign_in', browser_hash: `\\x${'0b'.repeat(32)}`, ...used },
          ...{ created_at: '2026-03-01T00:00:00Z', expires_at: '2026-03-01T01:00:00Z' },
        }),
      ),
      ...[over('sessions', { expires_at: ended }), lasting('sessions', 'expires_at')],
      ...[over('registrations', { claim_expires_at: ended }), over('registrations', { ...claimed, claim_expires_at: ended })],
      lasting('registrations', 'claim_expires_at'),
    ].join(';\n'),
  );
  // Three nonces fit in a round: there is more to do at once, and it is due again.
  expect(await expire(3)).toMatchObject({ more: true });
  expect(await see("select at = '2026-06-01'::timestamptz as now from frontdesk.due_work where kind = 'expire'")).toEqual([{ now: true }]);
  expect(await expire(3)).toMatchObject({ more: false });
  expect(await see('select digest from frontdesk.spent')).toEqual([{ digest: 'd4' }]);
  // By a link that was used lately a browser is known again.
  expect(await see('select link_id from frontdesk.sign_in_links order by 1')).toEqual([{ link_id: 'lnk_2' }, { link_id: 'lnk_3' }]);
  expect(await see("select encode(session_hash, 'hex') as hash from frontdesk.sessions")).toEqual([{ hash: '02'.repeat(32) }]);
  expect(await see('select registration_id from frontdesk.registrations order by 1')).toEqual([
    { registration_id: 'reg_2' },
    { registration_id: 'reg_claimed' },
  ]);
});

test('whose mailbox it was is forgotten a day after it could be used, whether or not it was', async () => {
  const proof = (n: number, change: Fixture) =>
    insertInto('mailbox_proofs', {
      ...{ ...rowOf('mailbox_proofs', 1), proof_id: `mbx_${n}`, token_hash: `\\x0${n}`, workspace_id: 'ws_900' },
      ...{ created_at: '2026-05-01T00:00:00Z', ...change },
    });
  await query(
    database.adminUrl,
    [
      proof(1, { expires_at: '2026-05-30T23:59:59.999Z' }),
      proof(2, { expires_at: '2026-05-30T23:59:59.999Z', proven_at: at, used_at: at }),
      proof(3, { expires_at: '2026-05-31T00:00:00Z', proven_at: at, used_at: at }),
    ].join(';\n'),
  );
  await expire(3);
  expect(await see('select proof_id from frontdesk.mailbox_proofs')).toEqual([{ proof_id: 'mbx_3' }]);
});

test('who waits for an answer waits two weeks, and an expired proof of a domain is kept a month unless a conflict tells of it', async () => {
  const [long, lately] = ['2026-05-18T00:00:00.000Z', '2026-05-18T00:00:00.001Z'];
  const proof = (n: number, change: Fixture) =>
    insertInto('domain_proofs', { ...rowOf('domain_proofs', 1), proof_id: `dpf_${n}`, state: 'expired', ...change });
  const long_over = { expires_at: '2026-05-01T23:59:59Z' };
  const open = { state: 'open', decided_at: null, decided_by: null };
  await query(
    database.adminUrl,
    [
      insertInto('agents', rowOf('agents', 2)),
      ...[long, lately].flatMap((since, n): string[] => [
        insertInto('join_requests', {
          ...rowOf('join_requests', 1),
          ...open,
          join_id: `jrq_${n}`,
          agent_id: `agt_${n + 1}`,
          requested_at: since,
        }),
        insertInto('partner_applications', {
          ...{ ...rowOf('partner_applications', 1), ...open, application_id: `app_${n}`, email: `${n}@x.example`, created_at: since },
        }),
      ]),
      ...[proof(11, long_over), proof(12, long_over), proof(13, { expires_at: '2026-05-02T00:00:00Z' })],
      proof(14, { ...long_over, state: 'pending', domain: 'pending.example' }),
      insertInto('domain_conflicts', { ...rowOf('domain_conflicts', 1), conflict_id: 'dcf_12', proof_id: 'dpf_12' }),
    ].join(';\n'),
  );
  await expire(7);
  for (const table of ['join_requests', 'partner_applications']) {
    expect(await see(`select state, decided_by from frontdesk.${table} order by 1`)).toEqual([
      { state: 'expired', decided_by: 'schedule' },
      { state: 'open', decided_by: null },
    ]);
  }
  expect(await see('select proof_id from frontdesk.domain_proofs order by 1')).toEqual(
    ['dpf_12', 'dpf_13', 'dpf_14'].map((proof_id) => ({ proof_id })),
  );
});

test('without a tenant nothing comes to an end', async () => {
  const statement = { name: 'expire', text: 'select frontdesk.expire($1, $2) as done', values: ['2027-01-01', 9], read: () => undefined };
  await db.batch({ role: 'writer' }, [statement]);
  expect(await see("select workspace_id from frontdesk.workspaces where status = 'active'")).toEqual([{ workspace_id: 'ws_900' }]);
});
