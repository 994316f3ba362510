import { gzipSync } from 'node:zlib';
import { createKey } from '../src/admin/create-key.ts';
import { connectPostgres } from '../src/db/drivers/postgres.ts';
import { fingerprintOf } from '../src/domain/prospect.ts';
import { ok } from '../src/domain/result.ts';
import { staffScopes } from '../src/domain/scopes.ts';
import { secretHash } from '../src/domain/secret.ts';
import { perform } from '../src/operations/perform.ts';
import { searchReferrals } from '../src/operations/referrals/search.ts';
import type { Scene } from '../src/web/ledger/definition.ts';
import { referralsPages } from '../src/web/ledger/referrals.tsx';
import { shellOf } from '../src/web/shell.tsx';
import { fillBigTenant } from './big-tenant.ts';
import type { Figure } from './figure.ts';
import { filterRows } from './page-queries.ts';
import { applyBenchVendor, type BenchTenant, createBenchDatabase, openBenchWorld } from './tenant.ts';

/** What the first page of a list costs at a million entries, whatever it is filtered by, and what the page itself costs. */
export async function pagesRows(): Promise<Figure[]> {
  const { server, scratch } = await createBenchDatabase();
  const db = connectPostgres(scratch.ownerUrl, { max: 2 });
  try {
    const desk = await applyBenchVendor(openBenchWorld(db), 'localhost', 1);
    const found = await desk.world.deps.desks.find(desk.host);
    if (!found) throw new Error('no desk');
    const fingerprint = fingerprintOf('prospect-31337.example', found.derive);
    await fillBigTenant(scratch.adminUrl, desk.tenant, fingerprint);
    return [...(await filterRows(scratch.adminUrl, desk.tenant, fingerprint)), ...(await pageRows(desk))];
  } finally {
    await db.close();
    await server.stop();
  }
}

/** The list of referrals with fifty rows: what rendering costs, and how much is sent. */
async function pageRows({ world, host }: BenchTenant): Promise<Figure[]> {
  const created = await createKey(world.admin, { host, agentName: 'bench', scopes: ['referrals:read', ...staffScopes] });
  const desk = await world.deps.desks.find(host);
  const page = referralsPages[0];
  if (!created.ok || !desk || !page) throw new Error('nobody to look');
  const call = {
    ...{ host, credential: { kind: 'api_key' as const, hash: secretHash(created.value.key) }, address: '', network: '' },
    ...{ resource: '' as const, requestId: 'bench' },
  };
  const outcome = await perform(searchReferrals, world.deps, call, ok({ limit: 50 }));
  if (!outcome.ok || !outcome.principal) throw new Error('no page');
  const scene: Scene = {
    ...{ url: new URL(`https://${host}/ledger/referrals`), params: {}, query: () => undefined, desk, principal: outcome.principal },
    ...{ locale: 'en', preferences: { locale: 'en', theme: 'system', keys: true }, now: new Date(), may: () => true },
    ...{ typed: new URLSearchParams(), problem: null },
  };
  const render = () =>
    shellOf({
      title: '',
      nav: 'referrals',
      scene,
      open: ['referrals'],
      nonce: '',
      body: page.render({ referrals: outcome.output }, scene),
    });
  for (let i = 0; i < 100; i++) render();
  const before = process.cpuUsage();
  const times = 400;
  for (let i = 0; i < times; i++) render();
  const { user, system } = process.cpuUsage(before);
  return [
    {
      what: 'list of referrals, 50 rows, server render',
      measured: `${((user + system) / 1000 / times).toFixed(2)} ms CPU`,
      reach: '≤ 2 ms CPU',
      aim: '≤ 1 ms',
    },
    {
      what: 'list of referrals, 50 rows, HTML compressed',
      measured: `${(gzipSync(render()).length / 1024).toFixed(1)} KB`,
      reach: '≤ 8 KB',
      aim: '',
    },
  ];
}
