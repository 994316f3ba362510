import { beforeAll, expect, it } from 'vitest';
import { openHold } from '../../src/domain/referral-step.ts';
import { earn, holdPeriod, release } from '../support/earned.ts';
import { type EventVendor, eventProgram, openEventVendor, reportOf } from '../support/event-vendor.ts';
import { openPostgresWorld, type PostgresWorld } from '../support/postgres-world.ts';
import { commitAt, sceneAt } from '../support/qualify.ts';
import type { Sent } from '../support/world.ts';

/** On a real Postgres, as the login role that owns nothing, through ten connections. */
let t: PostgresWorld;
let vendor: EventVendor;
let made = 0;
beforeAll(async () => {
  t = await openPostgresWorld();
  const rules = [...eventProgram.reward.rules, { ...eventProgram.reward.rules[0], id: 'second', amount_minor: 3000 }];
  vendor = await openEventVendor(t, { reward: { rules } });
});

const times = <T>(count: number, work: (n: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, n) => work(n)));
const tally = (sent: readonly Sent[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { status, body } of sent) {
    const what = status < 300 ? String(body.status) : `${status} ${body.code}`;
    counts[what] = (counts[what] ?? 0) + 1;
  }
  return counts;
};
const organization = () => vendor.organization(`racer-${++made}.example`);
const post = (path: string, body: object) => t.send('POST', path, { host: vendor.host, key: vendor.backEnd, body });
const get = async (path: string, key: string = vendor.backEnd) => (await t.send('GET', path, { host: vendor.host, key })).body;
const confirm = (id: string, reference: string, more = {}) => post(`/v1/rewards/${id}/confirm`, { reference, ...more });
const reverse = (id: string, more = {}) => post(`/v1/rewards/${id}/reverse`, { reason: 'refunded', ...more });
const reward = (id: string) => get(`/v1/rewards/${id}`);

async function due() {
  const key = await organization();
  const earned = await earn(t, vendor, key);
  t.advance(holdPeriod);
  await release(t, vendor.host);
  return { key, ...earned };
}

/** Whatever the database would not let be written, and everything that does not add up. */
async function expectOrder() {
  expect(t.reported).toEqual([]);
  const wrong = `
    select 'reward ' || s.reward_id as what from frontdesk.reward_states s where not frontdesk.reward_in_order(s.tenant_id, s.reward_id)
    union all select 'referral ' || s.referral_id from frontdesk.referral_states s where not frontdesk.referral_in_order(s.tenant_id, s.referral_id)
    union all select 'entry ' || p.entry_id from frontdesk.postings p group by p.tenant_id, p.entry_id, p.currency having sum(p.amount_minor) <> 0
    union all select 'balance ' || b.organization_id || ' ' || b.account from frontdesk.balances b
      where b.balance_minor <> (select coalesce(sum(p.amount_minor), 0) from frontdesk.postings p
        where p.tenant_id = b.tenant_id and p.organization_id = b.organization_id and p.currency = b.currency and p.account = b.account)`;
  expect(await t.see(wrong)).toEqual([]);
}

it('50 confirmations of one payment at once: one fulfilment, one answer', async () => {
  const { key, rewardId } = await due();
  const sent = await times(50, () => confirm(rewardId, 'bank-1'));
  expect(tally(sent)).toEqual({ fulfilled: 50 });
  expect((await reward(rewardId)).fulfilments).toHaveLength(1);
  expect((await get('/v1/balance', key)).balances).toMatchObject([{ paid_out_minor: 5000 }]);
  await expectOrder();
});

it('50 confirmations of a reward that was not sent, each of another payment: one is paid, 49 are told that it was', async () => {
  const { rewardId } = await due();
  await confirm(rewardId, 'bank-0', { outcome: 'failed' });
  const sent = await times(50, (n) => confirm(rewardId, `payment-${n}`));
  expect(tally(sent)).toEqual({ fulfilled: 1, '409 state.forbidden': 49 });
  expect((await reward(rewardId)).fulfilments.map(({ status }: { status: string }) => status)).toEqual(['failed', 'confirmed']);
  await expectOrder();
});

it('confirmed and reversed at once: paid and owed, or never paid, never both or neither', async () => {
  for (let round = 0; round < 5; round++) {
    const { key, rewardId } = await due();
    await confirm(rewardId, 'bank-0', { outcome: 'failed' });
    const sent = await times(8, (n) => (n % 2 === 0 ? confirm(rewardId, 'bank-1') : reverse(rewardId)));
    expect(Object.keys(tally(sent)).filter((what) => what.startsWith('5'))).toEqual([]);
    const { status } = await reward(rewardId);
    const [{ paid_out_minor, owed_minor, available_minor, sending_minor }] = (await get('/v1/balance', key)).balances;
    // The other reward of the referral is on its way.
    expect([status, available_minor, sending_minor, owed_minor]).toEqual(['reversed', 0, 3000, paid_out_minor]);
  }
  await expectOrder();
});

it('both rewards of a referral reversed at once: the referral is reversed by whichever comes last', async () => {
  for (let round = 0; round < 5; round++) {
    const { referralId, rewardIds } = await earn(t, vendor, await organization());
    expect(rewardIds).toHaveLength(2);
    expect(tally(await Promise.all(rewardIds.map((id) => reverse(id))))).toEqual({ reversed: 2 });
    expect((await get(`/v1/referrals/${referralId}`)).status).toBe('reversed');
  }
  await expectOrder();
});

it('a hold that is opened while rewards are released: each is sent before it, or stays for as long as it is open', async () => {
  for (let round = 0; round < 5; round++) {
    const { referralId, rewardId } = await earn(t, vendor, await organization());
    const { organization_id: organizationId } = await reward(rewardId);
    t.advance(holdPeriod);
    const { desk, given } = await sceneAt(t, vendor.host);
    const held = openHold(desk.tenant, { referralId, organizationId }, { kind: 'risk', cause: 'a look', actor: 'a person' }, given);
    await Promise.all([release(t, vendor.host), commitAt(t, vendor.host, held), release(t, vendor.host)]);
    const { status, fulfilments } = await reward(rewardId);
    expect([status, fulfilments.length]).toEqual(status === 'held' ? ['held', 0] : ['fulfilling', 1]);
    t.advance(3_600_000);
    await release(t, vendor.host);
    expect((await reward(rewardId)).status).toBe(status);
  }
  await expectOrder();
});

it('released by eight schedules at once: each reward once, and a debt is netted once', { timeout: 60_000 }, async () => {
  const key = await organization();
  const first = await earn(t, vendor, key);
  t.advance(holdPeriod);
  await release(t, vendor.host);
  for (const id of first.rewardIds) await confirm(id, 'bank-1');
  for (const id of first.rewardIds) await reverse(id);
  for (let n = 0; n < 4; n++) await earn(t, vendor, key);
  t.advance(holdPeriod);
  await times(8, () => release(t, vendor.host));
  // A schedule that was overtaken again and again leaves the rest to the next.
  await release(t, vendor.host);
  const { data } = await get('/v1/rewards?limit=100', key);
  const netted = data.reduce((sum: number, { netted_minor }: { netted_minor: number }) => sum + netted_minor, 0);
  expect(netted).toBe(8000);
  expect(data.filter(({ status }: { status: string }) => status === 'held')).toEqual([]);
  expect((await get('/v1/balance', key)).balances).toMatchObject([{ paid_out_minor: 8000, sending_minor: 24_000, owed_minor: 0 }]);
  await expectOrder();
});

it('32 referrals that qualify at once earn together what the cap allows, and not a cent more', { timeout: 60_000 }, async () => {
  const cap = { per: 'organization', period: 'month', amount_minor: 52_000, currency: 'usd' };
  const capped = await openEventVendor(t, { reward: { rules: eventProgram.reward.rules, caps: [cap] } });
  const key = await organization();
  const record = async (n: number) =>
    (await t.send('POST', '/v1/referrals', { host: vendor.host, key, body: { prospect: { name: 'P', domain: `capped-${n}.example` } } }))
      .body.referral.id as string;
  const ids = await times(32, record);
  await times(32, (n) => {
    const report = reportOf(`capped-${n}`, 'signup.completed', { referral_id: ids[n] }, t.world.deps.now());
    return t.send('POST', '/v1/events', { host: vendor.host, key: capped.backEnd, body: { events: [report] } });
  });
  await Promise.all([t.settle(), t.settle(), t.settle(), t.settle()]);
  await t.settle();
  const { data } = await get('/v1/rewards?limit=100', key);
  const earned = data.map(({ amount }: { amount: { amount_minor: number } }) => amount.amount_minor).sort((a: number, b: number) => a - b);
  expect(earned).toEqual([2000, ...Array.from({ length: 10 }, () => 5000)]);
  const states = await t.see<{ status: string }>(
    `select s.status from frontdesk.referral_states s where s.referral_id in ('${ids.join("', '")}')`,
  );
  expect(states.map(({ status }) => status)).toEqual(ids.map(() => 'qualified'));
  await expectOrder();
});
