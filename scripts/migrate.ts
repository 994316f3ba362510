/** `npm run db:migrate`: brings the database of DATABASE_OWNER_URL (or DATABASE_URL) to this release. The embedded one migrates itself. */
import { Client } from 'pg';
import { migrate, overPg } from '../src/db/migrate.ts';
import { migrationsFolder } from '../src/embedded/migrate-embedded.ts';
import { configOfShell, exitOn } from './admin.ts';

async function main(): Promise<void> {
  const config = configOfShell();
  if (config.mode === 'embedded') {
    console.log('The embedded database migrates itself at start. Set DATABASE_URL to migrate another one.');
    return;
  }
  const client = new Client({ connectionString: config.databaseOwnerUrl });
  await client.connect();
  try {
    const applied = await migrate(overPg(client), migrationsFolder);
    console.log(applied.length === 0 ? 'Nothing to do: every migration is applied.' : `Applied ${applied.join(', ')}.`);
  } finally {
    await client.end();
  }
}

main().catch(exitOn);
