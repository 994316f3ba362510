import { readFile } from 'node:fs/promises';
import { verifyExport } from '../scripts/verify-ledger/verify-export.ts';
import { applyVendor } from '../src/admin/apply-vendor.ts';
import { createKey } from '../src/admin/create-key.ts';
import { createApp } from '../src/app.ts';
import { connectPostgres } from '../src/db/drivers/postgres.ts';
import type { Memory } from '../src/db/memory.ts';
import type { Changes } from '../src/domain/decision.ts';
import { ledgerEvent } from '../src/domain/ledger.ts';
import { type SealDeps, sealTenant } from '../src/effects/seal/seal-tenant.ts';
import type { Figure } from './figure.ts';
import { createBenchDatabase, openBenchWorld } from './tenant.ts';

const clients = 8;
const host = 'localhost';

/** What sealing costs, and how far behind it is: on a real Postgres with fsync on, from this process. */
export async function sealRows(): Promise<Figure[]> {
  const { server, scratch } = await createBenchDatabase();
  const db = connectPostgres(scratch.ownerUrl, { max: clients + 2 });
  try {
    const ledger = await openLedger(db);
    return [await lagRow(ledger), await backlogRow(ledger), await exportRow(ledger)];
  } finally {
    await db.close();
    await server.stop();
  }
}

async function openLedger(db: ReturnType<typeof connectPostgres>) {
  const world = openBenchWorld(db);
  const raw = JSON.parse(await readFile(new URL('../vendor/ledgerbridge.json', import.meta.url), 'utf8'));
  const applied = await applyVendor(world.admin, { raw, origin: 'http://localhost', hosts: [host] });
  const backEnd = await createKey(world.admin, { host, agentName: 'bench', scopes: ['ledger:read'] });
  const desk = await world.deps.desks.find(host);
  if (!applied.ok || !backEnd.ok || !desk) throw new Error('the bench has no desk');
  const { memory, now, given } = world.deps;
  const deps: SealDeps = { db, memory, now, given, deskOf: async () => desk };
  const decide = (events: number): Changes => {
    const at = given(desk, now());
    const event = {
      kind: 'referral.created',
      subjectId: at.newId('ref'),
      organizationId: at.newId('org'),
      facts: { prospect: at.newId('pro') },
    };
    return { ledger_events: Array.from({ length: events }, () => ledgerEvent(at, desk.tenant, event)) };
  };
  return { world, deps, tenant: desk.tenant, decide, key: backEnd.value.key };
}

type Ledger = Awaited<ReturnType<typeof openLedger>>;

/** From the moment a writer knows that its event is committed to the commit of the block that holds it. */
async function lagRow({ deps, tenant, decide }: Ledger): Promise<Figure> {
  const committed = new Map<string, number>();
  const lags: number[] = [];
  const memory: Memory = {
    ...deps.memory,
    async commit(of, changes) {
      const written = await deps.memory.commit(of, changes);
      const at = performance.now();
      for (const { event_id } of changes.block?.leaves ?? []) lags.push(at - (committed.get(event_id) ?? at));
      return written;
    },
  };
  const until = performance.now() + 6000;
  let writes = 0;
  const writer = async () => {
    while (performance.now() < until) {
      const changes = decide(2);
      if ((await deps.memory.commit(tenant, changes)) !== 'done') throw new Error('a commit did not go through');
      for (const { event_id } of changes.ledger_events ?? []) committed.set(event_id, performance.now());
      writes += 1;
    }
  };
  const sealer = async () => {
    while (performance.now() < until) {
      await sealTenant({ ...deps, memory }, tenant);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  await Promise.all([...Array.from({ length: clients }, writer), sealer()]);
  await sealTenant({ ...deps, memory }, tenant);
  lags.sort((a, b) => a - b);
  const at = (share: number) => `${(lags[Math.floor(lags.length * share)] ?? 0).toFixed(0)} ms`;
  return {
    what: `seal lag p50 / p99, ${clients} writers at full rate (${(writes / 6).toFixed(0)} commits/s of two events)`,
    measured: `${at(0.5)} / ${at(0.99)}`,
    reach: '≤ 2 s',
    aim: '≤ 0.5 s',
  };
}

async function backlogRow({ deps, tenant, decide }: Ledger): Promise<Figure> {
  const [each, amount] = [1000, 30];
  for (let n = 0; n < amount; n++) await deps.memory.commit(tenant, decide(each));
  const started = performance.now();
  const { leaves } = await sealTenant(deps, tenant);
  const perSecond = leaves / ((performance.now() - started) / 1000);
  return { what: 'leaves sealed per second, of a backlog of 30,000', measured: perSecond.toFixed(0), reach: '≥ 2,000', aim: '≥ 5,000' };
}

async function exportRow({ world, key }: Ledger): Promise<Figure> {
  const app = createApp(world);
  const request = new Request(`http://${host}/v1/ledger/export`, { headers: { Host: host, Authorization: `Bearer ${key}` } });
  const started = performance.now();
  const lines = (await (await app.fetch(request)).text()).trim().split('\n');
  const streamed = lines.length / ((performance.now() - started) / 1000);
  const report = await verifyExport(lines);
  if (!report.ok) throw new Error(JSON.stringify(report));
  return {
    what: `export of ${report.leaves} leaves: lines streamed per second / leaves verified per second`,
    measured: `${streamed.toFixed(0)} / ${(report.leaves / report.seconds).toFixed(0)}`,
    reach: '≥ 50,000 verified',
    aim: '≥ 200,000',
  };
}
