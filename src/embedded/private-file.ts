import { randomBytes } from 'node:crypto';
import { link, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Creates a file, readable by its owner only, that has its whole content from the first moment that anyone can see it.
 * @returns false when the file exists already; it is then left as it is.
 */
export async function createFile(path: string, content: string): Promise<boolean> {
  const draft = await writeDraft(path, content);
  try {
    await link(draft, path);
    await syncFolder(path);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    if (!hasCode(error, 'EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP')) throw error;
    throw new Error(`${dirname(path)} is on a file system without hard links: choose a folder on a local disk.`, { cause: error });
  } finally {
    await rm(draft, { force: true });
  }
}

/** Replaces a file, or creates it, in one step: readers see the old content or the new one. Readable by its owner only. */
export async function replaceFile(path: string, content: string): Promise<void> {
  const draft = await writeDraft(path, content);
  try {
    await rename(draft, path);
    await syncFolder(path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** Whether an error carries one of these system error codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code);
}

async function writeDraft(path: string, content: string): Promise<string> {
  const draft = `${path}.${randomBytes(8).toString('hex')}.draft`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  return draft;
}

/** A new name survives a power cut only when its folder is flushed as well; Windows knows no such call. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
