import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { catalogueStatements, judgeCatalogue } from '../../src/admin/isolation/catalogue-check.ts';
import { readCatalogue, withoutSearchPath } from '../../src/admin/isolation/catalogue-facts.ts';
import { tableShapes } from '../../src/admin/isolation/tenant-tables.ts';
import { migratedPglite } from '../support/migrated-pglite.ts';
import { type MigratedDatabase, migratedDatabase, rowsOf } from '../support/postgres-world.ts';

/** What the catalogue of a migrated database says of who is kept from what, and that a change of it is noticed. */
let database: MigratedDatabase;
let owner: Client;
let superuser: Client;
beforeAll(async () => {
  database = await migratedDatabase();
  owner = new Client({ connectionString: database.ownerUrl });
  superuser = new Client({ connectionString: database.adminUrl });
  await Promise.all([owner.connect(), superuser.connect()]);
});
afterEach(() => Promise.all([owner, superuser].map((client) => client.query('rollback'))));
afterAll(async () => {
  await Promise.all([owner, superuser].map((client) => client?.end()));
  await database?.drop();
});

/** What is found after a change that does not last, as `rule where`. */
async function foundAfter(change: string, client = owner): Promise<string[]> {
  await client.query(`begin; ${change}; set local role frontdesk_reader`);
  await client.query(withoutSearchPath.text);
  const { rows } = await client.query(readCatalogue.text);
  return judgeCatalogue(readCatalogue.read(rows)).map(({ rule, where }) => `${rule} ${where}`);
}

test('a migrated database is as it has to be', async () => {
  expect(await foundAfter('select 1')).toEqual([]);
});

test('so is an embedded one', async () => {
  const db = await migratedPglite();
  const [, facts] = await db.batch({ role: 'reader' }, catalogueStatements);
  await db.close();
  expect(judgeCatalogue(facts)).toEqual([]);
});

test('every table of the schema is in the list', async () => {
  const found = await rowsOf<{ name: string }>(
    database.adminUrl,
    "select relname as name from pg_class where relnamespace = 'frontdesk'::regnamespace and relkind not in ('i', 'I', 't') order by 1",
  );
  expect(tableShapes().map(({ table }) => table)).toEqual(found.map(({ name }) => name));
});

describe('is noticed:', () => {
  test.each([
    ['row-level security that is off', 'alter table frontdesk.holds disable row level security', 'table.missing holds r enabled forced'],
    ['not forced', 'alter table frontdesk.holds no force row level security', 'table.unexpected holds r enabled'],
    ['a table that nobody entered', 'create table frontdesk.hoard (tenant_id text not null)', 'table.unexpected hoard r'],
    ['a table without a tenant', 'create table frontdesk.hoard (id text)', 'tenant_column.unexpected hoard'],
    [
      'a table whose tenant may be missing',
      'alter table frontdesk.audits drop constraint audits_tenant_id_audit_id_pk; alter table frontdesk.audits alter tenant_id drop not null',
      'tenant_column.unexpected audits',
    ],
    ['a policy that is gone', 'drop policy writer_of_tenant on frontdesk.agents', 'policy.missing agents writer_of_tenant'],
    [
      'a policy that lets everything through',
      'alter policy reader_of_tenant on frontdesk.tenants using (true)',
      'policy.unexpected tenants reader_of_tenant',
    ],
    [
      'a policy that checks nothing',
      'alter policy writer_of_tenant on frontdesk.tenants with check (true)',
      'policy.unexpected tenants writer_of_tenant',
    ],
    [
      'a policy for one more role',
      'alter policy reader_of_tenant on frontdesk.tenants to public',
      'policy.unexpected tenants reader_of_tenant',
    ],
    ['a policy more', 'create policy more on frontdesk.agents using (true)', 'policy.unexpected agents more'],
    ['a trigger that is gone', 'drop trigger append_only on frontdesk.leaves', 'trigger.missing leaves O CREATE TRIGGER append_only'],
    [
      'a trigger that sleeps',
      'alter table frontdesk.entries disable trigger balanced',
      'trigger.unexpected entries D CREATE CONSTRAINT TRIGGER balanced',
    ],
    ['a grant too many', 'grant update on frontdesk.entries to frontdesk_writer', 'grant.unexpected entries frontdesk_writer UPDATE'],
    [
      'a column too many',
      'grant update (ok) on frontdesk.audits to frontdesk_writer',
      'grant.unexpected audits frontdesk_writer UPDATE (ok)',
    ],
    ['a grant to everybody', 'grant select on frontdesk.agents to public', 'grant.unexpected agents public SELECT'],
    ['a grant that is gone', 'revoke select on frontdesk.agents from frontdesk_writer', 'grant.missing agents frontdesk_writer SELECT'],
    ['the schema to everybody', 'grant usage on schema frontdesk to public', 'grant.unexpected schema public USAGE'],
    ['a function for everybody', 'grant execute on function frontdesk.commit(jsonb) to public', 'function.unexpected commit for public'],
    [
      'a function for the reader',
      'grant execute on function frontdesk.commit(jsonb) to frontdesk_reader',
      'function.unexpected commit for frontdesk_reader',
    ],
    [
      'a function with its owner’s rights',
      'alter function frontdesk.commit(jsonb) security definer',
      'function.unexpected commit as frontdesk_owner',
    ],
    [
      'a function that looks names up where its caller says',
      'alter function frontdesk.commit(jsonb) reset search_path',
      'function.unexpected commit has no fixed search path',
    ],
    ['a key without the tenant', 'create unique index lone on frontdesk.agents (agent_id)', 'key.unexpected frontdesk.lone'],
    [
      'a reference without the tenant',
      'alter table frontdesk.agents add unique (tenant_id, name), add constraint lone foreign key (name, tenant_id) references frontdesk.agents (name, tenant_id)',
      'reference.unexpected agents lone',
    ],
    [
      'a reference that was never checked',
      'alter table frontdesk.agents add constraint lone foreign key (tenant_id, agent_id) references frontdesk.agents not valid',
      'reference.unexpected agents lone',
    ],
    ['a sequence, which counts for all tenants', 'create sequence frontdesk.counted', 'relation.unexpected counted S'],
    ['a view that shows what its owner sees', 'create view frontdesk.seen as select * from frontdesk.agents', 'relation.unexpected seen v'],
    [
      'a copy that policies do not hold for',
      'create materialized view frontdesk.seen as select * from frontdesk.agents',
      'relation.unexpected seen m',
    ],
  ])('%s', async (_, change, finding) => {
    expect((await foundAfter(change)).filter((found) => found.startsWith(finding))).toHaveLength(1);
  });

  test('a view that asks as whoever looks is no finding', async () => {
    expect(await foundAfter('create view frontdesk.seen with (security_invoker = true) as select * from frontdesk.agents')).toEqual([]);
  });

  test.each([
    ['a role that may bypass policies', 'alter role frontdesk_reader bypassrls', 'role.unexpected frontdesk_reader has power'],
    ['a role that may log in', 'alter role frontdesk_writer login', 'role.unexpected frontdesk_writer has power'],
    ['a role that is another', 'grant frontdesk_writer to frontdesk_reader', 'role.unexpected frontdesk_reader is frontdesk_writer'],
    [
      'a role that inherits',
      'grant frontdesk_writer to frontdesk_app with inherit true',
      'role.unexpected frontdesk_app is frontdesk_writer',
    ],
    ['a role that owns a table', 'alter table frontdesk.agents owner to frontdesk_writer', 'role.unexpected frontdesk_writer owns agents'],
    ['a login that is a superuser', 'select 1', 'role.unexpected postgres has power'],
    ['foreign keys that sleep', 'alter table frontdesk.leaves disable trigger all', 'trigger.unexpected leaves D leaves_block'],
  ])('%s', async (_, change, finding) => {
    expect(await foundAfter(change, superuser)).toContainEqual(expect.stringContaining(finding));
  });
});
