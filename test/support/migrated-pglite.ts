/** A migrated, otherwise empty embedded database in memory, loaded from the one image of this run. */
import { readFile } from 'node:fs/promises';
import { connectPglite, type PgliteDb } from '../../src/db/drivers/pglite.ts';
import { embeddedOwner } from '../../src/embedded/migrate-embedded.ts';
import { sharedImage } from './shared.ts';

export async function migratedPglite(): Promise<PgliteDb> {
  const image = await readFile(await sharedImage());
  return connectPglite({ loadDataDir: new Blob([image]), user: embeddedOwner });
}
