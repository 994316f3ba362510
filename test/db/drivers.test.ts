import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConnectionLost, type Context, DatabaseError, type Db, type Row, type Statement, type Value } from '../../src/db/batch.ts';
import { drivers, type OpenDriver } from '../support/drivers.ts';

const writer: Context = { role: 'writer', tenant: 'tenant_a', reach: { kind: 'organizations', organizations: ['o1', 'o2'] } };
const reader: Context = { role: 'reader' };

function rowsOf(name: string, text: string, values: readonly Value[] = []): Statement<readonly Row[]> {
  return { name, text, values, read: (rows) => rows };
}

const insertNote = (id: number, body: string) =>
  rowsOf('note.insert', 'insert into note (id, body) values ($1, $2) returning id', [id, body]);
const countNotes = (): Statement<bigint> => ({
  name: 'note.count',
  text: 'select count(*) as count from note',
  values: [],
  read: ([row]) => BigInt(String(row?.count)),
});

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (failure: unknown) => failure,
  );
}

describe.each(Object.entries(drivers))('the %s driver', (_, open) => {
  let driver: OpenDriver;
  let db: Db;

  beforeAll(async () => {
    driver = await open();
    db = driver.db;
  });
  afterAll(() => driver?.close());

  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const hostile = 'quote " apostrophe \' backslash \\ comma , brace {} NULL \n 😀 é $1';
  test.each<[string, Value, unknown]>([
    ['int8', 9_007_199_254_740_993n, 9_007_199_254_740_993n],
    ['int8', -1n, -1n],
    ['int8', 7, 7n],
    ['int4', -2_147_483_648, -2_147_483_648],
    ['int2', 32_767, 32_767],
    ['oid', 4_294_967_295, 4_294_967_295],
    ['float8', 0.1, 0.1],
    ['float8', Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    ['float4', 1.5, 1.5],
    ['numeric', '12345678901234567890.10', '12345678901234567890.10'],
    ['bool', true, true],
    ['bool', false, false],
    ['text', hostile, hostile],
    ['text', '', ''],
    ['text', 'lone \ud800 surrogate', 'lone \ufffd surrogate'],
    ['json', { a: [1, null, 'x'], b: { c: hostile } }, { a: [1, null, 'x'], b: { c: hostile } }],
    ['jsonb', { big: 1.5, nested: { list: [] } }, { big: 1.5, nested: { list: [] } }],
    ['jsonb', 'null', null],
    ['timestamptz', new Date('2026-03-04T05:06:07.089Z'), '2026-03-04T05:06:07.089Z'],
    ['timestamptz', '2026-03-04 05:06:07.999999+05:30', '2026-03-03T23:36:07.999Z'],
    ['timestamptz', '0099-12-31 23:00:00-02', '0100-01-01T01:00:00.000Z'],
    ['timestamptz', '2026-03-04T05:06:07Z', '2026-03-04T05:06:07.000Z'],
    ['date', '2026-03-04', '2026-03-04'],
    ['bytea', bytes, bytes],
    ['bytea', new Uint8Array(), new Uint8Array()],
    ['uuid', '0198c2f4-0000-7000-8000-000000000001', '0198c2f4-0000-7000-8000-000000000001'],
    ['text[]', ['plain', hostile, '', 'NULL', ' spaced '], ['plain', hostile, '', 'NULL', ' spaced ']],
    ['text[]', [], []],
    ['uuid[]', ['0198c2f4-0000-7000-8000-000000000001'], ['0198c2f4-0000-7000-8000-000000000001']],
  ])('%s: %o reads back as %o', async (type, sent, read) => {
    const [[value], [absent]] = await db.batch(reader, [
      rowsOf(`value.${type}`, `select $1::${type} as value`, [sent]),
      rowsOf(`value.${type}`, `select $1::${type} as value`, [null]),
    ]);
    expect(value).toEqual({ value: read });
    expect(absent).toEqual({ value: null });
  });

  test('a time zone of the session does not show in instants', async () => {
    const [, [row]] = await db.batch(reader, [
      rowsOf('zone.set', `select set_config('timezone', 'Asia/Kathmandu', true)`),
      rowsOf('zone.read', `select '2026-03-04T05:06:07.5Z'::timestamptz as at, '1890-01-01T00:00:00Z'::timestamptz as early`),
    ]);
    expect(row).toEqual({ at: '2026-03-04T05:06:07.500Z', early: '1890-01-01T00:00:00.000Z' });
  });

  test('role and context hold for one batch and are gone in the next', async () => {
    const whoami = rowsOf(
      'whoami',
      `select current_user::text as role, session_user::text as login, current_setting('frontdesk.tenant', true) as tenant,
        current_setting('frontdesk.reach', true) as reach, current_setting('frontdesk.organizations', true) as organizations,
        current_setting('frontdesk.workspace', true) as workspace, current_setting('statement_timeout') as timeout`,
    );
    const seen = { login: 'frontdesk_owner', timeout: '8s' };
    const [[first]] = await db.batch(writer, [whoami]);
    const [[second]] = await db.batch({ role: 'reader', tenant: 'tenant_b', reach: { kind: 'workspace', workspace: 'w1' } }, [whoami]);
    const [[third]] = await db.batch(reader, [whoami]);
    expect(first).toEqual({
      ...seen,
      role: 'frontdesk_writer',
      tenant: 'tenant_a',
      reach: 'organizations',
      organizations: 'o1,o2',
      workspace: '',
    });
    expect(second).toEqual({
      ...seen,
      role: 'frontdesk_reader',
      tenant: 'tenant_b',
      reach: 'workspace',
      organizations: '',
      workspace: 'w1',
    });
    expect(third).toEqual({ ...seen, role: 'frontdesk_reader', tenant: '', reach: 'none', organizations: '', workspace: '' });
  });

  test('the session is no superuser, and the reader may not write', async () => {
    const [[row]] = await db.batch(reader, [
      rowsOf('superuser', 'select rolsuper or rolbypassrls as mighty from pg_roles where rolname = session_user'),
    ]);
    expect(row).toEqual({ mighty: false });
    expect(await failureOf(db.batch(reader, [insertNote(1, 'no')]))).toMatchObject({ sqlState: '42501' });
  });

  test('results come in the order of the statements, and later ones see earlier ones', async () => {
    const [before, inserted, after, none] = await db.batch(writer, [
      countNotes(),
      insertNote(10, 'ten'),
      countNotes(),
      rowsOf('note.none', 'select * from note where false'),
    ]);
    expect(inserted).toEqual([{ id: 10 }]);
    expect(after).toBe(before + 1n);
    expect(none).toEqual([]);
  });

  test('a failure undoes everything before it, and says which constraint', async () => {
    const [before] = await db.batch(reader, [countNotes()]);
    const checked = await failureOf(db.batch(writer, [insertNote(20, 'twenty'), insertNote(21, 'x'.repeat(20)), insertNote(22, 'y')]));
    expect(checked).toBeInstanceOf(DatabaseError);
    expect(checked).toMatchObject({ sqlState: '23514', constraint: 'note_body_short' });
    const twice = await failureOf(db.batch(writer, [insertNote(23, 'a'), insertNote(23, 'b')]));
    expect(twice).toMatchObject({ sqlState: '23505', constraint: 'note_pkey' });
    const [after] = await db.batch(reader, [countNotes()]);
    expect(after).toBe(before);
  });

  test('a failure at commit is a failure', async () => {
    const late = rowsOf('slip.insert', 'insert into slip (id) values (1), (1)');
    expect(await failureOf(db.batch(writer, [late, countNotes()]))).toMatchObject({ sqlState: '23505', constraint: 'slip_id_key' });
  });

  test('a statement that does not parse fails its batch, and works as soon as it does', async () => {
    const broken = rowsOf('not.there', 'select * from not_there');
    for (const _ of [1, 2]) expect(await failureOf(db.batch(reader, [countNotes(), broken]))).toMatchObject({ sqlState: '42P01' });
    expect(await db.batch(reader, [countNotes()])).toHaveLength(1);
  });

  test('a code that our own SQL raises arrives as it is', async () => {
    const raise = rowsOf('raise', `do $$ begin raise exception 'moved' using errcode = 'FD001', constraint = 'own_rule'; end $$`);
    expect(await failureOf(db.batch(writer, [raise]))).toMatchObject({ sqlState: 'FD001', constraint: 'own_rule' });
  });

  test('no statements, no results', async () => {
    expect(await db.batch(reader, [])).toEqual([]);
  });

  test('one name with two texts is refused before anything is sent', async () => {
    await db.batch(reader, [rowsOf('two.texts', 'select 1')]);
    await expect(db.batch(reader, [rowsOf('two.texts', 'select 2')])).rejects.toThrow('two texts');
  });

  test('50 batches at once each get their own answer and leave one row each', async () => {
    const ids = Array.from({ length: 50 }, (_, at) => 1000 + at);
    const answers = await Promise.all(
      ids.map((id) => db.batch({ role: 'writer', tenant: `t${id}` }, [insertNote(id, `note ${id}`), rowsOf('tenant', TENANT)])),
    );
    expect(answers).toEqual(ids.map((id) => [[{ id }], [{ tenant: `t${id}` }]]));
    const found = await db.batch(reader, [rowsOf('note.many', 'select id from note where id >= 1000 order by id')]);
    expect(found).toEqual([ids.map((id) => ({ id }))]);
  });

  test('after close, a batch is a lost connection', async () => {
    await driver.close();
    expect(await failureOf(db.batch(reader, [countNotes()]))).toBeInstanceOf(ConnectionLost);
  });
});

const TENANT = `select current_setting('frontdesk.tenant') as tenant`;
