/** Real Postgres for a test file: a copy of the database that was migrated once in this run, and a whole desk on it. */
import { Client } from 'pg';
import { afterAll } from 'vitest';
import { connectPostgres, type PostgresOptions } from '../../src/db/drivers/postgres.ts';
import { createDatabase, type ScratchDatabase, startPostgres } from './postgres.ts';
import { appUrl, createTemplate } from './postgres-template.ts';
import { sharedTemplate } from './shared.ts';
import { openTestWorld, type TestWorld } from './world.ts';

export interface MigratedDatabase extends ScratchDatabase {
  /** URL as `frontdesk_app`, who owns nothing and may only become reader or writer. */
  readonly appUrl: string;
}

/** A migrated database without content, which the caller drops. `templateUrl`: of which server; otherwise of the one that all test files share. */
export async function migratedDatabase(templateUrl?: string): Promise<MigratedDatabase> {
  const template = new URL(templateUrl ?? (await sharedTemplate()));
  const name = template.pathname.slice(1);
  template.pathname = '/postgres';
  const scratch = await createDatabase(template.href, { template: name });
  return { ...scratch, appUrl: appUrl(scratch) };
}

/**
 * A server for this file alone, stopped after its last test; answers the URL of its template. For what waits for every transaction of the
 * server to end, as a sealer does: on the shared one those of other files would be among them.
 */
export async function serverOfItsOwn(): Promise<string> {
  const server = await startPostgres();
  afterAll(() => server.stop());
  return (await createTemplate(server.adminUrl)).adminUrl;
}

export interface PostgresWorld extends TestWorld {
  readonly database: MigratedDatabase;
  /** Rows of a statement as the superuser sees them, across tenants. */
  readonly see: <T>(text: string) => Promise<readonly T[]>;
}

/** A desk over the `pg` driver as `frontdesk_app`. Database and connections go after the file's last test. */
export async function openPostgresWorld(options: PostgresOptions = {}, templateUrl?: string): Promise<PostgresWorld> {
  const database = await migratedDatabase(templateUrl);
  // Hooks run last to first: the world closes its connections before the database goes.
  afterAll(() => database.drop());
  const world = await openTestWorld({ db: connectPostgres(database.appUrl, options) });
  return { ...world, database, see: (text) => rowsOf(database.adminUrl, text) };
}

/** Rows of one statement, in a connection of its own. */
export async function rowsOf<T>(url: string, text: string): Promise<readonly T[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}
