import { Client, Pool } from 'pg';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { tableShapes } from '../../src/admin/isolation/tenant-tables.ts';
import { connectPostgres } from '../../src/db/drivers/postgres.ts';
import { catalogue } from '../../src/operations/catalogue.ts';
import { callAt } from '../support/doors.ts';
import { exampleOf, stageFor } from '../support/examples.ts';
import { findPgBouncer, startPgBouncer } from '../support/pg-bouncer.ts';
import { migratedDatabase } from '../support/postgres-world.ts';
import { demoHost, openTestWorld, otherHost, type TestWorld } from '../support/world.ts';

/** A desk whose requests all go through one session of the database, and that session as whoever comes next finds it. */
interface OneSession {
  readonly t: TestWorld;
  readonly session: Client;
}

const program = findPgBouncer();
if (program === null) console.info('PgBouncer is not installed here: what goes through it was not tested.');

const ways: Readonly<Record<string, () => Promise<OneSession>>> = {
  'one kept connection': () => openDirect({}),
  'one kept connection, without prepared statements': () => openDirect({ pooled: true }),
  ...(program === null ? {} : { 'PgBouncer in transaction mode': () => openBehind(program) }),
};

async function openDirect(options: { readonly pooled?: boolean }): Promise<OneSession> {
  const database = await migratedDatabase();
  afterAll(() => database.drop());
  const spy = vi.spyOn(Pool.prototype, 'connect');
  const t = await openTestWorld({ db: connectPostgres(database.appUrl, { ...options, max: 1 }) });
  const taken = await Promise.all(spy.mock.results.map(({ value }) => value));
  spy.mockRestore();
  const [session, ...others] = new Set(taken);
  if (!(session instanceof Client) || others.length > 0) throw new Error('there is one session');
  return { t, session };
}

async function openBehind(path: string): Promise<OneSession> {
  const database = await migratedDatabase();
  const bouncer = await startPgBouncer(path, database.appUrl);
  const session = new Client({ connectionString: bouncer.url });
  await session.connect();
  afterAll(async () => {
    await session.end();
    await bouncer.stop();
    await database.drop();
  });
  return { t: await openTestWorld({ db: connectPostgres(bouncer.url, { pooled: true, max: 4 }) }), session };
}

const settings = ['frontdesk.tenant', 'frontdesk.reach', 'frontdesk.organizations', 'frontdesk.workspace', 'frontdesk.probe'];
const left = `select pg_backend_pid() as pid, current_user as who, current_setting('role') as role,
  array[${settings.map((name) => `current_setting('${name}', true)`).join()}] as settings, current_setting('statement_timeout') as patience`;
const tables = tableShapes().filter(({ reader }) => reader !== '*');
const seenBy = (role: 'reader' | 'writer') =>
  tables
    .filter(({ table, reader }) => table !== 'due_work' && (role === 'writer' || reader !== '-'))
    .map(({ table }) => `select '${table}' where exists (select from frontdesk.${table})`)
    .join(' union all ');

/** What whoever has the session next would have of the one before. */
async function findings({ session }: OneSession) {
  const { rows } = await session.query(left);
  const seen: unknown[] = [];
  for (const role of ['reader', 'writer'] as const) {
    const results: unknown = await session.query(`begin; set local role frontdesk_${role}; ${seenBy(role)}; rollback`);
    if (Array.isArray(results)) seen.push(...results.at(-2).rows);
  }
  const [{ pid, who, role, settings: values, patience }] = rows;
  return { pid, who, role, values: values.filter((value: string | null) => value), patience, seen };
}

describe.each(Object.entries(ways))('through %s', (_, open) => {
  test('no request leaves anything to the next one', { timeout: 120_000 }, async () => {
    const one = await open();
    const clean = await findings(one);
    expect(clean).toEqual({ ...clean, who: 'frontdesk_app', role: 'none', values: [], patience: '0', seen: [] });
    for (const operation of catalogue.filter(({ rest }) => rest)) {
      const calls = await Promise.all(
        [demoHost, otherHost].map(async (host) => {
          const stage = await stageFor(operation, one.t, host);
          return { stage, input: await exampleOf(operation).input(stage) };
        }),
      );
      await Promise.all(calls.map(({ stage, input }) => callAt('rest', one.t, operation, input, { key: stage.key, host: stage.host })));
      expect(await findings(one), operation.name).toEqual(clean);
    }
    for (const refused of [
      one.t.send('GET', '/v1/workspaces', { key: 'fd_key_live_unknown' }),
      one.t.send('GET', '/v1/workspaces', { host: 'nobody.example' }),
    ]) {
      expect((await refused).status).toBeGreaterThanOrEqual(400);
      expect(await findings(one)).toEqual(clean);
    }
  });
});
