import { createHash } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { callerAddress, clientIp } from '../../src/access/address.ts';
import { createApp } from '../../src/app.ts';
import { connectPostgres } from '../../src/db/drivers/postgres.ts';
import type { Challenge } from '../../src/domain/challenge.ts';
import { freshAddress, freshProspect } from '../support/examples.ts';
import { hostileSchemas } from '../support/hostile.ts';
import { crowd } from '../support/mishaps.ts';
import { migratedDatabase, rowsOf } from '../support/postgres-world.ts';
import { publishedSolver, type Solve } from '../support/solve.ts';
import { sql } from '../support/sql.ts';
import { demoHost, openTestWorld, otherHost, type SendOptions, type Sent, type TestWorld } from '../support/world.ts';

/** On a real Postgres through ten connections, at a time that stands still: a limit is met exactly, or it is not kept. */
let t: TestWorld;
let see: <T>(text: string) => Promise<readonly T[]>;
let solve: Solve;
let at = Date.parse('2026-08-01T09:00:00Z');
const minute = 60_000;
beforeAll(async () => {
  const database = await migratedDatabase();
  t = await openTestWorld({ db: connectPostgres(database.appUrl), now: () => new Date(at) });
  see = (text) => rowsOf(database.adminUrl, text);
  solve = await publishedSolver();
  return () => database.drop();
});
beforeEach(() => {
  at += 24 * 60 * minute;
});

const path = '/v1/workspaces/provision';
const provision = (from: string, more: SendOptions = {}) =>
  t.send('POST', path, { from, body: { prospect: freshProspect(), seed_rows: 1 }, ...more });
const rehearse = (from: string, more: SendOptions = {}) =>
  t.send('POST', path, { from, body: { prospect: freshProspect(), dry_run: true }, ...more });

const times = <T>(count: number, work: (n: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, n) => work(n)));
const tally = (sent: readonly Sent[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { status, body } of sent) {
    const what = status < 300 ? String(status) : `${status} ${body.code}`;
    counts[what] = (counts[what] ?? 0) + 1;
  }
  return counts;
};

describe('(26) 1,000 anonymous calls at once', () => {
  it('(26) from one address: as many get in as the limit says, the rest are told when to come back', { timeout: 120_000 }, async () => {
    const from = freshAddress();
    const sent = await times(1000, () => provision(from));
    expect(tally(sent)).toEqual({ 201: 20, '429 rate.limited': 980 });
    const refused = sent.filter(({ status }) => status === 429);
    expect(
      refused.every(({ headers, body }) => Number(headers.get('Retry-After')) === body.retry_after_s && body.retry_after_s === 60),
    ).toBe(true);
    const [left] = await see(`select (select count(*) from frontdesk.workspaces)::int as workspaces,
      (select count(distinct prospect_id) from frontdesk.workspaces)::int as prospects,
      (select count(*) from frontdesk.prospects)::int as known, (select count(*) from frontdesk.idempotency)::int as answers,
      (select count(distinct workspace_id) from frontdesk.workspace_rows)::int as furnished,
      (select sum(value) from frontdesk.counters where name = 'workspaces.active')::int as counted,
      (select count(*) from frontdesk.referrals)::int as referrals`);
    expect(left).toEqual({ workspaces: 20, prospects: 20, known: 20, answers: 20, furnished: 20, counted: 20, referrals: 0 });
  });

  it('(26) more active workspaces than the cap: exactly the cap, and nothing of the others', async () => {
    const from = freshAddress();
    const sent = await times(50, () => provision(from, { host: otherHost }));
    expect(tally(sent)).toEqual({ 201: 2, '429 quota.exhausted': 3, '429 rate.limited': 45 });
    const [left] = await see(`select count(*)::int as workspaces, count(distinct w.prospect_id)::int as prospects,
      (select value from frontdesk.counters c where c.name = 'workspaces.active' and c.subject = min(w.owner))::int as counted
      from frontdesk.workspaces w where w.tenant_id = (select tenant_id from frontdesk.tenant_hosts where host = '${otherHost}')`);
    expect(left).toEqual({ workspaces: 2, prospects: 2, counted: 2 });
  });

  it('(26) from as many networks: all of them together have a limit, and who is refused loses nothing', { timeout: 120_000 }, async () => {
    const sent = await times(700, (n) => rehearse(`198.${18 + (n >> 8)}.${n & 255}.1`, { host: otherHost }));
    expect(tally(sent)).toEqual({ 200: 600, '401 challenge.required': 100 });
    const [charged] =
      await see(`select count(*) filter (where l.tat > '${new Date(at).toISOString()}')::int as networks, count(*)::int as seen
      from frontdesk.limits l join frontdesk.tenant_hosts h using (tenant_id)
      where h.host = '${otherHost}' and l.bucket like 'net:%' and l.tat >= '${new Date(at).toISOString()}'`);
    expect(charged).toEqual({ networks: 600, seen: 700 });
    at += 3_000;
    expect((await rehearse(freshAddress(), { host: otherHost })).headers.get('RateLimit-Policy')).toBe('"strangers";q=600;w=1800');
  });

  it('(26) a crowd of strangers keeps nobody out who has a key', async () => {
    await crowd(t, demoHost);
    expect((await rehearse(freshAddress(), { key: await t.key() })).status).toBe(200);
  });
});

describe('(27) proof of work', () => {
  let from: string;
  let asked: { body: object; idempotencyKey: string };
  beforeEach(async () => {
    [from, asked] = [freshAddress(), { body: { prospect: freshProspect(), seed_rows: 1 }, idempotencyKey: crypto.randomUUID() }];
    await crowd(t, demoHost);
    await crowd(t, otherHost);
  });

  const send = (answer: string | null, more: SendOptions = {}) =>
    t.send('POST', path, { from, ...asked, ...(answer === null ? {} : { headers: { 'Challenge-Response': answer } }), ...more });
  const challenged = async (more: SendOptions = {}): Promise<Challenge> => (await send(null, more)).body.challenge;
  const refused = ({ status, body }: Sent) => [status, body.code, typeof body.challenge?.challenge];
  const again = [401, 'challenge.required', 'string'];

  it('(27) lets the call in that it was made for, once, and repeats its answer without another', async () => {
    const { status, body, headers } = await send(null);
    expect([status, body.code, body.challenge.alg, body.challenge.bits]).toEqual([401, 'challenge.required', 'sha-256', 16]);
    expect(headers.get('Retry-After')).toBe(String(body.retry_after_s));
    expect(headers.get('WWW-Authenticate')).toContain('resource_metadata=');
    const answer = solve(body.challenge);
    const first = await send(answer);
    expect(first.status).toBe(201);
    expect(first.headers.get('RateLimit-Policy')).toBe('"anonymous";q=20;w=1200');
    at += 6 * minute;
    expect([(await send(answer)).text, (await send(null)).text]).toEqual([first.text, first.text]);
    expect(refused(await send(answer, { idempotencyKey: crypto.randomUUID() }))).toEqual(again);
  });

  it('(27) lets exactly one of ten in that bring the same answer at once', async () => {
    const answer = solve(await challenged());
    const sent = await times(10, () => send(answer, { idempotencyKey: crypto.randomUUID() }));
    expect(tally(sent)).toEqual({ 201: 1, '401 challenge.required': 9 });
  });

  it('(27) is of no use for another body, operation or vendor', async () => {
    const answer = solve(await challenged());
    const body = { prospect: freshProspect(), seed_rows: 1 };
    expect(refused(await send(answer, { body }))).toEqual(again);
    expect(refused(await send(answer, { host: otherHost }))).toEqual(again);
    const program = (await t.send('GET', '/v1/capabilities')).body.referral.program_id;
    const estimate = { from, body: asked.body, headers: { 'Challenge-Response': answer } };
    const elsewhere = await t.send('POST', `/v1/programs/${program}/estimate`, { ...estimate, body: { amount_minor: 1, currency: 'usd' } });
    expect(refused(elsewhere)).toEqual(again);
    expect((await send(answer)).status).toBe(201);
  });

  it('(27) is bound to what is asked and not to how it is written', async () => {
    const { prospect } = asked.body as { prospect: { name: string; domain: string } };
    const answer = solve(await challenged());
    const other = `{ "seed_rows": 1.0, "prospect": { "domain": "${prospect.domain}",  "name": "${prospect.name}" } }`;
    expect((await send(answer, { body: other })).status).toBe(201);
  });

  it('(27) ends after five minutes', async () => {
    const answer = solve(await challenged());
    at += 5 * minute - 1_000;
    expect((await send(answer, { body: asked.body })).status).toBe(201);
    const late = { ...asked, body: { prospect: freshProspect() }, idempotencyKey: crypto.randomUUID() };
    const next = solve(await challenged(late));
    at += 5 * minute;
    await crowd(t, demoHost);
    expect(refused(await send(next, late))).toEqual(again);
  });

  it('(27) cannot be made easier: fewer bits, another expiry or a MAC of one’s own', async () => {
    const { challenge, bits } = await challenged();
    let short = 0;
    while (createHash('sha256').update(`${challenge}.${short}`).digest()[0] === 0) short += 1;
    const parts = challenge.split('.');
    const changed = (index: number, value: string) => parts.with(index, value).join('.');
    const forged = [
      `${challenge}.${short}`,
      solve({ challenge: changed(1, '01'), bits: 1 }),
      solve({ challenge: changed(2, '9999999999'), bits }),
      solve({ challenge: changed(5, 'a'.repeat(64)), bits }),
      `${solve({ challenge, bits })}0`,
      'x'.repeat(10_000),
    ];
    for (const answer of forged) expect(refused(await send(answer)), answer.slice(0, 300)).toEqual(again);
  });

  it('(27) does not lift the limit of the network, and costs more the busier that is', async () => {
    const limit =
      "update frontdesk.limits set tat = $1 where bucket = (select bucket from frontdesk.limits where bucket like 'net:%' and tat >= $2 order by tat desc limit 1)";
    const answer = solve(await challenged());
    // Eight calls stand against it, and the next one.
    await sql(t, limit, [new Date(at + 8 * minute), new Date(at)]);
    expect((await challenged()).bits).toBe(16 + 3);
    await sql(t, limit, [new Date(at + 20 * minute), new Date(at)]);
    const full = await send(answer);
    expect([full.status, full.body.code, full.headers.get('RateLimit-Policy')]).toEqual([429, 'rate.limited', '"anonymous";q=20;w=1200']);
    expect((await send(answer, { from: freshAddress() })).status).toBe(201);
  });

  it('(27) is handed out beforehand, for what is asked later, and never cheaper than it would be then', async () => {
    const { prospect } = asked.body as { prospect: object };
    const canonical = JSON.stringify({
      prospect: { domain: Reflect.get(prospect, 'domain'), name: Reflect.get(prospect, 'name') },
      seed_rows: 1,
    });
    const input = createHash('sha256').update(canonical).digest('hex');
    const got = await t.send('GET', `/v1/challenge?operation=provision_workspace&input_sha256=${input}`, { from });
    expect([got.status, got.headers.get('Cache-Control'), got.body.bits]).toEqual([200, 'private, no-store', 22]);
    // Of the same call as the one that is handed out with a refusal, so that what is told of that holds for this one.
    const callOf = ({ challenge }: Challenge) => challenge.split('.')[4];
    expect(callOf(got.body)).toBe(callOf(await challenged()));
  });

  it('(27) is asked for and answered over MCP as over REST', async () => {
    const call = async (more: object) => {
      const args = { ...asked.body, idempotency_key: crypto.randomUUID(), ...more };
      const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'provision_workspace', arguments: args } };
      const headers = { Accept: 'application/json, text/event-stream', 'MCP-Protocol-Version': '2025-11-25' };
      return (await t.send('POST', '/mcp', { from, body, headers, idempotencyKey: null })).body.result;
    };
    const first = await call({});
    expect(first.isError).toBe(true);
    const { code, challenge } = JSON.parse(first.content[0].text);
    expect(code).toBe('challenge.required');
    const second = await call({ challenge_response: solve(challenge) });
    expect([second.isError ?? false, second.structuredContent?.workspace?.status]).toEqual([false, 'active']);
  });
});

describe('(28) a forged address', () => {
  it.each([
    ['behind no proxy', 0, (n: number) => `192.0.2.${n}`],
    ['behind one proxy, which writes the last entry', 1, (n: number) => `192.0.2.${n}, 203.0.113.9`],
  ])('(28) X-Forwarded-For, %s, does not change the bucket', async (_, hops, header) => {
    const key = new Uint8Array(32).fill(hops + 1);
    const app = createApp({ ...t.world, addressOf: (request, socket) => callerAddress(clientIp(request.headers, socket, hops), key) });
    const sent = await times(60, (n) =>
      rehearseAt(app, { 'X-Forwarded-For': header(n), 'X-Real-IP': `192.0.2.${n}`, Forwarded: `for=192.0.2.${n}` }),
    );
    expect(sent.filter((status) => status === 200)).toHaveLength(20);
  });

  it('(28) walking through an IPv6 /48 does not evade, not even at once', async () => {
    const sent = await times(60, (n) => rehearse(`2001:db8:77:${n.toString(16)}::${n + 1}`));
    expect(tally(sent)).toEqual({ 200: 20, '429 rate.limited': 40 });
  });
});

async function rehearseAt(app: TestWorld['app'], headers: Record<string, string>): Promise<number> {
  const body = JSON.stringify({ prospect: freshProspect(), dry_run: true });
  const all = { Host: demoHost, 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID(), ...headers };
  const request = new Request(`http://${demoHost}${path}`, { method: 'POST', headers: all, body });
  return (await app.fetch(request, { incoming: { socket: { remoteAddress: '198.51.100.7' } } })).status;
}

it.each(Object.keys(hostileSchemas))(
  '(29) a hostile schema is refused with reasons or drawn, never a failure of ours: %s',
  async (name) => {
    const sent = await rehearse(freshAddress(), {
      body: { prospect: freshProspect(), dry_run: true, schema: { format: 'json-schema', document: hostileSchemas[name] } },
    });
    expect([200, 400, 422]).toContain(sent.status);
    if (sent.status !== 200) expect(sent.body.errors.length).toBeGreaterThan(0);
    expect(t.reported).toEqual([]);
  },
);

it('(31) an idempotency key that comes again with another body is refused, at once or later', async () => {
  const [from, idempotencyKey] = [freshAddress(), crypto.randomUUID()];
  const sent = await times(6, () => provision(from, { idempotencyKey }));
  expect(tally(sent)).toEqual({ 201: 1, '422 idempotency.mismatch': 5 });
  expect((await provision(from, { idempotencyKey })).body.code).toBe('idempotency.mismatch');
});
