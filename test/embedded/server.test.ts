/** The self-hosted server as its own process: what it acknowledged survives kill -9, and a folder has one owner. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type EmbeddedServer, runInFolder, startEmbedded } from '../support/embedded-server.ts';
import { freePort } from '../support/postgres.ts';

let folder: string;
/** The same after a restart, because answers hold addresses. */
let port: number;
let server: EmbeddedServer | undefined;
beforeAll(async () => {
  port = await freePort();
  folder = await mkdtemp(join(tmpdir(), 'frontdesk-server-'));
});
afterAll(async () => {
  await server?.kill();
  await rm(folder, { recursive: true, force: true });
});

interface Asked {
  readonly key: string;
  readonly idempotencyKey: string;
  readonly domain: string;
}

/** The status and text of the answer. Rejects when there is none. */
async function provision({ key, idempotencyKey, domain }: Asked) {
  const response = await fetch(`${server?.origin}/v1/workspaces/provision`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${key}`, 'Idempotency-Key': idempotencyKey },
    body: JSON.stringify({ prospect: { name: 'Northwind', domain }, seed_rows: 1 }),
  });
  return { status: response.status, text: await response.text(), replayed: response.headers.get('Idempotency-Replayed') };
}

async function demoKey(): Promise<string> {
  return JSON.parse(await readFile(join(folder, 'demo.json'), 'utf8')).organizations[0].api_key;
}

it('keeps what it acknowledged through kill -9, refuses a second process, and takes commands while it runs', {
  timeout: 150_000,
}, async () => {
  server = await startEmbedded(folder, port);
  const [second, tool] = await Promise.all([
    runInFolder(folder, 'src/node.ts'),
    runInFolder(folder, 'scripts/key-create.ts', '--organization', 'latecomer.example', '--agent', 'late'),
  ]);
  expect(second).toMatchObject({ code: 1, stdout: '' });
  expect(second.stderr).toMatch(
    /^The data folder \S+ is in use by process \d+ since \S+ Stop that process, or use .*npm run key:create.*$/s,
  );
  expect(second.stderr).not.toMatch(/\n\s+at /);
  expect(tool).toMatchObject({ code: 0, stdout: expect.stringMatching(/^fd_key_dev_\w+\n/) });
  const keys = [await demoKey(), tool.stdout.split('\n')[0] ?? ''];

  const acknowledged: (Asked & { readonly text: string })[] = [];
  const unknown: Asked[] = [];
  const client = async (n: number) => {
    for (let i = 0; ; i++) {
      const asked = { key: keys[n % 2] ?? '', idempotencyKey: crypto.randomUUID(), domain: `client-${n}-${i}.example` };
      unknown.push(asked);
      const { status, text } = await provision(asked);
      expect([status, text]).toEqual([201, expect.any(String)]);
      acknowledged.push({ ...asked, text });
      unknown.splice(unknown.indexOf(asked), 1);
    }
  };
  const clients = Promise.allSettled([0, 1, 2, 3].map(client));
  while (acknowledged.length < 20) await pause(5);
  await server.kill();
  for (const ended of await clients) expect(ended).toMatchObject({ reason: expect.any(TypeError) });

  server = await startEmbedded(folder, port);
  expect(await demoKey()).toBe(keys[0]);
  for (const { text, ...asked } of acknowledged) expect(await provision(asked)).toEqual({ status: 201, text, replayed: 'true' });
  // Done or not done, nobody knows; after a retry it is done, once.
  for (const asked of unknown) expect(await provision(asked)).toMatchObject({ status: 201 });
  const listed = await fetch(`${server.origin}/v1/workspaces?limit=100`, { headers: { Authorization: `Bearer ${keys[1]}` } });
  const own = [...acknowledged, ...unknown].filter(({ key }) => key === keys[1]).length;
  expect((await listed.json()).data).toHaveLength(Math.min(own, 100));
  expect(await server.stop()).toBe(0);
});
