/** A migrated database to copy, and the login role that serves from its copies. */
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { migrate, overPg } from '../../src/db/migrate.ts';
import { createDatabase, query, type ScratchDatabase } from './postgres.ts';

export const migrationsFolder = fileURLToPath(new URL('../../src/db/migrations', import.meta.url));

/** Migrates as `frontdesk_owner`, who is no superuser; answers the names of what was applied. */
export async function migrateAs(ownerUrl: string): Promise<string[]> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    return await migrate(overPg(client), migrationsFolder);
  } finally {
    await client.end();
  }
}

/**
 * A database of the server, migrated and otherwise empty. Also creates the role `frontdesk_app`: it may log in and become reader or
 * writer, owns nothing and inherits nothing, so that what the program may do is what those two roles may do.
 */
export async function createTemplate(serverUrl: string): Promise<ScratchDatabase> {
  return createDatabase(serverUrl, {
    prepare: async (ownerUrl) => {
      await migrateAs(ownerUrl);
      await query(
        serverUrl,
        `do $$ begin
           if not exists (select from pg_roles where rolname = 'frontdesk_app') then
             create role frontdesk_app login noinherit nobypassrls password '${decodeURIComponent(new URL(ownerUrl).password)}';
           end if;
         end $$;
         grant frontdesk_reader, frontdesk_writer to frontdesk_app with inherit false, set true`,
      );
    },
  });
}

/** The same database, as the role that serves. */
export function appUrl({ ownerUrl }: Pick<ScratchDatabase, 'ownerUrl'>): string {
  const url = new URL(ownerUrl);
  url.username = 'frontdesk_app';
  return url.href;
}
