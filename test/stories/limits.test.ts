import { beforeAll, describe, expect, it } from 'vitest';
import { freshAddress, freshProspect, freshWorkspace, made201, stageOf } from '../support/examples.ts';
import { exhaustLimit } from '../support/mishaps.ts';
import { sql } from '../support/sql.ts';
import { openTestWorld, otherHost, type SendOptions, type TestWorld } from '../support/world.ts';

let t: TestWorld;
beforeAll(async () => {
  t = await openTestWorld();
});

const minute = 60_000;
/** The demo vendor lets an address come 20 times at once and 60 times an hour: one more every minute. */
const burst = 20;

const rehearse = (from: string, more: SendOptions = {}) =>
  t.send('POST', '/v1/workspaces/provision', { body: { prospect: freshProspect(), dry_run: true }, from, ...more });

/** How many of so many calls, one after the other, were let in. */
async function admitted(count: number, call: (i: number) => ReturnType<typeof rehearse>): Promise<number> {
  let let_in = 0;
  for (let i = 0; i < count; i++) if ((await call(i)).status !== 429) let_in += 1;
  return let_in;
}

describe('somebody without a credential', () => {
  it('comes twenty times at once, is told when to come back, and is let in again then', async () => {
    const from = freshAddress();
    expect(await admitted(burst, () => rehearse(from))).toBe(burst);
    const refused = await rehearse(from);
    expect([refused.status, refused.body.code, refused.body.retryable]).toEqual([429, 'rate.limited', true]);
    const wait = Number(refused.headers.get('Retry-After'));
    expect([refused.body.retry_after_s, wait > 30 && wait <= 60]).toEqual([wait, true]);
    t.advance(wait * 1_000);
    expect((await rehearse(from)).status).toBe(200);
    expect((await rehearse(from)).status).toBe(429);
    t.advance(5 * minute);
    expect(await admitted(7, () => rehearse(from))).toBe(5);
    t.advance(60 * minute);
    expect(await admitted(burst + 2, () => rehearse(from))).toBe(burst);
  });

  it('loses nothing by being refused: what was refused is not charged', async () => {
    const from = freshAddress();
    await admitted(burst, () => rehearse(from));
    expect(await admitted(30, () => rehearse(from))).toBe(0);
    t.advance(minute);
    expect((await rehearse(from)).status).toBe(200);
  });

  it('is not charged for the same request again, not even when nothing is left', async () => {
    const from = freshAddress();
    const [body, idempotencyKey] = [{ prospect: freshProspect(), seed_rows: 0 }, crypto.randomUUID()];
    const send = () => t.send('POST', '/v1/workspaces/provision', { body, idempotencyKey, from });
    const first = await send();
    expect(first.status).toBe(201);
    const again = await admitted(40, send);
    expect(again).toBe(40);
    expect(await admitted(burst, () => rehearse(from))).toBe(burst - 1);
    const replayed = await send();
    expect([replayed.text, replayed.headers.get('RateLimit')]).toEqual([first.text, null]);
  });

  it('is charged for what it gets wrong', async () => {
    const from = freshAddress();
    const wrong = () => rehearse(from, { body: { nothing: 1 } });
    expect((await wrong()).status).toBe(400);
    expect(await admitted(burst, () => rehearse(from))).toBe(burst - 1);
  });

  it.each(['X-Forwarded-For', 'X-Real-IP', 'Forwarded', 'CF-Connecting-IP', 'True-Client-IP', 'X-Client-IP'])(
    'does not become somebody else by %s',
    async (header) => {
      const from = freshAddress();
      const call = (i: number) => rehearse(from, { headers: { [header]: header === 'Forwarded' ? `for=192.0.2.${i}` : `192.0.2.${i}` } });
      expect(await admitted(burst + 3, call)).toBe(burst);
    },
  );

  it.each([
    ['one IPv4 /24', (i: number) => `203.0.113.${i}`],
    ['one IPv6 /48', (i: number) => `2001:db8:77:${i.toString(16)}::${i + 1}`],
    ['one IPv6 /48, written in other ways', (i: number) => (i % 2 ? `2001:0DB8:0078:${i}::1` : `2001:db8:78::${i}`)],
    ['an address mapped into IPv6', (i: number) => (i % 2 ? `::ffff:198.18.5.${i}` : `198.18.5.${i}`)],
  ])('does not become somebody else by walking through %s', async (_, address) => {
    expect(await admitted(burst + 3, (i) => rehearse(address(i)))).toBe(burst);
  });

  it('shares nothing with another network', async () => {
    const [one, two] = ['2001:db8:79::1', '2001:db8:80::1'];
    await admitted(burst, () => rehearse(one));
    expect([(await rehearse(one)).status, (await rehearse(two)).status]).toEqual([429, 200]);
  });
});

describe('a key', () => {
  it('has a limit of its own: two of one organization do not share it', async () => {
    const domain = 'limited.example';
    const [one, two] = [await stageOf(t, { domain, host: otherHost }), await stageOf(t, { domain, host: otherHost })];
    const call = (key: string) => t.send('GET', '/v1/referrals', { key, host: otherHost });
    expect((await call(one.key)).headers.get('RateLimit-Policy')).toBe('"api_key";q=100;w=5');
    await exhaustLimit(one);
    expect((await call(one.key)).body).toMatchObject({ code: 'rate.limited', retryable: true });
    expect((await call(two.key)).status).toBe(200);
  });

  it('of a workspace may come 200 times at once', async () => {
    const { id, key } = await freshWorkspace(await stageOf(t));
    const { headers } = await t.send('GET', `/v1/workspaces/${id}`, { key });
    expect(headers.get('RateLimit-Policy')).toBe('"workspace";q=200;w=4');
    expect(headers.get('RateLimit')).toBe('"workspace";r=199;t=1');
  });
});

/** The other vendor lets an address prefix have 2 active workspaces, and come 5 times at once. */
describe('active workspaces', () => {
  const provision = (from: string, more = {}) =>
    t.send('POST', '/v1/workspaces/provision', { host: otherHost, from, body: { prospect: freshProspect(), seed_rows: 0, ...more } });

  it('are capped by network, and freed by revoking', async () => {
    const [from, neighbour] = ['198.18.9.1', '198.18.9.200'];
    const first = await provision(from);
    expect([first.status, (await provision(neighbour)).status]).toEqual([201, 201]);
    const over = await provision(from);
    expect([over.status, over.body.code, over.body.retryable, over.body.retry_after_s]).toEqual([429, 'quota.exhausted', false, undefined]);
    expect((await provision(freshAddress())).status).toBe(201);
    await made201(
      { t, host: otherHost, key: first.body.credentials.api_key },
      `/v1/workspaces/${first.body.workspace.id}`,
      undefined,
      'DELETE',
    );
    expect([(await provision(from)).status, (await provision(from)).status]).toEqual([201, 429]);
  });

  it('are freed by the sweep after they expired, and counted once', async () => {
    const from = freshAddress();
    expect([(await provision(from, { ttl_hours: 1 })).status, (await provision(from)).status]).toEqual([201, 201]);
    t.advance(60 * minute);
    expect((await provision(from)).body.code).toBe('quota.exhausted');
    expect(await t.world.schedules.expire?.()).toMatchObject({ expired: 1, failed: 0 });
    expect((await provision(from)).status).toBe(201);
    expect((await provision(from)).body.code).toBe('quota.exhausted');
    await t.world.schedules.expire?.();
    expect((await provision(from)).body.code).toBe('quota.exhausted');
  });

  it('do not use up an idempotency key by being refused, and leave nothing behind', async () => {
    const from = freshAddress();
    const kept = await provision(from);
    await provision(from);
    const [body, idempotencyKey] = [{ prospect: freshProspect(), seed_rows: 3 }, crypto.randomUUID()];
    const send = () => t.send('POST', '/v1/workspaces/provision', { host: otherHost, from, body, idempotencyKey });
    const count = async () =>
      (
        await sql(
          t,
          'select (select count(*) from frontdesk.workspaces) w, (select count(*) from frontdesk.prospects) p, (select count(*) from frontdesk.workspace_rows) r',
          [],
          otherHost,
        )
      )[0];
    const before = await count();
    expect((await send()).body.code).toBe('quota.exhausted');
    expect(await count()).toEqual(before);
    await made201(
      { t, host: otherHost, key: kept.body.credentials.api_key },
      `/v1/workspaces/${kept.body.workspace.id}`,
      undefined,
      'DELETE',
    );
    expect(await send()).toMatchObject({ status: 201 });
  });

  it('of an organization are capped over all its keys', async () => {
    const domain = 'capped.example';
    const [one, two] = [await stageOf(t, { domain, host: otherHost }), await stageOf(t, { domain, host: otherHost })];
    const first = await freshWorkspace(one);
    await sql(
      t,
      `update frontdesk.counters c set value = c."limit" - 1 where c.name = 'workspaces.active' and c.subject = (
      select o.organization_id from frontdesk.organizations o where o.domain = $1)`,
      [domain],
      otherHost,
    );
    const send = (key: string) => t.send('POST', '/v1/workspaces/provision', { key, host: otherHost, body: { prospect: freshProspect() } });
    expect([(await send(two.key)).status, (await send(one.key)).status, (await send(two.key)).status]).toEqual([201, 429, 429]);
    await made201(two, `/v1/workspaces/${first.id}`, undefined, 'DELETE');
    expect((await send(one.key)).status).toBe(201);
  });

  it('are not needed for a rehearsal', async () => {
    const from = freshAddress();
    await provision(from);
    await provision(from);
    expect((await provision(from, { dry_run: true })).status).toBe(200);
  });
});

describe('open referrals', () => {
  it('of an organization are capped; a repeated one opens nothing and is still answered', async () => {
    const stage = await stageOf(t);
    const prospect = freshProspect();
    await made201(stage, '/v1/referrals', { prospect });
    await sql(t, `update frontdesk.counters c set value = c."limit" where c.name = 'referrals.open_declared'`);
    const record = (body: object) => t.send('POST', '/v1/referrals', { ...stage, body });
    expect((await record({ prospect: freshProspect() })).body.code).toBe('quota.exhausted');
    expect((await record({ prospect })).body.attribution.outcome).toBe('existing_referral');
  });
});
