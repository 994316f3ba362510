import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ControlError, callControl } from '../../src/embedded/control-socket.ts';
import { type DataFolder, openDataFolder } from '../../src/embedded/data-folder.ts';
import type { LockRecord } from '../../src/embedded/lock.ts';

let root: string;
let folder: DataFolder;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'fd-'));
  folder = await openDataFolder(join(root, 'data'));
});
afterEach(async () => {
  await folder.close();
  await rm(root, { recursive: true });
});

async function readLock(path: string): Promise<LockRecord> {
  return JSON.parse(await readFile(join(path, 'lock'), 'utf8'));
}

interface Raw {
  readonly path?: string;
  readonly method?: string;
  readonly token?: string;
  readonly body?: string;
}

/** @returns the status and the `error` of the answer. */
async function raw({ path = '/commands/echo', method = 'POST', token, body = '{}' }: Raw): Promise<[number, string]> {
  const lock = await readLock(folder.path);
  const headers = { Authorization: `Bearer ${token ?? lock.token}` };
  return new Promise((done, failed) => {
    const outgoing = request({ socketPath: lock.socket, path, method, headers, agent: false }, (incoming) => {
      incoming
        .setEncoding('utf8')
        .toArray()
        .then((chunks) => done([incoming.statusCode ?? 0, JSON.parse(chunks.join('')).error]), failed);
    });
    outgoing.once('error', failed).end(body);
  });
}

describe('a command', () => {
  it('runs in the owner, with its arguments, and gives its value back', async () => {
    const seen: unknown[] = [];
    folder.setHandlers({
      'key:create': async (args) => {
        seen.push(args);
        return { key: 'fd_key_1' };
      },
      silent: async () => undefined,
    });
    expect(await callControl(folder.path, 'key:create', { organization: 'acme.example' })).toEqual({ key: 'fd_key_1' });
    expect(await callControl(folder.path, 'silent', undefined)).toBe(null);
    expect(seen).toEqual([{ organization: 'acme.example' }]);
  });

  it('reports a failure in its own words, and a value that cannot be sent', async () => {
    folder.setHandlers({
      fail: async () => {
        throw new Error('There is no such organization.');
      },
      unsendable: async () => 1n,
    });
    await expect(callControl(folder.path, 'fail', {})).rejects.toThrow(new ControlError('There is no such organization.'));
    await expect(callControl(folder.path, 'unsendable', {})).rejects.toThrow(ControlError);
  });

  it('waits while the owner starts', async () => {
    const value = callControl(folder.path, 'late', {});
    expect(await raw({})).toEqual([503, 'The server is starting.']);
    folder.setHandlers({ late: async () => 'here' });
    expect(await value).toBe('here');
  });

  it('is answered "not-running" without an owner', async () => {
    expect(await callControl(join(root, 'nowhere'), 'echo', {})).toBe('not-running');
    await folder.close();
    expect(await callControl(folder.path, 'echo', {})).toBe('not-running');
  });

  it('is finished before the folder is closed, and refused from then on', async () => {
    let finish: (value: string) => void = () => {};
    let begin: () => void = () => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const slowly = () =>
      new Promise((resolve) => {
        finish = resolve;
        begin();
      });
    folder.setHandlers({ slow: slowly, echo: async (args) => args });
    const slow = callControl(folder.path, 'slow', {});
    await begun;
    let finished = false;
    const finishing = folder.finishCommands().then(() => {
      finished = true;
    });
    await expect(callControl(folder.path, 'echo', {})).rejects.toThrow('The server is stopping.');
    expect(finished).toBe(false);
    finish('done');
    await finishing;
    await folder.close();
    expect(await slow).toBe('done');
  });
});

describe('the control socket', () => {
  it('refuses what is not a command of ours', async () => {
    folder.setHandlers({ echo: async (args) => args });
    const statuses = async (...cases: Raw[]) => Promise.all(cases.map(async (one) => (await raw(one))[0]));
    expect(await statuses({ token: 'x' }, { token: '' }, { token: '0'.repeat(32) })).toEqual([401, 401, 401]);
    expect(await statuses({ path: '/' }, { path: '/commands/nothing' }, { path: '/commands/__proto__' })).toEqual([404, 404, 404]);
    expect(await statuses({ path: '/commands/toString' }, { path: '/commands/constructor' }, { path: '/commands/../echo' })).toEqual([
      404, 404, 404,
    ]);
    await expect(callControl(folder.path, '../echo', {})).rejects.toThrow('cannot be the name');
    expect(await statuses({ method: 'PUT' }, { body: '{' }, { body: '' })).toEqual([405, 400, 400]);
  });

  it('takes 1 MB of arguments and no more', async () => {
    folder.setHandlers({ size: async (args) => String(args).length });
    const most = 1024 * 1024 - 2;
    expect(await callControl(folder.path, 'size', 'x'.repeat(most))).toBe(most);
    await expect(callControl(folder.path, 'size', 'x'.repeat(most + 1))).rejects.toThrow('larger than 1 MB');
    expect(await raw({ path: '/commands/size', body: JSON.stringify('x'.repeat(most + 1)) })).toEqual([
      413,
      'The arguments are larger than 1 MB.',
    ]);
    expect(await raw({ path: '/commands/size', body: 'x'.repeat(5_000_000) })).toEqual([413, 'The arguments are larger than 1 MB.']);
  });

  it('moves to the temporary folder when the path is too long for a socket', async () => {
    const long = await openDataFolder(join(root, 'long-'.repeat(30)));
    const { socket } = await readLock(long.path);
    expect(socket.startsWith(join(tmpdir(), 'frontdesk-'))).toBe(true);
    expect((await stat(socket)).mode & 0o777).toBe(0o600);
    long.setHandlers({ echo: async (args) => args });
    expect(await callControl(long.path, 'echo', [1])).toEqual([1]);
    await long.close();
    await expect(stat(socket)).rejects.toThrow('ENOENT');
    expect(await readdir(long.path)).toEqual([]);
  });
});
