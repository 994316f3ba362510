/** Each driver of the database port over a scratch database with the two runtime roles and one table. */

import type { Db } from '../../src/db/batch.ts';
import { connectNeon } from '../../src/db/drivers/neon.ts';
import { connectPglite } from '../../src/db/drivers/pglite.ts';
import { connectPostgres } from '../../src/db/drivers/postgres.ts';
import { startNeonBridge } from './neon-bridge.ts';
import { createDatabase, query, type ScratchDatabase } from './postgres.ts';
import { sharedPostgres } from './shared.ts';

export interface OpenDriver {
  readonly db: Db;
  /** May be called again. */
  close(): Promise<void>;
}

export const drivers: Readonly<Record<string, () => Promise<OpenDriver>>> = {
  postgres: () => overPostgres({}),
  'postgres, pooled': () => overPostgres({ pooled: true }),
  neon: overNeon,
  pglite: overPglite,
};

/** A scratch database with the same roles and tables, owned by `frontdesk_owner`, on the run's one server unless told. */
export async function scratchDatabase(serverUrl?: string): Promise<ScratchDatabase> {
  return createDatabase(serverUrl ?? (await sharedPostgres()), {
    prepare: async (ownerUrl) => {
      await query(ownerUrl, SCRATCH_ROLES);
      await query(ownerUrl, SCRATCH_TABLES);
    },
  });
}

async function overPostgres(options: { readonly pooled?: boolean }): Promise<OpenDriver> {
  const scratch = await scratchDatabase();
  const db = connectPostgres(scratch.ownerUrl, { ...options, max: 4 });
  return {
    db,
    close: async () => {
      await db.close();
      await scratch.drop();
    },
  };
}

async function overNeon(): Promise<OpenDriver> {
  const [scratch, bridge] = await Promise.all([scratchDatabase(), startNeonBridge()]);
  const db = connectNeon(scratch.ownerUrl, { fetchEndpoint: bridge.url });
  return {
    db,
    close: async () => {
      await db.close();
      await bridge.close();
      await scratch.drop();
    },
  };
}

async function overPglite(): Promise<OpenDriver> {
  const db = await connectPglite({
    prepare: async (raw) => {
      await raw.exec('create role frontdesk_owner login createrole; grant create on schema public to frontdesk_owner');
      await raw.exec('set session authorization frontdesk_owner');
      await raw.exec(SCRATCH_ROLES);
      await raw.exec(SCRATCH_TABLES);
      await raw.exec('reset session authorization');
    },
    user: 'frontdesk_owner',
  });
  return { db, close: () => db.close() };
}

const SCRATCH_ROLES = `
  do $$ begin
    if not exists (select from pg_roles where rolname = 'frontdesk_reader') then create role frontdesk_reader; end if;
    if not exists (select from pg_roles where rolname = 'frontdesk_writer') then create role frontdesk_writer; end if;
  end $$;
  grant frontdesk_reader, frontdesk_writer to current_user with inherit false, set true;`;

const SCRATCH_TABLES = `
  create table note (id int primary key, body text not null constraint note_body_short check (length(body) < 20));
  create table slip (id int unique deferrable initially deferred);
  grant select on note to frontdesk_reader;
  grant select, insert on note, slip to frontdesk_writer;`;
