import { createHash } from 'node:crypto';
import { readFile, rename, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { createFile, hasCode } from './private-file.ts';

/*
 * How one process at a time owns a folder, without any help of the system but two: a hard link is made by one process only,
 * and a listening socket dies with its process.
 *
 * A starter listens on a socket of its own and only then publishes a record that names it; so a published record whose socket
 * refuses belongs to a dead process, even if its process id is in use again. The lock is a chain of such records: `lock`, then
 * `lock.<token of the dead>` for whoever succeeds a dead owner. Each link of the chain can be created once, so each dead owner
 * has one successor, and a successor that dies halfway is simply the next one to be succeeded. A successor renames its record
 * over `lock`, which shortens the chain to one.
 *
 * A slow starter may create a link behind a chain that has been shortened meanwhile. It therefore reads `lock` again after it
 * has created the link: `lock` still naming the record where its walk began proves that the link is part of the chain, because
 * tokens never come back and from now on nobody but itself may change `lock`. Otherwise it takes its link back and looks again.
 */
export interface LockRecord {
  readonly pid: number;
  /** 32 hex digits, made anew at every start; also the credential of the control socket. */
  readonly token: string;
  /** Path of the control socket. */
  readonly socket: string;
  /** RFC 3339. */
  readonly startedAt: string;
}

/** Another process holds the data folder, and opening its database twice would destroy it. */
export class DataFolderInUse extends Error {
  override readonly name = 'DataFolderInUse';
  readonly pid: number;
  constructor(folder: string, owner: LockRecord) {
    super(
      `The data folder ${folder} is in use by process ${owner.pid} since ${owner.startedAt}. ` +
        'Stop that process, or use the command-line tools (npm run key:create, npm run vendor:apply): they go through it.',
    );
    this.pid = owner.pid;
  }
}

/**
 * Makes `mine` the owner of the folder. Its socket must be listening already.
 * @throws DataFolderInUse when the owner is alive.
 */
export async function takeLock(folder: string, mine: LockRecord): Promise<void> {
  const content = `${JSON.stringify(mine)}\n`;
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const chain = await readChain(folder);
    const [first, last] = [chain.at(0), chain.at(-1)];
    if (first === undefined || last === undefined) {
      if (await createFile(lockPath(folder), content)) return;
      continue;
    }
    if (last.alive) throw new DataFolderInUse(folder, last.record);
    const succession = successionPath(folder, last.record);
    if (!(await createFile(succession, content))) continue;
    if ((await readRecord(lockPath(folder)))?.token === first.record.token) {
      await rename(succession, lockPath(folder));
      for (const { record } of chain) await removeTraces(folder, record);
      return;
    }
    await rm(succession, { force: true });
  }
  throw tooBusy(folder);
}

const maxAttempts = 100;

/** Removes the lock if it still is the one with this token. */
export async function releaseLock(folder: string, token: string): Promise<void> {
  if ((await readRecord(lockPath(folder)))?.token === token) await rm(lockPath(folder), { force: true });
}

/** The process that holds the folder now, if there is one. */
export async function findOwner(folder: string): Promise<LockRecord | undefined> {
  const last = (await readChain(folder)).at(-1);
  return last?.alive ? last.record : undefined;
}

interface Link {
  readonly record: LockRecord;
  readonly alive: boolean;
}

/** From `lock` along the dead to the first living owner, or to the last of the dead; walked again when `lock` changed meanwhile. */
async function readChain(folder: string): Promise<Link[]> {
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const chain: Link[] = [];
    let record = await readRecord(lockPath(folder));
    while (record !== undefined) {
      const alive = await isAlive(record);
      chain.push({ record, alive });
      record = alive ? undefined : await readRecord(successionPath(folder, record));
    }
    const first = chain[0]?.record.token;
    if (chain.length < 2 || (await readRecord(lockPath(folder)))?.token === first) return chain;
  }
  throw tooBusy(folder);
}

function tooBusy(folder: string): Error {
  return new Error(`The lock of ${folder} changes hands all the time: too many processes start and stop there.`);
}

const recordShape = z.object({
  pid: z.int().positive(),
  token: z.string().regex(/^[0-9a-f]{32}$/),
  socket: z.string().min(1).max(1024),
  startedAt: z.string().max(64),
});

/** Records are created whole and flushed, so a damaged one is left over from a failing disk and belongs to nobody alive. */
async function readRecord(path: string): Promise<LockRecord | undefined> {
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
  try {
    return recordShape.parse(JSON.parse(content));
  } catch {
    return { pid: 0, token: createHash('sha256').update(content).digest('hex').slice(0, 32), socket: '', startedAt: '' };
  }
}

/**
 * The socket decides. A full queue of connections is refused by some systems like a missing listener, so a process that exists
 * is given a second; after a restart of the machine it may be a stranger with the same id, so it is not given more.
 */
async function isAlive(record: LockRecord): Promise<boolean> {
  if (record.socket === '') return false;
  const deadline = performance.now() + 1000;
  while (!(await accepts(record.socket))) {
    if (!processExists(record.pid) || performance.now() > deadline) return false;
    await sleep(50);
  }
  return true;
}

/** Whether somebody listens. The system accepts connections for a process that is busy or suspended, too. */
function accepts(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket);
    const settle = (answer: boolean) => {
      connection.destroy();
      resolve(answer);
    };
    connection.setTimeout(2000, () => settle(true));
    connection.once('connect', () => settle(true));
    connection.once('error', (error) => settle(!hasCode(error, 'ENOENT', 'ENOTDIR', 'ECONNREFUSED', 'ENOTSOCK')));
  });
}

function processExists(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

async function removeTraces(folder: string, dead: LockRecord): Promise<void> {
  await rm(successionPath(folder, dead), { force: true });
  if (dead.socket.endsWith('.sock')) await rm(dead.socket, { force: true });
}

function lockPath(folder: string): string {
  return join(folder, 'lock');
}

function successionPath(folder: string, dead: LockRecord): string {
  return join(folder, `lock.${dead.token}`);
}
