import { beforeAll, describe, expect, test } from 'vitest';
import { type EventVendor, openEventVendor, reportOf } from '../support/event-vendor.ts';
import { sql } from '../support/sql.ts';
import { openTestWorld, type TestWorld } from '../support/world.ts';

let t: TestWorld;
let vendor: EventVendor;
let acme: string;
let procura: string;
beforeAll(async () => {
  t = await openTestWorld();
  vendor = await openEventVendor(t);
  acme = await vendor.organization('acme-ops.example');
  procura = await vendor.organization('procura.example');
});

const now = () => t.world.deps.now();
type Trace = { losers: { referral: string; reason: string }[] };
let count = 0;
const fresh = () => `prospect-${++count}.example`;
const record = async (key: string, domain: string, more: object = {}) => {
  const sent = await t.send('POST', '/v1/referrals', { host: vendor.host, key, body: { prospect: { name: 'P', domain }, ...more } });
  expect(sent.status).toBe(201);
  return sent.body.referral.id as string;
};
const report = (...events: readonly object[]) => t.send('POST', '/v1/events', { host: vendor.host, key: vendor.backEnd, body: { events } });
const see = async (key: string, id: string) => (await t.send('GET', `/v1/referrals/${id}`, { host: vendor.host, key })).body;
const statusOf = async (key: string, id: string) => (await see(key, id)).status;

describe('a report', () => {
  test('qualifies the referral it names, and accrues its reward in the same commit', async () => {
    const id = await record(acme, fresh());
    const sent = await report(reportOf('signup-1', 'signup.completed', { referral_id: id }, now()));
    expect([sent.status, sent.body.data]).toEqual([202, [{ id: 'signup-1', outcome: 'stored', matched: true }]]);
    await t.settle();
    expect(await statusOf(acme, id)).toBe('qualified');
    const [reward] = await sql(
      t,
      'select s.status, s.accrued_minor as amount from frontdesk.reward_states s where s.referral_id = $1',
      [id],
      vendor.host,
    );
    expect(reward).toEqual({ status: 'accrued', amount: 5000n });
    expect((await see(acme, id)).timeline.map(({ kind }: { kind: string }) => kind)).toEqual(
      expect.arrayContaining([
        'referral.created',
        'touch.recorded',
        'evidence.recorded',
        'attribution.decided',
        'referral.qualified',
        'reward.accrued',
      ]),
    );
  });

  test('is taken once under its id; another thing under the same id is told apart', async () => {
    const id = await record(acme, fresh());
    const first = reportOf('once', 'product.activated', { referral_id: id }, now());
    expect((await report(first)).body.data[0].outcome).toBe('stored');
    expect((await report(first)).body.data[0].outcome).toBe('duplicate');
    expect((await report({ ...first, type: 'usage.reported' })).body.data[0].outcome).toBe('conflict');
  });

  test('may come bare, as a list of up to a hundred', async () => {
    const events = Array.from({ length: 100 }, (_, n) =>
      reportOf(`bulk-${n}`, 'usage.reported', { prospect_domain: `bulk-${n}.example` }, now()),
    );
    const sent = await t.send('POST', '/v1/events', {
      host: vendor.host,
      key: vendor.backEnd,
      body: JSON.stringify(events),
      headers: { 'Content-Type': 'application/json' },
    });
    expect([sent.status, sent.body.data.length]).toEqual([202, 100]);
    const single = await t.send('POST', '/v1/events', {
      host: vendor.host,
      key: vendor.backEnd,
      body: reportOf('alone', 'usage.reported', { prospect_domain: 'bulk-1.example' }, now()),
    });
    expect(single.status).toBe(202);
  });

  test('that names two different prospects, or none, or a token that was never ours, is refused whole', async () => {
    const [one, other] = [await record(acme, fresh()), fresh()];
    await record(acme, other);
    const both = await report(reportOf('both', 'signup.completed', { referral_id: one, prospect_domain: other }, now()));
    expect([both.status, both.body.errors[0].code]).toEqual([400, 'contradiction']);
    expect((await report(reportOf('none', 'signup.completed', {}, now()))).status).toBe(400);
    const token = await report(reportOf('token', 'signup.completed', { referral_token: 'x.y.z' }, now()));
    expect([token.status, token.body.code]).toEqual([422, 'attribution.token_invalid']);
  });

  test('is for back ends only', async () => {
    const sent = await t.send('POST', '/v1/events', {
      host: vendor.host,
      key: acme,
      body: reportOf('x', 'signup.completed', { prospect_domain: 'x.example' }, now()),
    });
    expect([sent.status, sent.body.code]).toEqual([403, 'scope.missing']);
  });
});

describe('attribution', () => {
  test('credits the evidenced organization, however late the other declared; the other loses and is told so', async () => {
    const domain = fresh();
    const first = await record(acme, domain);
    t.advance(60_000);
    const second = await record(procura, domain);
    await report(reportOf(`s-${domain}`, 'signup.completed', { referral_id: first }, now()));
    await t.settle();
    expect([await statusOf(acme, first), await statusOf(procura, second)]).toEqual(['qualified', 'rejected']);
    const [row] = await sql(t, 'select a.rule, a.trace from frontdesk.attributions a where a.referral_id = $1', [first], vendor.host);
    const trace = row?.trace as Trace | undefined;
    expect([row?.rule, trace?.losers.map(({ referral, reason }) => [referral, reason])]).toEqual([
      'last_evidenced_touch',
      [[second, 'no_evidence']],
    ]);
  });

  test('an agent’s word alone does not qualify', async () => {
    const domain = fresh();
    const id = await record(acme, domain);
    await report(reportOf(`s-${domain}`, 'signup.completed', { prospect_domain: domain }, now()));
    await t.settle();
    expect(await statusOf(acme, id)).toBe('pending');
  });

  test('a token that the vendor hands back opens a referral for an organization that had none, and qualifies it', async () => {
    const domain = fresh();
    const made = await t.send('POST', '/v1/referral-tokens', { host: vendor.host, key: procura, body: { campaign: 'spring' } });
    t.advance(1000);
    await report(reportOf(`s-${domain}`, 'signup.completed', { prospect_domain: domain, referral_code: made.body.code }, now()));
    await t.settle();
    const list = await t.send('GET', '/v1/referrals?campaign=spring', { host: vendor.host, key: procura });
    expect(list.body.data.map(({ status }: { status: string }) => status)).toEqual(['qualified']);
    const receipt = await see(procura, list.body.data[0].id);
    expect(receipt.receipt).toMatch(/^ey/);
  });

  test('a customer that was there before earns nobody anything', async () => {
    const domain = fresh();
    const id = await record(acme, domain);
    await report(
      reportOf(`e-${domain}`, 'customer.existing', { prospect_domain: domain }, new Date(now().getTime() - 86_400_000)),
      reportOf(`s-${domain}`, 'signup.completed', { referral_id: id }, now()),
    );
    await t.settle();
    expect(await statusOf(acme, id)).toBe('rejected');
    expect(await sql(t, 'select from frontdesk.rewards where referral_id = $1', [id], vendor.host)).toEqual([]);
  });

  test('a report that comes first waits for nothing: reports are kept, in whatever order they come', async () => {
    const domain = fresh();
    const id = await record(acme, domain);
    const at = now();
    t.advance(86_400_000);
    await report(reportOf(`a-${domain}`, 'product.activated', { referral_id: id }, now()));
    await t.settle();
    expect(await statusOf(acme, id)).toBe('pending');
    await report(reportOf(`s-${domain}`, 'signup.completed', { prospect_domain: domain }, at));
    await t.settle();
    expect(await statusOf(acme, id)).toBe('qualified');
  });
});

test('a pending referral expires after its time and the days of grace, and frees its place', async () => {
  const id = await record(acme, fresh());
  const open = () =>
    sql(
      t,
      "select value from frontdesk.counters where name = 'referrals.open_declared' and subject = (select organization_id from frontdesk.referral_states where referral_id = $1)",
      [id],
      vendor.host,
    );
  const [before] = await open();
  t.advance(181 * 86_400_000);
  await t.world.schedules.expire?.();
  expect(await statusOf(acme, id)).toBe('pending');
  t.advance(4 * 86_400_000);
  await t.world.schedules.expire?.();
  expect(await statusOf(acme, id)).toBe('expired');
  const [after] = await open();
  expect(Number(before?.value) - Number(after?.value)).toBeGreaterThan(0);
});
