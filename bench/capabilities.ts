import { formatSecret } from '../src/domain/secret.ts';
import type { Figure } from './figure.ts';
import { compareCpu, type Request, startTarget } from './http.ts';

const json = { 'Content-Type': 'application/json' };
const key = { Authorization: `Bearer ${formatSecret('key', 'dev', new Uint8Array(32).fill(5))}` };

const plain = { prospect: { name: 'Northwind Freight', domain: 'northwind-freight.example' }, dry_run: true, seed_rows: 0 };

/** A provision request of the usual size: 1.9 KB, four entities of eight fields. */
const withSchema = JSON.stringify({
  ...plain,
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

/** CPU per request of the HTTP door against bare `node:http` in the same run, serving the same bytes or parsing the same JSON. */
export async function httpRows(): Promise<Figure[]> {
  const desk = await startTarget('./servers/desk.ts', { BENCH_DATABASE: 'none' });
  const document = await fetch(`${desk.origin}/v1/capabilities`);
  const etag = document.headers.get('ETag') ?? '';
  const bare = await startTarget('./servers/bare.ts', { BENCH_BODY: await document.text(), BENCH_ETAG: etag });
  const row = async (what: string, request: Request, reach: string, aim: string): Promise<Figure> => {
    const cost = await compareCpu(desk, bare, request);
    return { what, measured: `${cost.ratio.toFixed(2)}× (${cost.desk.toFixed(0)} / ${cost.bare.toFixed(0)} µs)`, reach, aim };
  };
  const capabilities = { path: '/v1/capabilities', expect: 200 };
  const provision = (body: string): Request => ({
    method: 'POST',
    path: '/v1/workspaces/provision',
    body,
    expect: 200,
    headers: { ...json, ...key, 'Idempotency-Key': crypto.randomUUID() },
  });
  const tool: Request = {
    method: 'POST',
    path: '/mcp',
    expect: 200,
    headers: { ...json, ...key, Accept: 'application/json, text/event-stream' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'list_referrals', arguments: {} } }),
  };
  try {
    return [
      await row('GET /v1/capabilities 200, CPU against node:http', capabilities, '≤ 1.5×', '≤ 1.2×'),
      await row('the same, 304', { ...capabilities, headers: { 'If-None-Match': etag }, expect: 304 }, '≤ 1.6×', '≤ 1.2×'),
      await row('provision without a schema, whole stack, dry, no database', provision(JSON.stringify(plain)), '≤ 3×', '≤ 2×'),
      await row('provision planning a 4 × 8 field schema, the same', provision(withSchema), '', ''),
      await row('MCP tools/call, whole request', tool, '≤ 500 µs', '≤ 250 µs'),
    ];
  } finally {
    desk.stop();
    bare.stop();
  }
}
