/** The desk as it is self-hosted, on an embedded database in memory. With BENCH_DATABASE=none the database answers at once. */
import { readFile } from 'node:fs/promises';
import { applyVendor } from '../../src/admin/apply-vendor.ts';
import { createApp } from '../../src/app.ts';
import { connectPglite } from '../../src/db/drivers/pglite.ts';
import { createWorld } from '../../src/deps.ts';
import { embeddedOwner, migrateEmbedded } from '../../src/embedded/migrate-embedded.ts';
import { createNodeServer } from '../../src/node-server.ts';
import { instantMemory } from '../instant-memory.ts';
import { reportCpu } from './report-cpu.ts';

const db = await connectPglite({ prepare: migrateEmbedded, user: embeddedOwner });
const world = createWorld({
  db,
  masterKey: new Uint8Array(32).fill(7),
  mode: 'embedded',
  cronSecret: undefined,
  trustedProxyHops: 0,
  release: { region: undefined, commit: undefined },
});
const raw: unknown = JSON.parse(await readFile(new URL('../../vendor/ledgerbridge.json', import.meta.url), 'utf8'));
const applied = await applyVendor(world.admin, { raw, origin: 'http://localhost', hosts: ['localhost'] });
if (!applied.ok) throw new Error(JSON.stringify(applied));

const app = createApp(process.env.BENCH_DATABASE === 'none' ? { ...world, deps: { ...world.deps, memory: instantMemory() } } : world);
const server = createNodeServer(app).listen(0, '127.0.0.1', () => reportCpu(server.address()));
