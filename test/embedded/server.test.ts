/** The self-hosted server as its own process: what it acknowledged survives kill -9, and a folder has one owner. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { callControl } from '../../src/embedded/control-socket.ts';
import { freePort } from '../support/postgres.ts';

const folder = mkdtempSync(join(tmpdir(), 'frontdesk-server-'));
let port: number;
let running: ChildProcess | undefined;

beforeAll(async () => {
  port = await freePort();
});
afterAll(async () => {
  if (running && running.exitCode === null) {
    running.kill('SIGTERM');
    await once(running, 'exit');
  }
  rmSync(folder, { recursive: true, force: true });
});

function launch(): { child: ChildProcess; said: () => string } {
  const env = { ...process.env, FRONTDESK_DATA_DIR: folder, PORT: String(port), HOST: '127.0.0.1', DATABASE_URL: '' };
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/node.ts'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stdout?.on('data', (chunk) => (said += chunk));
  child.stderr?.on('data', (chunk) => (said += chunk));
  return { child, said: () => said };
}

async function start(): Promise<void> {
  const { child, said } = launch();
  running = child;
  for (let waited = 0; waited < 600; waited++) {
    if (child.exitCode !== null) throw new Error(said());
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
    if (ready?.status === 200) return;
    await pause(100);
  }
  throw new Error(`not ready after a minute:\n${said()}`);
}

const keyOf = (): string => JSON.parse(readFileSync(join(folder, 'demo.json'), 'utf8')).organizations[0].api_key;

async function provision(idempotencyKey: string): Promise<{ id: string; replayed: boolean }> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/workspaces/provision`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${keyOf()}`, 'Idempotency-Key': idempotencyKey },
    body: JSON.stringify({ prospect: { name: 'Northwind', domain: 'northwind-freight.example' }, seed_rows: 1 }),
  });
  const body = await response.json();
  expect(response.status).toBe(201);
  return { id: body.workspace.id, replayed: response.headers.get('Idempotency-Replayed') === 'true' };
}

it('keeps what it acknowledged through kill -9, refuses a second process, and takes commands while it runs', {
  timeout: 150_000,
}, async () => {
  await start();
  const second = launch();
  expect((await once(second.child, 'exit'))[0]).toBe(1);
  expect(second.said()).toMatch(/in use by process \d+.*npm run key:create/s);
  expect(await callControl(folder, 'key.create', { host: 'localhost', agentName: 'backend' })).toMatchObject({ ok: true });

  const acknowledged = new Map<string, string>();
  const writing = (async () => {
    for (;;) {
      const key = crypto.randomUUID();
      acknowledged.set(key, (await provision(key)).id);
    }
  })().catch(() => {});
  while (acknowledged.size < 15) await pause(5);
  running?.kill('SIGKILL');
  await writing;
  const kept = new Map(acknowledged);

  await start();
  for (const [key, id] of kept) expect(await provision(key)).toEqual({ id, replayed: true });
});
