import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataFolder } from './data-folder.ts';
import { createFile } from './private-file.ts';

type Folder = Pick<DataFolder, 'path' | 'databasePath' | 'stripePath'>;

/**
 * Whether nobody has used the folder yet. What a process left that ended while it made up a history is removed: nobody was served from it.
 * Call it before the database is opened.
 */
export async function isUnused(folder: Folder): Promise<boolean> {
  if (existsSync(markOf(folder))) {
    for (const path of [folder.databasePath, folder.stripePath, demoOf(folder)]) await rm(path, { recursive: true, force: true });
    await rm(markOf(folder), { force: true });
  }
  return !existsSync(folder.databasePath) && !existsSync(demoOf(folder));
}

/** From now on what is in the folder is worth nothing before `finish`. */
export async function begin(folder: Folder): Promise<void> {
  await createFile(markOf(folder), 'A history is being made up. Whatever is here is removed at the next start.\n');
}

export async function finish(folder: Folder): Promise<void> {
  await rm(markOf(folder), { force: true });
}

const markOf = ({ path }: Folder): string => join(path, 'history-unfinished');
const demoOf = ({ path }: Folder): string => join(path, 'demo.json');
