import { afterAll, beforeAll, expect, test } from 'vitest';
import { runAudit } from '../../src/admin/isolation/audit.ts';
import { probeTenant } from '../../src/admin/isolation/probes.ts';
import { withIsolation } from '../../src/admin/isolation/with-isolation.ts';
import { DatabaseError, type Db } from '../../src/db/batch.ts';
import { connectPostgres } from '../../src/db/drivers/postgres.ts';
import { memory } from '../../src/db/memory.ts';
import { query } from '../support/postgres.ts';
import { type MigratedDatabase, migratedDatabase, rowsOf } from '../support/postgres-world.ts';
import { firstOfEach, insertInto, rowOf, tableNames } from '../support/row-of-each-table.ts';

let database: MigratedDatabase;
let db: Db;
beforeAll(async () => {
  database = await migratedDatabase();
  const second = ['tenants', 'tenant_hosts'].map((table) => insertInto(table, { ...rowOf(table, 2), tenant_id: 'ten_b' }));
  await query(database.adminUrl, [firstOfEach(), ...second].join(';\n'));
  db = connectPostgres(database.appUrl, { max: 2 });
});
afterAll(async () => {
  await db?.close();
  await database?.drop();
});

let ids = 0;
const now = new Date('2026-03-01T00:00:00.000Z');
const audit = (over: Partial<Db> = {}) => {
  const used = { ...db, batch: db.batch.bind(db), close: () => db.close(), ...over };
  // The rows that stand for a ledger here hold no hashes of anything.
  return runAudit({ db: used, memory: memory(db), newId: (prefix) => `${prefix}_audit_${++ids}` }, now, async () => []);
};
const contents = () =>
  rowsOf(
    database.adminUrl,
    tableNames
      .filter((table) => !['audits', 'events', 'outbox', 'due_work'].includes(table))
      .map(
        (table) =>
          `select '${table}' as name, count(*)::int as n, md5(string_agg(t::text || t.xmin, ' ' order by t::text)) from frontdesk.${table} t`,
      )
      .join(' union all '),
  );
const recorded = (from: string, order: string) =>
  rowsOf<Record<string, unknown>>(
    database.adminUrl,
    `select * from frontdesk.${from} where ${order} like '%_audit_%' order by ${order} desc limit 2`,
  );

/** Breaks something as the superuser, looks, and mends it. */
async function broken<T>(sql: string, mend: string, look: () => Promise<T>): Promise<T> {
  await query(database.adminUrl, sql);
  return look().finally(() => query(database.adminUrl, mend));
}

test('where the walls stand every tenant has a passed audit, and nothing else was written', async () => {
  const before = await contents();
  expect(await audit()).toMatchObject({ tenants: 2, failed: 0, unrecorded: 0 });
  expect(await contents()).toEqual(before);
  const [audited] = await recorded('audits', 'audit_id');
  expect(audited).toMatchObject({ ok: true, findings: [] });
  expect(audited?.checks).toBeGreaterThan(500);
  expect(await recorded('events', 'event_id')).toEqual([]);
  expect(await recorded('outbox', 'effect_id')).toEqual([]);
});

test.each([
  [
    'a policy lets a reader see another tenant',
    'alter policy reader_of_organization on frontdesk.holds using (true)',
    ['probe.seen holds reader as another organization', 'probe.seen holds reader as another tenant'],
  ],
  [
    'a policy lets a writer see and change another tenant',
    'alter policy writer_of_tenant on frontdesk.counters using (true) with check (true)',
    ['probe.changed counters as another tenant', 'probe.seen counters writer without a context'],
  ],
  [
    'a policy lets a writer add to another tenant',
    'alter policy writer_of_tenant on frontdesk.agents with check (true)',
    ['probe.added agents as another tenant', 'probe.added agents without a context'],
  ],
  [
    'a policy lets a writer delete what another tenant has',
    'alter policy writer_of_tenant on frontdesk.idempotency using (true)',
    ['probe.deleted idempotency as no tenant', 'probe.deleted idempotency without a context'],
  ],
])('when %s, it is found, and still nothing is written', async (_, change, expected) => {
  const before = await contents();
  const [, , policy, table] = /(alter policy (\w+)) (on frontdesk\.\w+)/.exec(change) ?? [];
  const restore = await rowsOf<{ text: string }>(
    database.adminUrl,
    `select format('alter policy ${policy} ${table} using (%s)', qual) || case when with_check is null then '' else format(' with check (%s)', with_check) end as text
     from pg_policies where policyname = '${policy}' and 'on frontdesk.' || tablename = '${table}'`,
  );
  const { findings } = await broken(change, restore[0]?.text ?? '', () => probeTenant(db, 'ten_a', 'ten_b'));
  expect(findings.map(({ rule, where }) => `${rule} ${where}`)).toEqual(expect.arrayContaining(expected));
  expect(await contents()).toEqual(before);
});

test('what is found is recorded with the tenant, published, and staged for people', async () => {
  const failed = await broken(
    'alter table frontdesk.holds no force row level security',
    'alter table frontdesk.holds force row level security',
    audit,
  );
  expect(failed).toMatchObject({ tenants: 2, failed: 2, unrecorded: 0 });
  const findings = [
    { rule: 'table.unexpected', where: 'holds r enabled' },
    { rule: 'table.missing', where: 'holds r enabled forced' },
  ];
  expect((await recorded('audits', 'audit_id')).map(({ ok, findings }) => ({ ok, findings }))).toContainEqual({ ok: false, findings });
  expect((await recorded('events', 'event_id'))[0]).toMatchObject({ type: 'audit.failed', organization_id: null, sequence: null });
  expect((await recorded('outbox', 'effect_id'))[0]).toMatchObject({ kind: 'audit.report', state: 'waiting', payload: { findings } });
});

test('an audit that could not be finished is not a passed one', async () => {
  const refused = new DatabaseError('canceling statement due to statement timeout', '57014', undefined);
  const batch: Db['batch'] = (context, statements) =>
    statements.some(({ name }) => name === 'audit.probe') ? Promise.reject(refused) : db.batch(context, statements);
  expect(await audit({ batch })).toMatchObject({ failed: 2 });
  expect((await recorded('audits', 'audit_id')).map(({ findings }) => findings)).toContainEqual([
    { rule: 'probe.unfinished', where: '57014' },
  ]);
});

test('the doctor names what is wrong with the walls, beside what it says otherwise', async () => {
  const health = { ok: true, checks: [] };
  expect(await withIsolation({ db }, health)).toMatchObject({ ok: true, checks: [{ name: 'isolation', ok: true }] });
  const [grant, revoke] = ['grant select on frontdesk.agents to public', 'revoke select on frontdesk.agents from public'];
  expect(await broken(grant, revoke, () => withIsolation({ db }, health))).toEqual({
    ok: false,
    checks: [{ name: 'isolation', ok: false, detail: 'grant.unexpected: agents public SELECT.' }],
  });
});
