import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectPglite } from '../../src/db/drivers/pglite.ts';
import { type MigrationConnection, migrate, overPg, overPglite } from '../../src/db/migrate.ts';
import { createDatabase, query } from '../support/postgres.ts';
import { migrateAs, migrationsFolder } from '../support/postgres-template.ts';
import { rowsOf } from '../support/postgres-world.ts';
import { insertInto, rowOf } from '../support/row-of-each-table.ts';
import { sharedPostgres } from '../support/shared.ts';

const first = 'create table a (id int);\n--> statement-breakpoint\ncreate table b (id int);\n';
const second = 'insert into a values (1);';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frontdesk-migrations-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Writes a folder as drizzle-kit does. */
async function write(migrations: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(join(folder, 'meta'), { recursive: true });
  const entries = Object.keys(migrations).map((tag, idx) => ({ idx, version: '7', when: idx, tag, breakpoints: true }));
  await writeFile(join(folder, 'meta/_journal.json'), JSON.stringify({ version: '7', dialect: 'postgresql', entries }));
  for (const [tag, sql] of Object.entries(migrations)) await writeFile(join(folder, `${tag}.sql`), sql);
}

interface Session extends MigrationConnection {
  end(): Promise<void>;
}
type Database = { session(): Promise<Session>; drop(): Promise<void> };

const databases: Readonly<Record<string, () => Promise<Database>>> = {
  'pg, as an owner that is no superuser': async () => {
    const scratch = await createDatabase(await sharedPostgres());
    const session = async () => {
      const client = new Client({ connectionString: scratch.ownerUrl });
      await client.connect();
      return { ...overPg(client), end: () => client.end() };
    };
    return { session, drop: scratch.drop };
  },
  pglite: async () => {
    const db = await connectPglite();
    let schemas = 0;
    const session = async () => {
      schemas += 1;
      await db.raw.exec(`create schema s${schemas}; set search_path = s${schemas}`);
      return { ...overPglite(db.raw), end: async () => {} };
    };
    return { session, drop: () => db.close() };
  },
};

describe.each(Object.entries(databases))('migrate over %s', (name, open) => {
  let database: Database;
  let session: Session;
  beforeAll(async () => {
    if (name === 'pglite') database = await open();
  });
  beforeEach(async () => {
    if (name !== 'pglite') database = await open();
    session = await database.session();
  });
  afterEach(async () => {
    await session.end();
    if (name !== 'pglite') await database.drop();
  });
  afterAll(async () => {
    if (name === 'pglite') await database.drop();
  });

  test('each migration is applied once, and recorded', async () => {
    await write({ '0000_first': first });
    expect(await migrate(session, folder)).toEqual(['0000_first']);
    await write({ '0000_first': first.replaceAll('\n', '\r\n'), '0001_second': second });
    expect(await migrate(session, folder)).toEqual(['0001_second']);
    expect(await migrate(session, folder)).toEqual([]);
    expect(await session.query('select * from a')).toEqual([{ id: 1 }]);
    expect(await session.query('select name, length(sha256) as length from frontdesk_migrations order by name')).toEqual([
      { name: '0000_first', length: 64 },
      { name: '0001_second', length: 64 },
    ]);
  });

  test('a migration that fails leaves nothing of itself, and keeps what went before', async () => {
    await write({ '0000_first': first, '0001_broken': `${second}\n--> statement-breakpoint\nselect nonsense` });
    await expect(migrate(session, folder)).rejects.toThrow('migration 0001_broken failed');
    expect(await session.query('select * from a')).toEqual([]);
    await write({ '0000_first': first, '0001_broken': second });
    expect(await migrate(session, folder)).toEqual(['0001_broken']);
  });

  test('a migration that changed after it was applied stops everything', async () => {
    await write({ '0000_first': first });
    await migrate(session, folder);
    await write({ '0000_first': `${first} -- edited`, '0001_second': second });
    await expect(migrate(session, folder)).rejects.toThrow('changed after it was applied: 0000_first');
    expect(await session.query('select * from a')).toEqual([]);
  });
});

test('two migrators at once apply each migration once', async () => {
  const scratch = await createDatabase(await sharedPostgres());
  const clients = [new Client({ connectionString: scratch.ownerUrl }), new Client({ connectionString: scratch.ownerUrl })];
  await Promise.all(clients.map((client) => client.connect()));
  await write({ '0000_first': first, '0001_second': second });
  const applied = await Promise.all(clients.map((client) => migrate(overPg(client), folder)));
  expect(applied.flat()).toEqual(['0000_first', '0001_second']);
  await Promise.all(clients.map((client) => client.end()));
  await scratch.drop();
});

/** A database as the release before a migration left it, without content. */
async function databaseBefore(next: string) {
  const scratch = await createDatabase(await sharedPostgres());
  const journal: { entries: { tag: string }[] } = JSON.parse(await readFile(join(migrationsFolder, 'meta/_journal.json'), 'utf8'));
  const released = journal.entries.map(({ tag }) => tag).filter((tag) => tag < next);
  const texts = await Promise.all(released.map((tag) => readFile(join(migrationsFolder, `${tag}.sql`), 'utf8')));
  await write(Object.fromEntries(released.map((tag, i) => [tag, texts[i] ?? ''])));
  const client = new Client({ connectionString: scratch.ownerUrl });
  await client.connect();
  expect(await migrate(overPg(client), folder)).toEqual(released);
  await client.end();
  return scratch;
}

test('what the first release wrote is filled in: when referrals expire, and which referral an event is about', async () => {
  const scratch = await databaseBefore('0004');

  const { expires_at, ...state } = rowOf('referral_states', 1);
  const { referral_id, ...created } = rowOf('ledger_events', 1);
  const event = (event_id: string, kind: string, subject_id: string) =>
    insertInto('ledger_events', { ...created, event_id, kind, subject_id });
  const rows = [
    insertInto('prospects', rowOf('prospects', 1)),
    insertInto('referrals', rowOf('referrals', 1)),
    insertInto('referral_states', { ...state, status: 'pending', seq: 1 }),
    insertInto('touches', { ...rowOf('touches', 1), entry_id: 'evt_touch' }),
    event('evt_1', 'referral.created', 'ref_1'),
    event('evt_touch', 'touch.recorded', 'tch_1'),
    event('evt_terms', 'program.updated', 'prg_1'),
  ];
  await query(scratch.adminUrl, rows.join(';\n'));
  const before = await rowsOf(
    scratch.adminUrl,
    'select tenant_id, event_id, body, leaf, xid from frontdesk.ledger_events order by event_id',
  );

  expect((await migrateAs(scratch.ownerUrl))[0]).toBe('0004_ledger');
  const [found] = await rowsOf<{ expires_at: Date; seq: number }>(
    scratch.adminUrl,
    'select expires_at, seq from frontdesk.referral_states',
  );
  expect(found).toEqual({ expires_at: new Date(String(expires_at)), seq: 1 });
  expect(await rowsOf(scratch.adminUrl, 'select event_id, referral_id from frontdesk.ledger_events order by event_id')).toEqual([
    { event_id: 'evt_1', referral_id },
    { event_id: 'evt_terms', referral_id: null },
    { event_id: 'evt_touch', referral_id },
  ]);
  expect(
    await rowsOf(scratch.adminUrl, 'select tenant_id, event_id, body, leaf, xid from frontdesk.ledger_events order by event_id'),
  ).toEqual(before);
  // What rested meanwhile is at work again.
  await expect(query(scratch.adminUrl, "update frontdesk.ledger_events set referral_id = 'ref_2'")).rejects.toMatchObject({
    code: 'FD002',
  });
  expect(await rowsOf(scratch.ownerUrl, 'select event_id from frontdesk.ledger_events')).toEqual([]);
  await scratch.drop();
});

test('what the release before payments wrote is filled in: the kinds of rewards, and how many referrals an organization has qualified', async () => {
  const scratch = await databaseBefore('0007');

  const { kind, ...state } = rowOf('reward_states', 1);
  const names = ['prospects', 'ledger_events', 'referrals', 'referral_states', 'referral_transitions', 'rewards'];
  const rows = [
    // Money and steps of these rows do not agree, and need not: they are there to be filled in.
    'set local session_replication_role = replica',
    ...names.map((name) => insertInto(name, rowOf(name, 1))),
    insertInto('reward_states', state),
  ];
  await query(scratch.adminUrl, rows.join(';\n'));

  await migrateAs(scratch.ownerUrl);
  expect(await rowsOf(scratch.adminUrl, 'select kind from frontdesk.reward_states')).toEqual([{ kind }]);
  expect(await rowsOf(scratch.adminUrl, 'select name, subject, value::int from frontdesk.counters')).toEqual([
    { name: 'referrals.qualified', subject: 'org_1', value: 1 },
  ]);
  expect(await rowsOf(scratch.ownerUrl, 'select from frontdesk.reward_states')).toEqual([]);
  await scratch.drop();
});

test('agents, keys and organizations of the release before identities stay what they are, and its calls go on working', async () => {
  const scratch = await databaseBefore('0009');
  const { kind: _, ...agent } = { kind: undefined, ...rowOf('agents', 1) };
  const rows = [
    ...['tenants', 'tenant_hosts', 'organizations'].map((name) => insertInto(name, rowOf(name, 1))),
    ...[insertInto('agents', agent), insertInto('agents', { ...rowOf('agents', 2), organization_id: null })],
    ...[insertInto('api_keys', rowOf('api_keys', 1)), insertInto('api_keys', { ...rowOf('api_keys', 2), organization_id: null })],
  ];
  await query(scratch.adminUrl, rows.join(';\n'));
  // As the release before calls them.
  const call = (hash: string) => ({
    ...{ host: 'a1.example', credential: { kind: 'api_key', hash: hash.repeat(32) }, address: 'anon:1', network: 'net:1', operation: 'op' },
    ...{ at: '2026-01-02T03:04:05Z', charged: true },
  });
  const enter = async (hash: string) => {
    const text = `set local role frontdesk_reader; select frontdesk.enter('${JSON.stringify(call(hash))}') as entry`;
    const client = new Client({ connectionString: scratch.adminUrl });
    await client.connect();
    const results: unknown = await client.query(`begin; ${text}; rollback`);
    await client.end();
    return Array.isArray(results) ? results[2].rows[0].entry : undefined;
  };
  const before = [await enter('01'), await enter('02')];
  expect(before).toMatchObject([{ principal: { agent_id: 'agt_1', organization_id: 'org_1' } }, { principal: { kind: 'backend' } }]);

  expect((await migrateAs(scratch.ownerUrl))[0]).toBe('0009_identity');
  expect(
    await rowsOf(
      scratch.adminUrl,
      'select agent_id, organization_id, kind, client_id, status, epoch, revoked_at from frontdesk.agents order by 1',
    ),
  ).toEqual(
    [
      { agent_id: 'agt_1', organization_id: 'org_1' },
      { agent_id: 'agt_2', organization_id: null },
    ].map((row) => ({ ...row, kind: 'registered', client_id: null, status: 'active', epoch: 1, revoked_at: null })),
  );
  expect(await rowsOf(scratch.adminUrl, 'select frozen_at from frontdesk.organizations')).toEqual([{ frozen_at: null }]);
  expect([await enter('01'), await enter('02')]).toMatchObject(before);
  const decision = {
    organizations: [{ ...rowOf('organizations', 2), prospect_id: null }],
    agents: [{ agent_id: 'agt_3', organization_id: 'org_2', name: 'A', created_at: '2026-01-02T03:04:05Z' }],
  };
  const context = "set frontdesk.tenant = 'ten_a'; set role frontdesk_writer";
  await query(scratch.adminUrl, `${context}; select frontdesk.commit('${JSON.stringify(decision)}')`);
  expect(await rowsOf(scratch.adminUrl, "select kind, epoch from frontdesk.agents where agent_id = 'agt_3'")).toEqual([
    { kind: 'registered', epoch: 1 },
  ]);
  await scratch.drop();
});
