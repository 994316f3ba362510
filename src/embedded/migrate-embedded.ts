import { fileURLToPath } from 'node:url';
import type { PGlite } from '@electric-sql/pglite';
import { migrate, overPglite } from '../db/migrate.ts';

/** Owns the schema of the embedded database and is no superuser, like the owner of a real installation. Sessions run as it. */
export const embeddedOwner = 'frontdesk_owner';

export const migrationsFolder = fileURLToPath(new URL('../db/migrations', import.meta.url));

/** Brings an embedded database to this release. Runs as its superuser, who hands the work to the owner. */
export async function migrateEmbedded(raw: PGlite): Promise<void> {
  await raw.exec(`
    do $$ begin
      if not exists (select from pg_roles where rolname = '${embeddedOwner}') then
        create role ${embeddedOwner} login createrole nobypassrls;
      end if;
    end $$;
    grant create on database postgres to ${embeddedOwner};
    grant create on schema public to ${embeddedOwner};
    set session authorization ${embeddedOwner};`);
  try {
    await migrate(overPglite(raw), migrationsFolder);
  } finally {
    await raw.exec('reset session authorization');
  }
}
