import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { query } from '../support/postgres.ts';
import { type MigratedDatabase, migratedDatabase, rowsOf } from '../support/postgres-world.ts';
import { firstOfEach, insertInto, rowOf } from '../support/row-of-each-table.ts';

let database: MigratedDatabase;
let superuser: Client;
let owner: Client;
let app: Client;
beforeAll(async () => {
  database = await migratedDatabase();
  await query(database.adminUrl, firstOfEach());
  for (const { name, key } of await rowsOf<{ name: string; key: string }>(database.adminUrl, primaryKeys)) keys.set(name, key);
  superuser = new Client({ connectionString: database.adminUrl });
  owner = new Client({ connectionString: database.ownerUrl });
  app = new Client({ connectionString: database.appUrl });
  await Promise.all([superuser, owner, app].map((client) => client.connect()));
});
afterEach(() => Promise.all([superuser, owner, app].map((client) => client.query('rollback'))));
afterAll(async () => {
  await Promise.all([superuser, owner, app].map((client) => client?.end()));
  await database?.drop();
});

const inTenant = "begin; set local frontdesk.tenant = 'ten_a'; set local frontdesk.reach = 'tenant';";
const who: Readonly<Record<string, () => { client: Client; begin: string }>> = {
  reader: () => ({ client: app, begin: `${inTenant} set local role frontdesk_reader;` }),
  writer: () => ({ client: app, begin: `${inTenant} set local role frontdesk_writer;` }),
  owner: () => ({ client: owner, begin: inTenant }),
  superuser: () => ({ client: superuser, begin: inTenant }),
};

/** What records that something happened. */
const ledger = [
  ...['ledger_events', 'referrals', 'touches', 'program_versions', 'vendor_versions', 'referral_transitions', 'evidence', 'attributions'],
  ...['rewards', 'reward_transitions', 'entries', 'postings', 'blocks', 'leaves', 'tree_nodes', 'published_documents', 'verifications'],
];
const change = 'set tenant_id = tenant_id';
const attempts: readonly (readonly [string, (table: string) => string])[] = [
  ['an UPDATE', (table) => `update frontdesk.${table} ${change}`],
  ['a DELETE', (table) => `delete from frontdesk.${table}`],
  ['a TRUNCATE', (table) => `truncate frontdesk.${table} cascade`],
  [
    'an upsert',
    (table) => `${insertInto(table, rowOf(table, 1))} on conflict (${keys.get(table)}) do update set tenant_id = excluded.tenant_id`,
  ],
];
const keys = new Map<string, string>();
const primaryKeys = `select split_part(c.conrelid::regclass::text, '.', 2) as name, string_agg(quote_ident(a.attname), ', ') as key
  from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any(c.conkey)
  where c.contype = 'p' and c.connamespace = 'frontdesk'::regnamespace group by 1`;

describe.each(Object.keys(who))('as %s', (name) => {
  describe.each(ledger)('on %s', (table) => {
    test.each(attempts)('%s is refused and changes nothing', async (_, attempt) => {
      const { client, begin } = who[name]?.() ?? { client: app, begin: '' };
      const before = await contents(table);
      const code = name === 'reader' || name === 'writer' ? '42501' : 'FD002';
      await expect(client.query(`${begin} ${attempt(table)}`)).rejects.toMatchObject({ code });
      await client.query('rollback');
      expect(await contents(table)).toEqual(before);
    });
  });

  test('a TRUNCATE of what the ledger points at is refused as well', async () => {
    const { client, begin } = who[name]?.() ?? { client: app, begin: '' };
    for (const table of ['prospects', 'referral_tokens']) {
      const code = name === 'reader' || name === 'writer' ? '42501' : 'FD002';
      await expect(client.query(`${begin} truncate frontdesk.${table} cascade`)).rejects.toMatchObject({ code });
      await client.query('rollback');
    }
  });
});

const contents = (table: string) => rowsOf(database.adminUrl, `select * from frontdesk.${table} order by 1, 2`);

test('the trigger alone refuses the superuser, whom no permission stops', async () => {
  for (const table of ledger) {
    for (const attempt of [`update frontdesk.${table} ${change} where false`, `delete from frontdesk.${table} where false`]) {
      await expect(superuser.query(attempt)).rejects.toMatchObject({ code: 'FD002' });
    }
  }
});

describe('an event whose leaf is not the hash of its body is refused', () => {
  const event = rowOf('ledger_events', 2);
  test.each([
    ['the hash of another body', { leaf: rowOf('ledger_events', 1).leaf }],
    ['another body', { body: '{"n": 2}' }],
    ['no hash', { leaf: '\\x' }],
    ['a hash without the prefix of a leaf', { leaf: '\\x03b33ac0f21fce3ca1ad8c9fd3a2b3e9b3bf5cd9eb7ce48f4bb2de4d21ea2b96' }],
  ])('%s', async (_, change) => {
    const begin = `${inTenant} set local role frontdesk_writer;`;
    await expect(app.query(begin + insertInto('ledger_events', { ...event, ...change }))).rejects.toMatchObject({
      code: '23514',
      constraint: 'ledger_events_leaf',
    });
  });

  test('the right one is taken', async () => {
    await app.query(`${inTenant} set local role frontdesk_writer; ${insertInto('ledger_events', event)}`);
  });
});
