import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { callControl } from '../../src/embedded/control-socket.ts';
import { openDataFolder } from '../../src/embedded/data-folder.ts';
import { DataFolderInUse, type LockRecord } from '../../src/embedded/lock.ts';
import type { Order, Report } from './starter.ts';

let root: string;
let deadPid: number;
let folders = 0;
const starters: ChildProcess[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'fd-'));
  deadPid = spawnSync(process.execPath, ['-e', '']).pid;
});
afterEach(() => {
  for (const starter of starters.splice(0)) starter.kill('SIGKILL');
});
afterAll(() => rm(root, { recursive: true }));

function newPath(): string {
  folders += 1;
  return join(root, `folder-${folders}`);
}

async function startStarter(): Promise<ChildProcess> {
  const starter = fork(fileURLToPath(new URL('./starter.ts', import.meta.url)), { execArgv: ['--import', 'tsx'] });
  starters.push(starter);
  expect(await nextReport(starter)).toEqual({ outcome: 'ready' });
  return starter;
}

async function nextReport(starter: ChildProcess): Promise<Report> {
  const [message] = await once(starter, 'message');
  return message;
}

function tell(starter: ChildProcess, order: Order): Promise<Report> {
  const report = nextReport(starter);
  starter.send(order);
  return report;
}

async function kill(starter: ChildProcess): Promise<void> {
  starters.splice(starters.indexOf(starter), 1);
  const exited = once(starter, 'exit');
  starter.kill('SIGKILL');
  await exited;
}

/** All starters open the folder at the same moment. @returns the only winner. */
async function race(path: string): Promise<ChildProcess> {
  const at = Date.now() + 20;
  const reports = await Promise.all(starters.map((starter) => tell(starter, { open: path, at })));
  const winners = starters.filter((_, index) => reports[index]?.outcome === 'won');
  const [winner] = winners;
  if (winner === undefined || winners.length > 1) throw new Error(`${winners.length} winners: ${JSON.stringify(reports)}`);
  const losers = reports.filter((report) => report.outcome !== 'won');
  expect(losers).toEqual(losers.map(() => ({ outcome: 'in-use', owner: winner.pid })));
  return winner;
}

function recordOf(token: string, pid: number, socket: string): LockRecord {
  return { pid, token: token.repeat(32), socket, startedAt: '2026-01-01T00:00:00.000Z' };
}

async function plant(path: string, files: Record<string, LockRecord | string>): Promise<void> {
  await mkdir(path, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(path, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
}

describe('the lock', () => {
  it('names this process and a socket that listens, and goes away with it', async () => {
    const path = newPath();
    const folder = await openDataFolder(path);
    const record: LockRecord = JSON.parse(await readFile(join(path, 'lock'), 'utf8'));
    expect(record).toMatchObject({ pid: process.pid, token: expect.stringMatching(/^[0-9a-f]{32}$/) });
    const connection = connect(record.socket);
    await once(connection, 'connect');
    connection.destroy();
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    expect((await stat(join(path, 'lock'))).mode & 0o777).toBe(0o600);
    expect((await stat(record.socket)).mode & 0o777).toBe(0o600);
    await Promise.all([folder.close(), folder.close()]);
    expect(await readdir(path)).toEqual([]);
  });

  it('refuses a second process, and a second opening by the same one, and says what to do', async () => {
    const path = newPath();
    const folder = await openDataFolder(path);
    const starter = await startStarter();
    expect(await tell(starter, { open: path, at: 0 })).toEqual({ outcome: 'in-use', owner: process.pid });
    const refusal = await openDataFolder(path).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(DataFolderInUse);
    expect(String(refusal)).toMatch(new RegExp(`process ${process.pid} .*Stop that process, or use the command-line tools`));
    await folder.close();
    expect(await tell(starter, { open: path, at: 0 })).toEqual({ outcome: 'won' });
  });

  it('leaves the permissions of a folder that somebody else filled', async () => {
    const path = newPath();
    await plant(path, { 'lost+found': '' });
    await chmod(path, 0o755);
    await (await openDataFolder(path)).close();
    expect((await stat(path)).mode & 0o777).toBe(0o755);
  });

  it.each([
    ['whose process is gone', () => recordOf('a', deadPid, join(root, 'none.sock'))],
    ['whose process id is ours by chance', () => recordOf('a', process.pid, join(root, 'none.sock'))],
    ['that a failing disk emptied', () => ''],
    ['that is not a record', () => '{"pid":-1,"token":"../../x"}'],
  ])('takes over from an owner %s', async (_, lock) => {
    const path = newPath();
    await plant(path, { lock: lock() });
    await (await openDataFolder(path)).close();
    expect(await readdir(path)).toEqual([]);
  });

  it('gives a process that exists but does not listen one second, then takes over', async () => {
    const path = newPath();
    await plant(path, { lock: recordOf('a', process.ppid, join(root, 'none.sock')) });
    const begun = performance.now();
    await (await openDataFolder(path)).close();
    expect(performance.now() - begun).toBeGreaterThan(900);
  });

  it('continues a chain of successors that died before they had finished', async () => {
    const path = newPath();
    const dead = (token: string) => recordOf(token, deadPid, join(path, `${token}.sock`));
    await plant(path, { lock: dead('a'), [`lock.${'a'.repeat(32)}`]: dead('b'), [`lock.${'b'.repeat(32)}`]: dead('c'), 'a.sock': '' });
    const folder = await openDataFolder(path);
    expect((await readdir(path)).filter((name) => !name.startsWith('control-'))).toEqual(['lock']);
    await folder.close();
  });

  it('respects a successor that is alive, even if its process id is of another container', async () => {
    const path = newPath();
    const socket = join(root, 'alive.sock');
    const server = createServer().listen(socket);
    await once(server, 'listening');
    await plant(path, {
      lock: recordOf('a', deadPid, join(root, 'none.sock')),
      [`lock.${'a'.repeat(32)}`]: recordOf('b', deadPid, socket),
    });
    await expect(openDataFolder(path)).rejects.toThrow(DataFolderInUse);
    expect((await readdir(path)).sort()).toEqual(['lock', `lock.${'a'.repeat(32)}`]);
    server.close();
  });

  it('is respected while its owner is suspended', async () => {
    const path = newPath();
    const starter = await startStarter();
    await tell(starter, { open: path, at: 0 });
    starter.kill('SIGSTOP');
    await expect(openDataFolder(path)).rejects.toThrow(DataFolderInUse);
    starter.kill('SIGCONT');
  });

  it('has one winner of 8 processes, 20 times over a stale lock and 5 times after kill -9', { timeout: 120_000 }, async () => {
    await Promise.all(Array.from({ length: 8 }, startStarter));
    for (let round = 0; round < 20; round += 1) {
      const path = newPath();
      const stale = recordOf('a', deadPid, join(root, 'none.sock'));
      const halfway = { [`lock.${'a'.repeat(32)}`]: recordOf('b', deadPid, join(root, 'none.sock')) };
      await plant(path, { lock: stale, ...(round % 3 === 2 ? halfway : {}) });
      expect(await tell(await race(path), 'close')).toEqual({ outcome: 'closed' });
      expect(await readdir(path)).toEqual([]);
    }
    const path = newPath();
    for (let round = 0; round < 5; round += 1) {
      const winner = await race(path);
      expect(await callControl(path, 'who:are:you', null)).toBe(winner.pid);
      await kill(winner);
      expect(await callControl(path, 'who:are:you', null)).toBe('not-running');
      await startStarter();
    }
    expect(await tell(await race(path), 'close')).toEqual({ outcome: 'closed' });
    expect(await readdir(path)).toEqual([]);
  });
});

describe('the master key', () => {
  it('is made once, by whoever comes first, and kept private', async () => {
    const path = newPath();
    const folder = await openDataFolder(path);
    const [key, ...others] = await Promise.all(Array.from({ length: 5 }, folder.readOrMakeMasterKey));
    expect(key).toHaveLength(32);
    for (const other of others) expect(other).toEqual(key);
    expect((await stat(join(path, 'master-key'))).mode & 0o777).toBe(0o600);
    await folder.close();
    const again = await openDataFolder(path);
    expect(await again.readOrMakeMasterKey()).toEqual(key);
    await again.close();
    expect(await readdir(path)).toEqual(['master-key']);
  });

  it('is not replaced when it is damaged, nor when a database still needs it', async () => {
    const path = newPath();
    const folder = await openDataFolder(path);
    await writeFile(join(path, 'master-key'), 'short');
    await expect(folder.readOrMakeMasterKey()).rejects.toThrow('damaged');
    await rm(join(path, 'master-key'));
    await mkdir(folder.databasePath);
    await expect(folder.readOrMakeMasterKey()).rejects.toThrow('missing');
    expect((await readdir(path)).sort()).toEqual([expect.stringMatching(/^control-/), 'db', 'lock']);
    await folder.close();
  });
});

describe('demo.json', () => {
  it('is replaced in one step and private', async () => {
    const path = newPath();
    const folder = await openDataFolder(path);
    await folder.writeDemo({ api_url: 'http://localhost:1', padding: 'x'.repeat(100_000) });
    const writing = folder.writeDemo({ api_url: 'http://localhost:2', padding: 'y'.repeat(100_000) });
    const seen = new Set<string>();
    for (let reading = 0; reading < 20; reading += 1) seen.add(JSON.parse(await readFile(join(path, 'demo.json'), 'utf8')).api_url);
    await writing;
    expect(JSON.parse(await readFile(join(path, 'demo.json'), 'utf8')).api_url).toBe('http://localhost:2');
    expect(['http://localhost:1', 'http://localhost:2']).toEqual(expect.arrayContaining([...seen]));
    expect((await stat(join(path, 'demo.json'))).mode & 0o777).toBe(0o600);
    await folder.close();
    expect(await readdir(path)).toEqual(['demo.json']);
  });
});
