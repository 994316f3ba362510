import { formatSecret } from '../src/domain/secret.ts';
import { type Figure, ratio } from './figure.ts';
import { cpuPerRequest, startTarget } from './http.ts';

const json = { 'Content-Type': 'application/json' };
const key = { Authorization: `Bearer ${formatSecret('key', 'dev', new Uint8Array(32).fill(5))}` };

/** A provision request of the usual size: 1.9 KB, four entities of eight fields. */
const provision = JSON.stringify({
  prospect: { name: 'Northwind Freight', domain: 'northwind-freight.example' },
  dry_run: true,
  seed_rows: 0,
  schema: {
    format: 'json-schema',
    document: {
      $defs: Object.fromEntries(
        ['account', 'contact', 'invoice', 'shipment'].map((name) => [
          name,
          {
            type: 'object',
            required: ['id'],
            properties: Object.fromEntries([...'abcdefgh'].map((field) => [`${field}_field`, { type: 'string' }])),
          },
        ]),
      ),
    },
  },
});

/** CPU per request of the HTTP door against bare `node:http` in the same run. */
export async function httpRows(): Promise<Figure[]> {
  const desk = await startTarget('./servers/desk.ts', { BENCH_DATABASE: 'none' });
  const document = await fetch(`${desk.origin}/v1/capabilities`);
  const etag = document.headers.get('ETag') ?? '';
  const bare = await startTarget('./servers/bare.ts', { BENCH_BODY: await document.text(), BENCH_ETAG: etag });
  try {
    const get = { path: '/v1/capabilities', expect: 200 } as const;
    const conditional = { path: '/v1/capabilities', headers: { 'If-None-Match': etag }, expect: 304 } as const;
    const post = {
      method: 'POST',
      path: '/v1/workspaces/provision',
      body: provision,
      expect: 200,
      headers: { ...json, ...key, 'Idempotency-Key': crypto.randomUUID() },
    } as const;
    const tool = {
      method: 'POST',
      path: '/mcp',
      expect: 200,
      headers: { ...json, ...key, Accept: 'application/json, text/event-stream' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'list_referrals', arguments: {} } }),
    } as const;
    const cost = {
      bareGet: await cpuPerRequest(bare, get),
      deskGet: await cpuPerRequest(desk, get),
      bare304: await cpuPerRequest(bare, conditional),
      desk304: await cpuPerRequest(desk, conditional),
      barePost: await cpuPerRequest(bare, post),
      deskPost: await cpuPerRequest(desk, post),
      deskTool: await cpuPerRequest(desk, tool, { amount: 2000 }),
    };
    const us = (value: number) => `${value.toFixed(0)} µs`;
    return [
      {
        what: 'GET /v1/capabilities 200, CPU against node:http',
        measured: `${ratio(cost.deskGet / cost.bareGet)} (${us(cost.deskGet)} / ${us(cost.bareGet)})`,
        reach: '≤ 1.5×',
        aim: '≤ 1.2×',
      },
      {
        what: 'the same, 304',
        measured: `${ratio(cost.desk304 / cost.bare304)} (${us(cost.desk304)} / ${us(cost.bare304)})`,
        reach: '≤ 1.6×',
        aim: '≤ 1.2×',
      },
      {
        what: 'provision (dry run, whole stack, no database) against node:http parsing',
        measured: `${ratio(cost.deskPost / cost.barePost)} (${us(cost.deskPost)} / ${us(cost.barePost)})`,
        reach: '≤ 3×',
        aim: '≤ 2×',
      },
      { what: 'MCP tools/call, whole request, CPU', measured: us(cost.deskTool), reach: '≤ 500 µs', aim: '≤ 250 µs' },
    ];
  } finally {
    desk.stop();
    bare.stop();
  }
}
