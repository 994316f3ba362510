import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectPostgres } from '../../src/db/drivers/postgres.ts';
import { expectWhole, writeEvents } from '../support/ledger-writing.ts';
import { createDatabase, query } from '../support/postgres.ts';
import { appUrl } from '../support/postgres-template.ts';
import { type MigratedDatabase, migratedDatabase, rowsOf, serverOfItsOwn } from '../support/postgres-world.ts';
import { leavesOf, sealAt } from '../support/seal.ts';
import { sql } from '../support/sql.ts';
import { openTestWorld, type TestWorld } from '../support/world.ts';

/** What of a row is an id of a transaction. */
const transactions: Readonly<Record<string, readonly string[]>> = {
  ledger_events: ['xid'],
  events: ['xid'],
  blocks: ['xid', 'sealed_below', 'restored_from'],
};

/**
 * What a dump and its restore into another server come to: every row is written again and keeps the ids of transactions that it had.
 * `busier`: by how many transactions that server was ahead of this one.
 */
async function restored(from: MigratedDatabase, busier: number): Promise<MigratedDatabase> {
  const server = new URL(from.adminUrl);
  server.pathname = '/postgres';
  const copy = await createDatabase(server.href, { template: from.name });
  const columns = await rowsOf<{ table: string; name: string }>(
    copy.adminUrl,
    `select c.table_name as table, c.column_name as name from information_schema.columns c
     where c.table_schema = 'frontdesk' and c.is_generated = 'NEVER'`,
  );
  const again = Object.entries(transactions).flatMap(([table, ids]) => {
    const names = columns.filter((column) => column.table === table).map(({ name }) => name);
    const kept = names.map((name) => (ids.includes(name) ? `("${name}"::text::bigint + ${busier})::text::xid8` : `"${name}"`));
    return [
      `create temp table moved_${table} as select * from frontdesk.${table}`,
      `delete from frontdesk.${table}`,
      `insert into frontdesk.${table} (${names.map((name) => `"${name}"`).join(', ')}) select ${kept.join(', ')} from moved_${table}`,
    ];
  });
  await query(copy.adminUrl, `begin; set local session_replication_role = replica; ${again.join('; ')}; commit`);
  return { ...copy, appUrl: appUrl(copy) };
}

const open = (database: MigratedDatabase): Promise<TestWorld> =>
  openTestWorld({ db: connectPostgres(database.appUrl, { max: 4 }), atEnd: (close) => void closers.push(close) });

const closers: (() => Promise<void>)[] = [];
const close = async () => {
  for (const each of closers.splice(0)) await each();
};
let template: string;
beforeAll(async () => {
  template = await serverOfItsOwn();
  // Hooks run last to first: connections close before the server goes.
  afterAll(close);
});

/** A ledger with some blocks and some that is not sealed yet, backed up and restored. */
async function afterRestore(busier: number, { sealed = 5, unsealed = 3 } = {}) {
  const original = await migratedDatabase(template);
  const before = await open(original);
  for (let n = 0; n < sealed; n++) {
    await writeEvents(before, 2);
    await sealAt(before);
  }
  const tail = unsealed === 0 ? [] : await writeEvents(before, unsealed);
  await close();
  const copy = await restored(original, busier);
  return { t: await open(copy), tail, copy };
}

const kindsOf = (t: TestWorld, kind: string) =>
  sql(t, 'select e.event_id, e.body from frontdesk.ledger_events e where e.kind = $1', [kind]);

describe.each([
  ['a server that had been busier', 1_000_000_000],
  ['a server that had been much busier, for more than four billion transactions', 10_000_000_000],
  ['a server that had been slightly busier', 20],
  ['a server that had been quieter', -300],
])('a ledger restored from %s', (_, busier) => {
  it('goes on: old and new are sealed once, the restore is written down once, every proof holds', async () => {
    const { t, tail } = await afterRestore(busier);
    const size = (await leavesOf(t)).length;
    const sequence = (await sql(t, 'select max(v.sequence) as n from frontdesk.events v'))[0]?.n;
    const fresh = await writeEvents(t, 2);
    await sealAt(t);
    const later = await writeEvents(t, 2);
    await sealAt(t);
    await sealAt(t);
    const leaves = (await leavesOf(t)).slice(size).map(({ event_id }) => event_id);
    const [note, ...more] = await kindsOf(t, 'ledger.restored');
    expect(more).toEqual([]);
    expect(JSON.parse(String(note?.body))).toMatchObject({ blocks: 5, kind: 'ledger.restored' });
    expect(leaves).toEqual([...tail, String(note?.event_id), ...fresh, ...later]);
    const [first] = await sql(t, 'select v.sequence from frontdesk.events v where v.event_id = $1', [
      tail[0]?.replace('led_', 'evt_') ?? '',
    ]);
    expect(first?.sequence).toBe(BigInt(String(sequence)) + 1n);
    await expectWhole(t);
  });
});

it('a restore with nothing left to seal is written down at once', async () => {
  const { t } = await afterRestore(1_000_000, { unsealed: 0 });
  expect(await sealAt(t)).toMatchObject({ blocks: 1, leaves: 1 });
  expect(await sealAt(t)).toMatchObject({ blocks: 0 });
  await expectWhole(t);
});

it('a long unsealed rest is sealed in several blocks, before what came later', async () => {
  const { t, tail } = await afterRestore(1_000_000, { unsealed: 2500 });
  const fresh = await writeEvents(t, 1);
  await sealAt(t);
  expect((await leavesOf(t)).slice(-fresh.length).map(({ event_id }) => event_id)).toEqual(fresh);
  expect(await kindsOf(t, 'ledger.restored')).toHaveLength(1);
  expect(tail).toHaveLength(2500);
  await expectWhole(t);
});

it('a ledger that was never sealed before its restore is sealed whole', async () => {
  const { t } = await afterRestore(1_000_000, { sealed: 0, unsealed: 1500 });
  await writeEvents(t, 1);
  await sealAt(t);
  await expectWhole(t);
});

it('a second restore is written down as well', async () => {
  const { t, copy } = await afterRestore(1_000_000);
  await sealAt(t);
  await writeEvents(t, 2);
  await close();
  const again = await restored(copy, 5_000_000);
  const second = await open(again);
  await writeEvents(second, 1);
  await sealAt(second);
  expect(await kindsOf(second, 'ledger.restored')).toHaveLength(2);
  await expectWhole(second);
});

it('a copy that keeps its rows as they are, such as a branch of the database, is no restore', async () => {
  const original = await migratedDatabase(template);
  const before = await open(original);
  await writeEvents(before, 2);
  await sealAt(before);
  await close();
  const server = new URL(original.adminUrl);
  server.pathname = '/postgres';
  const copy = await createDatabase(server.href, { template: original.name });
  const t = await open({ ...copy, appUrl: appUrl(copy) });
  await writeEvents(t, 1);
  await sealAt(t);
  expect(await kindsOf(t, 'ledger.restored')).toEqual([]);
  await expectWhole(t);
});
