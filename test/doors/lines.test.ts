import { beforeAll, describe, expect, it } from 'vitest';
import { verifyExport } from '../../scripts/verify-ledger/verify-export.ts';
import { createApp } from '../../src/app.ts';
import type { Memory } from '../../src/db/memory.ts';
import { openapi } from '../support/contract.ts';
import { writeEvents } from '../support/ledger-writing.ts';
import { backEndKey } from '../support/mishaps.ts';
import { sealAt } from '../support/seal.ts';
import { sql } from '../support/sql.ts';
import { demoHost, openTestWorld, type TestWorld } from '../support/world.ts';

let t: TestWorld;
let key = '';
beforeAll(async () => {
  t = await openTestWorld();
  key = await backEndKey(t, demoHost);
  await writeEvents(t, 2500);
  await sealAt(t);
});

interface Changed {
  readonly load?: (inner: Memory['load']) => Memory['load'];
  readonly waits?: number[];
  readonly lifetimeMs?: number;
}

/** The export as a stream, over an app in which a part of the world is changed. */
async function open(path = '/v1/ledger/export', credential = key, { load, waits = [], lifetimeMs = 240_000 }: Changed = {}) {
  const { memory } = t.world.deps;
  const app = createApp({
    ...t.world,
    deps: { ...t.world.deps, memory: load ? { ...memory, load: load(memory.load) } : memory },
    live: {
      ...t.world.live,
      lifetimeMs,
      later: (ms, run) => {
        waits.push(ms);
        void run();
        return () => {};
      },
    },
  });
  return app.fetch(new Request(`http://${demoHost}${path}`, { headers: { Host: demoHost, Authorization: `Bearer ${credential}` } }));
}

const linesOf = async (response: Response) => (await response.text()).trim().split('\n');
const ledgerSize = async () => Number((await sql(t, 'select count(*) as n from frontdesk.leaves'))[0]?.n);

describe('a list that is answered line by line', () => {
  it('is newline-delimited JSON, whole, over all its pages', async () => {
    const response = await open();
    expect([response.status, response.headers.get('Content-Type')]).toEqual([200, 'application/x-ndjson']);
    const lines = await linesOf(response);
    expect(lines.length).toBeGreaterThan(2500);
    expect(await verifyExport(lines)).toMatchObject({ ok: true, leaves: await ledgerSize() });
  });

  it('asks the database for a page only when the reader has taken the one before', async () => {
    const before = t.roundTrips();
    const reader = (await open()).body?.getReader();
    await reader?.read();
    expect(t.roundTrips() - before).toBeLessThanOrEqual(2);
    await reader?.read();
    expect(t.roundTrips() - before).toBeLessThanOrEqual(3);
    await reader?.cancel();
    expect(t.roundTrips() - before).toBeLessThanOrEqual(3);
  });

  it('ends where it was when it began, although the ledger grows meanwhile', async () => {
    const size = await ledgerSize();
    const response = await open();
    await writeEvents(t, 3);
    await sealAt(t);
    expect(await verifyExport(await linesOf(response))).toMatchObject({ ok: true, leaves: size });
  });

  it('waits when the limit of its caller is reached, and goes on', async () => {
    const waits: number[] = [];
    let calls = 0;
    const response = await open('/v1/ledger/export', key, {
      waits,
      load:
        (inner) =>
        async (...asked) => {
          const loaded = await inner(...asked);
          if (typeof loaded === 'string' || ++calls !== 2) return loaded;
          return { ...loaded, entry: { ...loaded.entry, limit: { name: 'api_key', allowed: false, q: 1, w: 1, r: 0, t: 3 } } };
        },
    });
    expect(await verifyExport(await linesOf(response))).toMatchObject({ ok: true });
    expect(waits).toEqual([3000]);
  });

  it('ends with the problem when it cannot go on, and can be taken up where it ended', async () => {
    const short = await backEndKey(t, demoHost);
    const response = await open('/v1/ledger/export', short);
    await sql(t, 'update frontdesk.api_keys set revoked_at = now() where last4 = $1', [short.slice(-4)]);
    const lines = await linesOf(response);
    const last = JSON.parse(lines.pop() ?? '');
    expect(last).toMatchObject({ line: 'error', problem: { code: 'auth.invalid', status: 401 }, cursor: expect.any(String) });
    const rest = await linesOf(await open(`/v1/ledger/export?cursor=${last.cursor}`));
    expect(await verifyExport([...lines, ...rest])).toMatchObject({ ok: true, leaves: await ledgerSize() });
  });

  it('ends before the platform ends it', async () => {
    const lines = await linesOf(await open('/v1/ledger/export', key, { lifetimeMs: 0 }));
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ line: 'error', problem: { code: 'ledger.busy' } });
  });

  it('tells a bug to the operator and to the caller only that there is one', async () => {
    let calls = 0;
    const response = await open('/v1/ledger/export', key, {
      load:
        (inner) =>
        (...asked) =>
          ++calls === 2 ? Promise.reject(new Error('a secret of ours')) : inner(...asked),
    });
    const lines = await linesOf(response);
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ line: 'error', problem: { code: 'internal' } });
    expect(lines.at(-1)).not.toContain('secret');
    expect(t.reported.map(String)).toEqual(['Error: a secret of ours']);
  });

  it.each([
    ['without a credential', '/v1/ledger/export', 'fd_key_dev_typo', 401],
    ['with a foreign cursor', '/v1/ledger/export?cursor=1-2-3.0123', null, 400],
    ['with an unknown field', '/v1/ledger/export?from=3', null, 400],
  ])('%s is refused as everywhere', async (_, path, credential, status) => {
    const response = await open(path, credential ?? key);
    expect([response.status, response.headers.get('Content-Type')]).toEqual([status, 'application/problem+json']);
  });

  it('needs the scope ledger:read', async () => {
    const without = await t.key({ agentName: 'no-reader', scopes: ['referrals:read'] });
    expect((await open('/v1/ledger/export', without)).status).toBe(403);
  });

  it('is described as such', () => {
    expect(Object.keys(openapi.paths['/v1/ledger/export']?.get?.responses[200]?.content ?? {})).toEqual(['application/x-ndjson']);
  });
});
