import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { decodeSecret } from '../secret-strength.ts';
import { type CommandHandlers, listenForCommands } from './control-socket.ts';
import { type LockRecord, releaseLock, takeLock } from './lock.ts';
import { createFile, hasCode, replaceFile } from './private-file.ts';

/** The folder of the embedded default, held by this process alone until `close`. */
export interface DataFolder {
  /** Absolute path, symbolic links resolved. */
  readonly path: string;
  /** Where the embedded database keeps its files. */
  readonly databasePath: string;
  /** Where what stands in for Stripe keeps what it knows. */
  readonly stripePath: string;
  /** Opens the control socket to commands; until then it answers that the server is starting. */
  setHandlers(handlers: CommandHandlers): void;
  /** Refuses further commands and resolves when the running ones are done. Call it before the database is closed, and not from within a command. */
  finishCommands(): Promise<void>;
  /**
   * The 32 bytes of `master-key`, made at the first call. Call it before the database is first opened.
   * @throws Error when the file is damaged, or missing beside a database whose sealed keys need it.
   */
  readOrMakeMasterKey(): Promise<Uint8Array>;
  /** Replaces `demo.json` in one step; readable by the owner of the folder only. */
  writeDemo(demo: unknown): Promise<void>;
  /** Gives the folder up. Call it after the database is closed: from here on another process may open it. */
  close(): Promise<void>;
}

/**
 * Creates the folder if need be and takes its lock. The control socket listens before the lock is taken, and the lock is taken
 * before this resolves: open the database afterwards.
 * @throws DataFolderInUse when another process holds it.
 */
export async function openDataFolder(path: string): Promise<DataFolder> {
  const folder = await makeFolder(path);
  const token = randomBytes(16).toString('hex');
  const control = await listenForCommands(folder, token);
  const record: LockRecord = { pid: process.pid, token, socket: control.socket, startedAt: new Date().toISOString() };
  try {
    await takeLock(folder, record);
  } catch (error) {
    await control.close();
    throw error;
  }
  const databasePath = join(folder, 'db');
  let closing: Promise<void> | undefined;
  const close = async () => {
    await control.finishCommands();
    await releaseLock(folder, token);
    await control.close();
  };
  return {
    path: folder,
    databasePath,
    stripePath: join(folder, 'stripe-simulator.json'),
    setHandlers: control.setHandlers,
    finishCommands: control.finishCommands,
    readOrMakeMasterKey: () => readOrMakeMasterKey(join(folder, 'master-key'), databasePath),
    writeDemo: (demo) => replaceFile(join(folder, 'demo.json'), `${JSON.stringify(demo, undefined, 2)}\n`),
    close: () => (closing ??= close()),
  };
}

/** A new or empty folder is closed to others; one that has something in it keeps the permissions that its owner chose. */
async function makeFolder(path: string): Promise<string> {
  await mkdir(resolve(path), { recursive: true, mode: 0o700 });
  const folder = await realpath(path);
  if ((await readdir(folder)).length === 0) await chmod(folder, 0o700);
  return folder;
}

async function readOrMakeMasterKey(path: string, databasePath: string): Promise<Uint8Array> {
  const kept = await readKey(path);
  if (kept !== undefined) return kept;
  if (existsSync(databasePath)) {
    throw new Error(
      `${path} is missing, and the database beside it is sealed with a key. Restore the file, or set FRONTDESK_MASTER_KEY to the key ` +
        'that was used. To start over, remove the whole data folder.',
    );
  }
  await createFile(path, `${randomBytes(32).toString('base64url')}\n`);
  const made = await readKey(path);
  if (made === undefined) throw new Error(`${path} vanished while it was made.`);
  return made;
}

async function readKey(path: string): Promise<Uint8Array | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  const key = decodeSecret(text.trim());
  if (key === undefined || key.length < 32)
    throw new Error(`${path} is damaged: it must hold 32 bytes as base64url. Restore it from a backup.`);
  return key;
}
