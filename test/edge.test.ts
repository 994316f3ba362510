/** The desk, the lobby and the pages as they are deployed, each in a VM of the edge runtime that refuses to make code from strings, over Neon's driver. */
import { readFile } from 'node:fs/promises';
import { EdgeVM } from '@edge-runtime/vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleEdge } from '../scripts/bundle-edge.ts';
import { applyVendor } from '../src/admin/apply-vendor.ts';
import { createKey } from '../src/admin/create-key.ts';
import { connectPostgres } from '../src/db/drivers/postgres.ts';
import { createWorld } from '../src/deps.ts';
import { type NeonBridge, startNeonBridge } from './support/neon-bridge.ts';
import { type MigratedDatabase, migratedDatabase } from './support/postgres-world.ts';

const host = 'desk.example.com';
const masterKey = crypto.getRandomValues(new Uint8Array(32));

let database: MigratedDatabase;
let bridge: NeonBridge;
let key: string;
type Send = (path: string, init?: RequestInit) => Promise<Response>;
let send: Send;
let sendToLobby: Send;
let sendToPages: Send;
let sendToLedger: Send;
let sendToOffice: Send;
let gzipBytes: number;
let evaluatedMs: number;

beforeAll(async () => {
  [database, bridge] = await Promise.all([migratedDatabase(), startNeonBridge()]);
  key = await openTenant(database.appUrl);
  const [desk, lobby, people, ledger, office] = await Promise.all([
    bundleEdge('src/index.ts', 'script'),
    bundleEdge('src/lobby.ts', 'script'),
    bundleEdge('src/people.ts', 'script'),
    bundleEdge('src/ledger.ts', 'script'),
    bundleEdge('src/office.ts', 'script'),
  ]);
  gzipBytes = desk.gzipBytes;
  const started = performance.now();
  send = deployed(desk.code);
  evaluatedMs = performance.now() - started;
  sendToLobby = deployed(lobby.code);
  sendToPages = deployed(people.code);
  sendToLedger = deployed(ledger.code);
  sendToOffice = deployed(office.code);
});
afterAll(async () => {
  await bridge?.close();
  await database?.drop();
});

function deployed(code: string): Send {
  const vm = new EdgeVM({ codeGeneration: { strings: false, wasm: false } });
  Object.assign(vm.context, {
    process: {
      env: {
        DATABASE_URL: database.appUrl,
        FRONTDESK_MASTER_KEY: Buffer.from(masterKey).toString('base64url'),
        CRON_SECRET: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url'),
        PUBLIC_ORIGIN: `https://${host}`,
      },
    },
    // The one thing that is not as on the platform: every request that leaves goes to the bridge. Node's fetch knows no signal of the VM.
    fetch: (_url: string, { signal: _signal, ...init }: RequestInit) => fetch(bridge.url, init),
  });
  vm.evaluate(code);
  return (path, init = {}) =>
    vm.evaluate<(url: string, init: RequestInit) => Promise<Response>>('(url, init) => edge.default.fetch(new Request(url, init))')(
      `https://${host}${path}`,
      { ...init, headers: { Host: host, ...init.headers } },
    );
}

async function openTenant(url: string): Promise<string> {
  const db = connectPostgres(url);
  try {
    const release = { region: undefined, commit: undefined };
    const { admin } = createWorld({ db, masterKey, mode: 'postgres', cronSecret: undefined, trustedProxyHops: 1, release });
    const raw: unknown = JSON.parse(await readFile(new URL('../vendor/ledgerbridge.json', import.meta.url), 'utf8'));
    expect(await applyVendor(admin, { raw, origin: `https://${host}`, hosts: [host] })).toMatchObject({ ok: true });
    const created = await createKey(admin, { host, organization: { domain: 'acme-ops.example' }, agentName: 'ops-optimizer' });
    if (!created.ok) throw new Error(created.code);
    return created.value.key;
  } finally {
    await db.close();
  }
}

const json = { 'Content-Type': 'application/json' };
const prospect = { name: 'Northwind Freight', domain: 'northwind-freight.example' };
const rpc = (method: string, params: object) => JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });

describe('the edge bundle', () => {
  it('is at most 300 KB when compressed', () => {
    expect(gzipBytes).toBeLessThanOrEqual(300_000);
  });

  it('refuses to make code from strings, so that what runs here runs on the platform', () => {
    const vm = new EdgeVM({ codeGeneration: { strings: false, wasm: false } });
    expect(() => vm.evaluate("new Function('return 1')()")).toThrow(/Code generation from strings/);
  });

  it('serves the capabilities, and 304 to who has them', async () => {
    const started = performance.now();
    const first = await send('/v1/capabilities');
    console.log(
      `evaluated in ${evaluatedMs.toFixed(0)} ms, first request ${(performance.now() - started).toFixed(0)} ms, ${gzipBytes} bytes gzip`,
    );
    expect(first.status).toBe(200);
    expect(await first.json()).toMatchObject({ vendor: { name: 'LedgerBridge' }, signatures: [{}] });
    const again = await send('/v1/capabilities', { headers: { 'If-None-Match': first.headers.get('ETag') ?? '' } });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  it('provisions over Neon’s driver in two requests, and answers the same again', async () => {
    const request = { method: 'POST', headers: { ...json, Authorization: `Bearer ${key}`, 'Idempotency-Key': crypto.randomUUID() } };
    const before = bridge.requests();
    const made = await send('/v1/workspaces/provision', { ...request, body: JSON.stringify({ prospect }) });
    const text = await made.text();
    expect([made.status, bridge.requests() - before]).toEqual([201, 2]);
    expect(JSON.parse(text)).toMatchObject({ referral: { status: 'pending' }, attribution: { outcome: 'attributed' } });
    const again = await send('/v1/workspaces/provision', { ...request, body: JSON.stringify({ prospect }) });
    expect(again.headers.get('Idempotency-Replayed')).toBe('true');
    expect(await again.text()).toBe(text);
    const { credentials, workspace } = JSON.parse(text);
    const rows = await send(`/v1/workspaces/${workspace.id}/data/account`, { headers: { Authorization: `Bearer ${credentials.api_key}` } });
    expect([rows.status, (await rows.json()).data.length]).toEqual([200, 5]);
  });

  it('shows the page of a workspace that was opened at the desk, and where people sign in', async () => {
    const headers = { ...json, 'Idempotency-Key': crypto.randomUUID() };
    const made = await send('/v1/workspaces/provision', { method: 'POST', headers, body: JSON.stringify({ prospect }) });
    const { url } = (await made.json()).claim;
    const page = await sendToPages(new URL(url).pathname);
    expect([page.status, page.headers.get('Content-Type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(await page.text()).toContain('A workspace is waiting for you at LedgerBridge');
    expect((await sendToPages('/login')).status).toBe(200);
  });

  it('leads to the sign-in whoever opens a page of the ledger, and finds none that there is not', async () => {
    for (const [send, path] of [
      [sendToLedger, '/ledger/referrals'],
      [sendToOffice, '/ledger/settings'],
    ] as const) {
      const { status, headers } = await send(path);
      expect([status, headers.get('Location')]).toEqual([303, `/login?next=${encodeURIComponent(path)}`]);
    }
    expect((await sendToLedger('/ledger/nothing')).status).toBe(404);
  });

  it('gives a token at the lobby, and takes it at the desk', async () => {
    const registered = await sendToLobby('/agent/identity', { method: 'POST', headers: json, body: JSON.stringify({ type: 'anonymous' }) });
    const { identity_assertion: assertion } = await registered.json();
    const grant = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion, resource: `https://${host}` };
    const given = await sendToLobby('/oauth/token', {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(grant).toString(),
    });
    const { access_token } = await given.json();
    expect(given.status).toBe(200);
    const me = await send('/v1/me', { headers: { Authorization: `Bearer ${access_token}` } });
    expect([me.status, (await me.json()).tier]).toEqual([200, 'anonymous']);
  });

  it('answers MCP calls of the eras before 2026-07-28', async () => {
    const headers = { ...json, Accept: 'application/json, text/event-stream', 'MCP-Protocol-Version': '2025-11-25' };
    const body = rpc('tools/call', { name: 'provision_workspace', arguments: { prospect, idempotency_key: crypto.randomUUID() } });
    const answer = await send('/mcp', { method: 'POST', headers, body });
    expect(answer.status).toBe(200);
    const { result } = await answer.json();
    expect(result.isError ?? false).toBe(false);
    expect(result.structuredContent).toMatchObject({ workspace: { status: 'active' }, referral: null });
  });

  it('answers MCP calls of the era of 2026-07-28', async () => {
    const headers = {
      ...json,
      Accept: 'application/json, text/event-stream',
      'MCP-Protocol-Version': '2026-07-28',
      'Mcp-Method': 'tools/call',
      'Mcp-Name': 'get_capabilities',
    };
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
      'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
    };
    const answer = await send('/mcp', {
      method: 'POST',
      headers,
      body: rpc('tools/call', { name: 'get_capabilities', arguments: {}, _meta }),
    });
    expect(answer.status).toBe(200);
    expect((await answer.json()).result).toMatchObject({ structuredContent: { vendor: { name: 'LedgerBridge' } } });
  });

  it('lists its tools there', async () => {
    const headers = { ...json, Accept: 'application/json, text/event-stream', 'MCP-Protocol-Version': '2025-11-25' };
    const { result } = await (await send('/mcp', { method: 'POST', headers, body: rpc('tools/list', {}) })).json();
    expect(result.tools.length).toBeGreaterThan(5);
  });
});
