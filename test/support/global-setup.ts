/**
 * What all test files share, made once and only when a file asks for it, so that a run of pure tests starts nothing.
 * Test files run in other processes: they ask over loopback HTTP (`shared.ts`).
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { connectPglite } from '../../src/db/drivers/pglite.ts';
import { migrateEmbedded } from '../../src/embedded/migrate-embedded.ts';
import { startPostgres } from './postgres.ts';
import { createTemplate } from './postgres-template.ts';
import type { SharedResource } from './shared.ts';

/**
 * How each resource is made, and how it is undone. `value` is what the test file receives. One more is one more entry here and its
 * name in `SharedResource`.
 */
const makers: Record<SharedResource, () => Promise<{ readonly value: string; readonly undo: () => Promise<void> }>> = {
  postgres: async () => {
    const server = await startPostgres();
    return { value: server.adminUrl, undo: server.stop };
  },
  // It goes with its server.
  template: async () => {
    const { value: serverUrl } = await resource('postgres');
    const { adminUrl } = await createTemplate(serverUrl);
    return { value: adminUrl, undo: async () => {} };
  },
  // Migrated as somebody who is no superuser, like a real installation.
  pglite: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'frontdesk-image-'));
    const database = await connectPglite({ prepare: migrateEmbedded });
    const image = await database.raw.dumpDataDir('none');
    await database.close();
    const path = join(folder, 'image.tar');
    await writeFile(path, new Uint8Array(await image.arrayBuffer()));
    return { value: path, undo: () => rm(folder, { recursive: true, force: true }) };
  },
};

const made = new Map<string, ReturnType<(typeof makers)[SharedResource]>>();
let server: Server | undefined;

export async function setup(project: TestProject): Promise<void> {
  server = createServer((request, response) => {
    const name = request.url?.slice(1) ?? '';
    resource(name).then(
      ({ value }) => response.end(value),
      (failure: unknown) => response.writeHead(500).end(String(failure)),
    );
  });
  const port = await new Promise<number>((resolve, reject) => {
    server?.once('error', reject);
    server?.listen(0, '127.0.0.1', () => {
      const address = server?.address();
      if (address && typeof address === 'object') resolve(address.port);
    });
  });
  project.provide('sharedUrl', `http://127.0.0.1:${port}`);
}

export async function teardown(): Promise<void> {
  server?.close();
  server?.closeAllConnections();
  const resources = await Promise.allSettled(made.values());
  await Promise.all(resources.map((settled) => (settled.status === 'fulfilled' ? settled.value.undo() : undefined)));
}

function resource(name: string): ReturnType<(typeof makers)[SharedResource]> {
  const known = made.get(name);
  if (known !== undefined) return known;
  const maker = Object.entries(makers).find(([key]) => key === name)?.[1];
  if (maker === undefined) return Promise.reject(new Error('no such shared resource'));
  const promise = maker();
  made.set(name, promise);
  return promise;
}
