import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectPglite } from '../../src/db/drivers/pglite.ts';
import { type MigrationConnection, migrate, overPg, overPglite } from '../../src/db/migrate.ts';
import { createDatabase } from '../support/postgres.ts';
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
