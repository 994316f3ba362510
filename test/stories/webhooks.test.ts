import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createKey } from '../../src/admin/create-key.ts';
import { agentScopes, staffScopes } from '../../src/domain/scopes.ts';
import { verifyWebhook, webhookSecretBytes } from '../../src/domain/webhook-signature.ts';
import { freshDomain, freshProspect } from '../support/examples.ts';
import { type Delivered, fetchNearby, openReceiver, type Receiver } from '../support/receiver.ts';
import { sql } from '../support/sql.ts';
import { demoHost, openTestWorld, otherHost, type TestWorld } from '../support/world.ts';

let t: TestWorld;
let receiver: Receiver;
let acme: string;
let rival: string;
let vendor: string;
let made = 0;

beforeAll(async () => {
  t = await openTestWorld({ fetchOutside: fetchNearby });
  receiver = await openReceiver();
});
// Each test has organizations of its own, and no endpoint of another test.
beforeEach(async () => {
  await sql(t, "update frontdesk.webhook_endpoints set state = 'deleted'");
  await sql(t, 'delete from frontdesk.outbox');
  await sql(t, 'delete from frontdesk.breakers');
  receiver.answer = () => ({ status: 204 });
  const organization = () => t.key({ organization: { domain: freshDomain() }, scopes: agentScopes });
  [acme, rival] = [await organization(), await organization()];
  vendor = await staffKey(demoHost);
});

async function staffKey(host: string): Promise<string> {
  const created = await createKey(t.world.admin, { host, agentName: 'staff', scopes: [...agentScopes, ...staffScopes] });
  if (!created.ok) throw new Error(created.code);
  return created.value.key;
}

const freshPath = () => `/hook-${++made}`;

async function endpoint(key = acme, types: readonly string[] = ['*']) {
  const path = freshPath();
  const { status, body, text } = await t.send('POST', '/v1/webhook-endpoints', { key, body: { url: receiver.url(path), types } });
  if (status !== 201) throw new Error(text);
  return { path, id: body.id as string, secret: body.secret as string };
}

/** Something that an organization's endpoints hear of. */
async function record(key = acme): Promise<string> {
  const { status, body, text } = await t.send('POST', '/v1/referrals', { key, body: { prospect: freshProspect() } });
  if (status !== 201) throw new Error(text);
  return body.referral.id;
}

const deliveries = async (id: string, key = acme) =>
  (await t.send('GET', `/v1/webhook-endpoints/${id}/deliveries?limit=100`, { key })).body.data as Record<string, unknown>[];
const statusOf = async (id: string, key = acme) => (await t.send('GET', `/v1/webhook-endpoints/${id}`, { key })).body;

function verdict({ headers, body }: Pick<Delivered, 'headers' | 'body'>, ...secrets: string[]) {
  const bytes = secrets.map((secret) => webhookSecretBytes(secret) ?? new Uint8Array());
  return verifyWebhook({ headers, body, secrets: bytes, now: Math.floor(t.world.deps.now().getTime() / 1000) });
}

describe('an endpoint', () => {
  it('hears of what its organization does, signed, with the event as the body', async () => {
    const { path, id, secret } = await endpoint();
    const referral = await record();
    await t.settle();
    const [delivered, ...others] = receiver.at(path).filter(({ event }) => event.type === 'referral.created');
    if (!delivered) throw new Error('nothing came');
    expect(others).toEqual([]);
    const { event, headers } = delivered;
    expect(headers['content-type']).toBe('application/json');
    expect(headers['webhook-id']).toBe(event.id);
    expect(event).toMatchObject({ type: 'referral.created', api_version: 'v1', sequence: expect.any(Number) });
    expect(JSON.stringify(event.data)).toContain(referral);
    expect(verdict(delivered, secret)).toMatchObject({ ok: true, id: event.id });
    expect(await deliveries(id)).toMatchObject([
      { status: 'delivered', event_id: event.id, attempts: 1, last_http_status: 204, last_error: null },
    ]);
  });

  it('has a signature that holds for these bytes, this secret and this time only', async () => {
    const [mine, other] = [await endpoint(), await endpoint()];
    await record();
    await t.settle();
    const [delivered] = receiver.at(mine.path);
    if (!delivered) throw new Error('nothing came');
    expect(verdict(delivered, mine.secret).ok).toBe(true);
    expect(verdict(delivered, other.secret).ok).toBe(false);
    expect(verdict({ ...delivered, body: `${delivered.body} ` }, mine.secret).ok).toBe(false);
    t.advance(301_000);
    expect(verdict(delivered, mine.secret)).toMatchObject({ ok: false, reason: 'timestamp_out_of_tolerance' });
  });

  it('hears only of the types that it asked for', async () => {
    const { path } = await endpoint(acme, ['dispute.opened']);
    await record();
    await t.settle();
    expect(receiver.at(path)).toEqual([]);
  });

  it('hears nothing of another organization, while the vendor’s own hears of all', async () => {
    const [theirs, whole] = [await endpoint(rival), await endpoint(vendor, ['referral.created'])];
    const referral = await record(acme);
    await t.settle();
    expect(receiver.at(theirs.path).filter(({ body }) => body.includes(referral))).toEqual([]);
    expect(receiver.at(whole.path).filter(({ body }) => body.includes(referral))).toHaveLength(1);
  });

  it('gets what happened to one subject in its order, also when attempts fail', async () => {
    const { path } = await endpoint(vendor);
    let turn = 0;
    receiver.answer = () => ({ status: ++turn % 3 === 0 ? 500 : 204 });
    for (let n = 0; n < 6; n++) await record();
    for (let round = 0; round < 6; round++, t.advance(6_000)) await t.settle();
    const bySubject = new Map<string, number[]>();
    for (const { event } of receiver.at(path)) {
      const subject = JSON.stringify(event.data.subject ?? event.data);
      bySubject.set(subject, [...(bySubject.get(subject) ?? []), event.sequence]);
    }
    for (const sequences of bySubject.values()) expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
    expect(new Set(receiver.at(path).map(({ event }) => event.id)).size).toBeGreaterThanOrEqual(6);
  });
});

describe('a receiver', () => {
  it('that fails is called again with the same id and a new signature', async () => {
    const { path, secret, id } = await endpoint();
    receiver.answer = () => ({ status: 503, body: 'a secret of the receiver' });
    await record();
    await t.settle();
    expect(await deliveries(id)).toMatchObject([{ status: 'waiting', attempts: 1, last_http_status: 503, last_error: 'http_503' }]);
    receiver.answer = () => ({ status: 200 });
    t.advance(6_000);
    await t.settle();
    const [first, second] = receiver.at(path);
    if (!first || !second) throw new Error('too little came');
    expect(second.headers['webhook-id']).toBe(first.headers['webhook-id']);
    expect(second.headers['webhook-signature']).not.toBe(first.headers['webhook-signature']);
    expect(verdict(second, secret).ok).toBe(true);
    const listed = await deliveries(id);
    expect(listed).toMatchObject([{ status: 'delivered', attempts: 2 }]);
    expect(JSON.stringify(listed)).not.toContain('a secret of the receiver');
  });

  it('that says when is called then, not before', async () => {
    const { path } = await endpoint();
    receiver.answer = () => ({ status: 429, headers: { 'Retry-After': '120' } });
    await record();
    await t.settle();
    t.advance(100_000);
    await t.settle();
    expect(receiver.at(path)).toHaveLength(1);
    t.advance(21_000);
    await t.settle();
    expect(receiver.at(path)).toHaveLength(2);
  });

  it('that redirects is not followed: it has failed', async () => {
    const [{ path, id }, other] = [await endpoint(), freshPath()];
    receiver.answer = () => ({ status: 302, headers: { Location: receiver.url(other) } });
    await record();
    await t.settle();
    expect([receiver.at(path).length, receiver.at(other).length]).toEqual([1, 0]);
    expect(await deliveries(id)).toMatchObject([{ status: 'waiting', last_error: 'http_302' }]);
  });

  it('that answers 410 is called no more, and its owner’s other endpoints hear of it', async () => {
    const [gone, sound] = [await endpoint(), await endpoint(acme, ['webhook.disabled'])];
    receiver.answer = ({ path }) => ({ status: path === gone.path ? 410 : 204 });
    await record();
    await t.settle();
    expect(await statusOf(gone.id)).toMatchObject({ status: 'disabled', disabled_because: 'gone' });
    expect(receiver.at(sound.path).map(({ event }) => [event.type, event.data])).toEqual([
      ['webhook.disabled', { endpoint_id: gone.id, reason: 'gone' }],
    ]);
    await record();
    await t.settle();
    expect(receiver.at(gone.path)).toHaveLength(1);
  });

  it('that never answers well is given up after ten attempts in more than 75 hours', async () => {
    const { path, id } = await endpoint();
    receiver.answer = () => ({ status: 400 });
    await record();
    const begun = t.world.deps.now().getTime();
    let ended = begun;
    for (let hours = 0; hours < 100; hours++, t.advance(3_600_000)) {
      const before = receiver.at(path).length;
      await t.settle();
      // The first steps are shorter than an hour.
      for (const ms of [11_000, 330_000, 2_000_000]) {
        if (hours > 0) break;
        t.advance(ms);
        await t.settle();
      }
      if (receiver.at(path).length > before) ended = t.world.deps.now().getTime();
    }
    expect(receiver.at(path)).toHaveLength(10);
    expect(ended - begun).toBeGreaterThan(75 * 3_600_000);
    expect(await deliveries(id)).toMatchObject([{ status: 'dead', attempts: 10, last_error: 'http_400' }]);
  });
});

describe('a secret', () => {
  it('that was rotated signs beside the new one for a day, and not after', async () => {
    const { path, id, secret } = await endpoint();
    const rotated = await t.send('POST', `/v1/webhook-endpoints/${id}/rotate-secret`, { key: acme });
    expect(rotated.body).toMatchObject({ secret_version: 2, secret: expect.stringMatching(/^whsec_/) });
    expect(rotated.body.secret).not.toBe(secret);
    await record();
    await t.settle();
    t.advance(86_400_000);
    await record();
    await t.settle();
    const [during, after] = receiver.at(path);
    if (!during || !after) throw new Error('too little came');
    const told = { ...during, headers: { ...during.headers, 'webhook-timestamp': during.headers['webhook-timestamp'] } };
    const at = Number(during.headers['webhook-timestamp']);
    const holds = (text: string) => {
      const bytes = webhookSecretBytes(text);
      return verifyWebhook({ headers: told.headers, body: told.body, secrets: bytes ? [bytes] : [], now: at }).ok;
    };
    expect([holds(secret), holds(rotated.body.secret)]).toEqual([true, true]);
    expect([verdict(after, secret).ok, verdict(after, rotated.body.secret).ok]).toEqual([false, true]);
  });

  it('is shown by no answer but the ones that made it', async () => {
    const { id, secret } = await endpoint();
    const answers = [
      await t.send('GET', `/v1/webhook-endpoints/${id}`, { key: acme }),
      await t.send('GET', '/v1/webhook-endpoints', { key: acme }),
      await t.send('PATCH', `/v1/webhook-endpoints/${id}`, { key: acme, body: { types: ['*'] } }),
    ];
    for (const { status, text } of answers) expect([status, text.includes(secret), text.includes('whsec_')]).toEqual([200, false, false]);
    const rows = JSON.stringify([
      ...(await sql(t, 'select * from frontdesk.webhook_endpoints')),
      ...(await sql(t, 'select result from frontdesk.idempotency')),
    ]);
    expect(rows).not.toContain('whsec_');
  });

  it('is shown again to a repeated request while it is current and the day is not over', async () => {
    const [body, idempotencyKey] = [{ url: receiver.url(freshPath()), types: ['*'] }, crypto.randomUUID()];
    const create = () => t.send('POST', '/v1/webhook-endpoints', { key: acme, body, idempotencyKey });
    const first = await create();
    expect((await create()).text).toBe(first.text);
    await t.send('POST', `/v1/webhook-endpoints/${first.body.id}/rotate-secret`, { key: acme });
    expect((await create()).body).toMatchObject({ id: first.body.id, secret: null, secret_reason: 'secret_rotated' });
  });

  it('is not shown again a day later', async () => {
    const { id } = await endpoint();
    const idempotencyKey = crypto.randomUUID();
    const rotate = () => t.send('POST', `/v1/webhook-endpoints/${id}/rotate-secret`, { key: acme, idempotencyKey });
    const first = await rotate();
    expect((await rotate()).text).toBe(first.text);
    t.advance(86_400_000);
    expect((await rotate()).body).toMatchObject({ secret: null, secret_reason: 'shown_within_24_hours_only' });
  });
});

describe('an owner', () => {
  it('turns an endpoint off and on; what happened meanwhile is not sent', async () => {
    const { path, id } = await endpoint();
    const set = (enabled: boolean) => t.send('PATCH', `/v1/webhook-endpoints/${id}`, { key: acme, body: { enabled } });
    expect((await set(false)).body).toMatchObject({ status: 'disabled', disabled_because: 'owner' });
    await record();
    await t.settle();
    expect((await set(true)).body).toMatchObject({ status: 'active', disabled_because: null });
    const heard = await record();
    await t.settle();
    expect(receiver.at(path).map(({ body }) => body.includes(heard))).toEqual([true]);
  });

  it('deletes an endpoint, with what was still to be delivered', async () => {
    const { path, id } = await endpoint();
    receiver.answer = () => ({ status: 500 });
    await record();
    await t.settle();
    expect((await t.send('DELETE', `/v1/webhook-endpoints/${id}`, { key: acme })).status).toBe(200);
    t.advance(6_000);
    await t.settle();
    expect(receiver.at(path)).toHaveLength(1);
    expect((await t.send('GET', `/v1/webhook-endpoints/${id}`, { key: acme })).status).toBe(404);
    expect(await sql(t, "select effect_id from frontdesk.outbox where state = 'waiting'")).toEqual([]);
  });

  it('has a delivery sent again, arrived or not', async () => {
    const { path, id } = await endpoint();
    await record();
    await t.settle();
    const [delivery] = await deliveries(id);
    const replay = () => t.send('POST', `/v1/webhook-endpoints/deliveries/${delivery?.id}/replay`, { key: acme });
    expect((await replay()).body).toEqual({ id: delivery?.id, status: 'waiting' });
    expect((await replay()).body.code).toBe('state.forbidden');
    await t.settle();
    const [first, second] = receiver.at(path);
    expect([second?.body, second?.headers['webhook-id']]).toEqual([first?.body, first?.headers['webhook-id']]);
    expect(await deliveries(id)).toMatchObject([{ status: 'delivered', attempts: 1 }]);
  });

  it('has twenty endpoints at most, and a deleted one makes room', async () => {
    const create = () => t.send('POST', '/v1/webhook-endpoints', { key: acme, body: { url: receiver.url('/x'), types: ['*'] } });
    const all = [];
    for (let n = 0; n < 20; n++) all.push(await create());
    expect(all.map(({ status }) => status)).toEqual(all.map(() => 201));
    expect((await create()).body.code).toBe('quota.exhausted');
    await t.send('DELETE', `/v1/webhook-endpoints/${all[0]?.body.id}`, { key: acme });
    expect((await create()).status).toBe(201);
  });

  it('(48) cannot name an address that is not public', async () => {
    for (const url of [
      'https://10.0.0.1/x',
      'http://hooks.example.com/',
      'https://intranet/x',
      'https://hooks.example.com:22/',
      'https://me@hooks.example.com/',
    ]) {
      const { status, body } = await t.send('POST', '/v1/webhook-endpoints', { key: acme, body: { url, types: ['*'] } });
      expect([url, status, body.errors?.[0]?.pointer]).toEqual([url, 400, '/url']);
    }
  });
});

describe('another organization', () => {
  it('finds nothing of an endpoint, and nothing of its deliveries', async () => {
    const { id } = await endpoint();
    await record();
    await t.settle();
    const [delivery] = await deliveries(id);
    const calls = [
      ['GET', `/v1/webhook-endpoints/${id}`],
      ['PATCH', `/v1/webhook-endpoints/${id}`],
      ['DELETE', `/v1/webhook-endpoints/${id}`],
      ['POST', `/v1/webhook-endpoints/${id}/rotate-secret`],
      ['GET', `/v1/webhook-endpoints/${id}/deliveries`],
      ['POST', `/v1/webhook-endpoints/deliveries/${delivery?.id}/replay`],
    ] as const;
    for (const [method, path] of calls) {
      const { status } = await t.send(method, path, { key: rival, ...(method === 'PATCH' ? { body: { enabled: false } } : {}) });
      expect([method, path, status]).toEqual([method, path, 404]);
    }
    expect((await t.send('GET', '/v1/webhook-endpoints', { key: rival })).body.data).toEqual([]);
    expect((await t.send('GET', '/v1/webhook-endpoints', { key: vendor })).body.data.map(({ id: each }: { id: string }) => each)).toEqual([
      id,
    ]);
  });
});

describe('a dead letter', () => {
  async function deadLetter() {
    const made = await endpoint();
    receiver.answer = () => ({ status: 410 });
    await record();
    await t.settle();
    await t.send('PATCH', `/v1/webhook-endpoints/${made.id}`, { key: acme, body: { enabled: true } });
    receiver.answer = () => ({ status: 204 });
    const { body } = await t.send('GET', '/v1/dead-letters', { key: vendor });
    return { ...made, letter: body.data[0] };
  }

  it('is seen by the vendor’s staff, who can have it tried again', async () => {
    const { letter, id, path } = await deadLetter();
    expect(letter).toMatchObject({ kind: 'webhook.deliver', destination: id, last_error: 'endpoint_gone', last_http_status: 410 });
    expect((await t.send('POST', `/v1/dead-letters/${letter.id}/retry`, { key: vendor })).body).toEqual({
      id: letter.id,
      status: 'waiting',
    });
    await t.settle();
    expect(receiver.at(path)).toHaveLength(2);
    expect((await t.send('GET', '/v1/dead-letters', { key: vendor })).body.data).toEqual([]);
  });

  it('is discarded for good', async () => {
    const { letter, path } = await deadLetter();
    const call = (what: string) => t.send('POST', `/v1/dead-letters/${letter.id}/${what}`, { key: vendor });
    expect((await call('discard')).body).toEqual({ id: letter.id, status: 'discarded' });
    expect((await call('retry')).body.code).toBe('state.forbidden');
    await t.settle();
    expect(receiver.at(path)).toHaveLength(1);
    expect((await t.send('GET', '/v1/dead-letters', { key: vendor })).body.data).toEqual([]);
  });

  it('is no matter of an organization, nor of another vendor', async () => {
    const { letter } = await deadLetter();
    for (const key of [acme, rival]) expect((await t.send('GET', '/v1/dead-letters', { key })).status).toBe(403);
    const elsewhere = { key: await staffKey(otherHost), host: otherHost };
    expect((await t.send('GET', '/v1/dead-letters', elsewhere)).body.data).toEqual([]);
    expect((await t.send('POST', `/v1/dead-letters/${letter.id}/discard`, elsewhere)).status).toBe(404);
  });
});
