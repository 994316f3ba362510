/** Rewards that are no credit on a bill: discounts, usage credits, features, payments to connected accounts; at the simulator, through the schedule and the outbox. */
import type Stripe from 'stripe';
import { beforeAll, describe, expect, it } from 'vitest';
import { queries } from '../../src/db/queries.ts';
import { readBackEffect } from '../../src/domain/payment.ts';
import { openHold } from '../../src/domain/referral-step.ts';
import { monthlyPrice } from '../simulators/opened.ts';
import { staffStage } from '../support/examples.ts';
import { commitAt, sceneAt } from '../support/qualify.ts';
import { sql } from '../support/sql.ts';
import { accountPayee, customerPayee, grantReferee, type Payee, releaseAll, released, seen } from '../support/stripe-rewards.ts';
import { openStripeWorld, type StripeWorld } from '../support/stripe-world.ts';
import { demoHost } from '../support/world.ts';

let t: StripeWorld;
let plan: Stripe.Price;
beforeAll(async () => {
  t = await openStripeWorld();
  plan = await monthlyPrice(t.stripe);
});

const promise = { amountMinor: 0n, currency: 'xxx' };
const subscribe = (to: Payee, wish: Partial<Stripe.SubscriptionCreateParams> = {}) =>
  t.stripe.subscriptions.create({ customer: to.stripeId, items: [{ price: plan.id }], ...wish });
const shown = (id: string) => t.stripe.subscriptions.retrieve(id, { expand: ['discounts'] });
const couponsOf = ({ discounts }: Stripe.Subscription) =>
  discounts.map((one) => (typeof one === 'string' ? one : one.source.coupon)).map(String);

/** Everything that was promised is withdrawn, as a refund would. */
async function withdraw(rewardId: string) {
  const { key } = await staffStage(t);
  const answer = await t.send('POST', `/v1/rewards/${rewardId}/reverse`, { key, body: { reason: 'refunded' } });
  expect(answer.body).toMatchObject({ status: 'reversed' });
  await t.settle();
}

async function entriesOf(rewardId: string, kind: string) {
  return sql(
    t,
    `select e.source, (select json_agg(json_build_array(p.account, p.amount_minor) order by p.leg) from frontdesk.postings p
       where p.entry_id = e.entry_id) as postings from frontdesk.entries e where e.reward_id = $1 and e.kind = $2`,
    [rewardId, kind],
  );
}

async function told(type: string) {
  const { key } = await staffStage(t);
  return (await t.send('GET', `/v1/events?type=${type}&limit=100`, { key })).body.data;
}

describe('a discount', () => {
  const half = { ...promise, kind: 'stripe_subscription_discount', details: { percent_bps: 5000, months: 2 } };

  it('is put beside the discounts that the subscription has, and what it takes off a paid bill is entered once', async () => {
    const acme = await customerPayee(t);
    const own = await t.stripe.coupons.create({ percent_off: 10, duration: 'forever' });
    const { id } = await subscribe(acme, { discounts: [{ coupon: own.id }] });
    const { rewardId } = await released(t, acme, half);
    expect(couponsOf(await shown(id))).toEqual([own.id, `fd-${rewardId}`]);
    expect(await seen(t, acme, rewardId)).toMatchObject({
      status: 'fulfilled',
      amount: null,
      promise: { what: 'discount', percent_bps: 5000, months: 2 },
    });
    await t.advance(32 * 86_400_000);
    const [invoice] = (await t.stripe.invoices.list({ subscription: id, status: 'paid', limit: 1 })).data;
    for (let told = 0; told < 2; told++) {
      const { given } = await sceneAt(t, demoHost);
      await commitAt(t, demoHost, { effects: [readBackEffect(acme.stripeId, invoice?.id ?? '', given)] });
      await t.settle();
    }
    const [entry, more] = await entriesOf(rewardId, 'reward.discounted');
    expect([entry?.source, more]).toEqual([invoice?.id, undefined]);
    expect(entry?.postings).toEqual([
      ['expense', -1305],
      ['discount_settled', 1305],
    ]);
    await withdraw(rewardId);
    expect(couponsOf(await shown(id))).toEqual([own.id]);
  });

  it('is there once, although the answer was lost', async () => {
    const acme = await customerPayee(t);
    const { id } = await subscribe(acme);
    t.simulator.faults.add({ kind: 'timeout_after', method: 'POST', path: '/v1/subscriptions/*' });
    const { rewardId } = await released(t, acme, half);
    await t.advance(60_000);
    expect(t.simulator.faults.happened().timeout_after).toBe(1);
    expect((await seen(t, acme, rewardId)).status).toBe('fulfilled');
    expect(couponsOf(await shown(id))).toEqual([`fd-${rewardId}`]);
    await withdraw(rewardId);
    expect(couponsOf(await shown(id))).toEqual([]);
  });

  it('waits for a subscription, says so, and is there as soon as there is one', async () => {
    const acme = await customerPayee(t);
    const { rewardId } = await released(t, acme, half);
    expect(await seen(t, acme, rewardId)).toMatchObject({ status: 'held', held_reason: 'no_subscription' });
    const { id } = await subscribe(acme);
    await t.settle();
    await releaseAll(t);
    expect(couponsOf(await shown(id))).toEqual([`fd-${rewardId}`]);
  });
});

describe('a discount for the referred side', () => {
  const welcome = { kind: 'stripe_subscription_discount', details: { percent_bps: 2000, months: 3 } };
  const statusOf = async (rewardId: string) =>
    (await t.send('GET', `/v1/rewards/${rewardId}`, { key: (await staffStage(t)).key })).body.status;

  it('goes to the customer that the prospect has become', async () => {
    const { rewardId, customer } = await grantReferee(t, await customerPayee(t), welcome);
    const { id } = await t.stripe.subscriptions.create({ customer, items: [{ price: plan.id }] });
    await releaseAll(t);
    expect(couponsOf(await shown(id))).toEqual([`fd-${rewardId}`]);
    expect(await statusOf(rewardId)).toBe('fulfilled');
  });

  it('goes to the first customer that the prospect was linked to, and no later link leads money elsewhere', async () => {
    const { rewardId, customer } = await grantReferee(t, await customerPayee(t), welcome);
    const { id: later } = await t.stripe.customers.create({});
    await sql(
      t,
      `insert into frontdesk.customers (tenant_id, stripe_customer, prospect_id, linked_at)
       select c.tenant_id, $2, c.prospect_id, c.linked_at + interval '1 second' from frontdesk.customers c where c.stripe_customer = $1`,
      [customer, later],
    );
    const [theirs, ours] = await Promise.all(
      [later, customer].map((one) => t.stripe.subscriptions.create({ customer: one, items: [{ price: plan.id }] })),
    );
    await releaseAll(t);
    expect([couponsOf(await shown(theirs?.id ?? '')), couponsOf(await shown(ours?.id ?? ''))]).toEqual([[], [`fd-${rewardId}`]]);
    const { consult } = await sceneAt(t, demoHost);
    const holders = await consult([queries.customerHolder(later), queries.customerHolder(customer)]);
    expect(holders).toEqual([null, { organization_id: expect.stringMatching(/^org_/) }]);
  });

  it('waits for a subscription of that customer, not for one of the bill that its organization is credited on for its own referrals', async () => {
    const { rewardId, customer } = await grantReferee(t, await customerPayee(t), welcome);
    await releaseAll(t);
    await sql(
      t,
      `insert into frontdesk.payees (tenant_id, organization_id, kind, stripe_id, source, linked_by, linked_at)
       select s.tenant_id, s.organization_id, 'customer', 'cus_OwnBill', 'operator', 'test', s.available_at
       from frontdesk.reward_states s where s.reward_id = $1`,
      [rewardId],
    );
    const { consult } = await sceneAt(t, demoHost);
    const waiting = await consult([queries.waitingForSubscription('cus_OwnBill', 10), queries.waitingForSubscription(customer, 10)]);
    expect(waiting).toEqual([[], [{ reward_id: rewardId }]]);
  });

  it('is not given twice where its checkout gave it already', async () => {
    const { rewardId, customer } = await grantReferee(t, await customerPayee(t), welcome);
    const [reward] = await sql(t, 'select r.referral_id from frontdesk.rewards r where r.reward_id = $1', [rewardId]);
    const coupon = await t.stripe.coupons.create({
      ...{ id: `fd-referee-${reward?.referral_id}`, percent_off: 20, duration: 'repeating', duration_in_months: 3 },
      ...{ max_redemptions: 1, metadata: { frontdesk_rule: 'welcome' } },
    });
    const session = await t.stripe.checkout.sessions.create({
      ...{ mode: 'subscription', customer, line_items: [{ price: plan.id, quantity: 1 }], discounts: [{ coupon: coupon.id }] },
      success_url: 'https://vendor.example/done',
    });
    const { subscription } = t.simulator.completeCheckout(session.id);
    await releaseAll(t);
    expect(couponsOf(await shown(subscription))).toEqual([coupon.id]);
    expect(await statusOf(rewardId)).toBe('fulfilled');
  });
});

describe('usage credits', () => {
  const credits = {
    ...promise,
    kind: 'stripe_credit_grant',
    details: { value_minor: 2500, currency: 'usd', units: 50_000, unit: 'tokens', expires_days: 30 },
  };
  const grantsOf = async ({ stripeId }: Payee) => (await t.stripe.billing.creditGrants.list({ customer: stripeId })).data;

  it('are granted once as promotional credits for metered prices, although the answer was lost; withdrawn, they are void', async () => {
    const acme = await customerPayee(t);
    t.simulator.faults.add({ kind: 'timeout_after', method: 'POST', path: '/v1/billing/credit_grants' });
    const { rewardId } = await released(t, acme, credits);
    await t.advance(60_000);
    const [grant, more] = await grantsOf(acme);
    expect([grant, more]).toMatchObject([
      {
        ...{ category: 'promotional', amount: { monetary: { value: 2500, currency: 'usd' } }, name: 'Referral reward: 50000 tokens' },
        ...{ applicability_config: { scope: { price_type: 'metered' } }, metadata: { frontdesk_reward: rewardId } },
      },
      undefined,
    ]);
    expect((grant?.expires_at ?? 0) * 1000 - t.world.deps.now().getTime()).toBeGreaterThan(29 * 86_400_000);
    expect(await seen(t, acme, rewardId)).toMatchObject({
      status: 'fulfilled',
      promise: { what: 'credits', units: 50_000, unit: 'tokens' },
    });
    await withdraw(rewardId);
    expect((await grantsOf(acme))[0]?.voided_at).not.toBeNull();
  });

  it('that are used in part expire when they are withdrawn', async () => {
    const acme = await customerPayee(t);
    const { rewardId } = await released(t, acme, credits);
    t.simulator.useGrant((await grantsOf(acme))[0]?.id ?? '', 100);
    await withdraw(rewardId);
    expect((await grantsOf(acme))[0]).toMatchObject({ voided_at: null });
    expect(((await grantsOf(acme))[0]?.expires_at ?? 0) * 1000).toBeLessThanOrEqual(t.world.deps.now().getTime());
  });
});

describe('a feature for a time', () => {
  const unlock = (feature_id: string, days = 30) => ({ ...promise, kind: 'entitlement_unlock', details: { feature_id, days } });
  const itemsOf = async (id: string) => (await t.stripe.subscriptionItems.list({ subscription: id })).data;
  const free = async (feature: string) =>
    t.stripe.prices.create({
      ...{ product: (await t.stripe.products.create({ name: feature })).id, currency: 'usd', unit_amount: 0 },
      ...{ recurring: { interval: 'month' }, lookup_key: `frontdesk-unlock-${feature}` },
    });

  it('is a price of nothing beside what the subscription has, for as long as it was promised; both are told', async () => {
    const price = await free('sso');
    const acme = await customerPayee(t);
    const { id } = await subscribe(acme);
    const { rewardId } = await released(t, acme, unlock('sso'));
    expect((await itemsOf(id)).map((item) => item.price.id).sort()).toEqual([plan.id, price.id].sort());
    expect(await seen(t, acme, rewardId)).toMatchObject({ status: 'fulfilled', promise: { what: 'unlock', feature_id: 'sso', days: 30 } });
    await t.advance(29 * 86_400_000);
    expect(await itemsOf(id)).toHaveLength(2);
    await t.advance(2 * 86_400_000);
    expect((await itemsOf(id)).map((item) => item.price.id)).toEqual([plan.id]);
    const about = (event: { data: { reward: string } }) => event.data.reward === rewardId;
    expect((await told('entitlement.granted')).filter(about)).toMatchObject([{ data: { feature: 'sso', stripe_customer: acme.stripeId } }]);
    expect((await told('entitlement.revoked')).filter(about)).toHaveLength(1);
  });

  it('that another reward unlocks meanwhile stays until the later end', async () => {
    await free('audit_log');
    const acme = await customerPayee(t);
    const { id } = await subscribe(acme);
    await released(t, acme, unlock('audit_log', 10));
    await t.advance(5 * 86_400_000);
    await released(t, acme, unlock('audit_log', 10));
    expect(await itemsOf(id)).toHaveLength(2);
    await t.advance(6 * 86_400_000);
    expect(await itemsOf(id)).toHaveLength(2);
    await t.advance(5 * 86_400_000);
    expect(await itemsOf(id)).toHaveLength(1);
  });

  it('that was unlocked for longer is handed back to the first reward when the other is withdrawn, and stays as long as that one', async () => {
    await free('exports');
    const acme = await customerPayee(t);
    const { id } = await subscribe(acme);
    const first = await released(t, acme, unlock('exports', 10));
    const second = await released(t, acme, unlock('exports', 30));
    await withdraw(second.rewardId);
    const [item] = (await itemsOf(id)).filter((one) => one.price.id !== plan.id);
    expect(item?.metadata).toMatchObject({ frontdesk_reward: first.rewardId });
    await t.advance(9 * 86_400_000);
    expect(await itemsOf(id)).toHaveLength(2);
    await t.advance(2 * 86_400_000);
    expect(await itemsOf(id)).toHaveLength(1);
  });

  it('is not kept by the longer time of a reward that was withdrawn', async () => {
    await free('backups');
    const acme = await customerPayee(t);
    const { id } = await subscribe(acme);
    const longer = await released(t, acme, unlock('backups', 30));
    await released(t, acme, unlock('backups', 10));
    await withdraw(longer.rewardId);
    expect(await itemsOf(id)).toHaveLength(2);
    await t.advance(11 * 86_400_000);
    expect(await itemsOf(id)).toHaveLength(1);
  });

  it('that the vendor does not sell is held, and tried again after an hour', async () => {
    const acme = await customerPayee(t);
    await subscribe(acme);
    const { rewardId } = await released(t, acme, unlock('sla'));
    expect(await seen(t, acme, rewardId)).toMatchObject({ status: 'held', held_reason: 'feature_not_sold' });
    await free('sla');
    await releaseAll(t);
    expect((await seen(t, acme, rewardId)).status).toBe('held');
    await t.advance(3_600_000);
    await releaseAll(t);
    expect((await seen(t, acme, rewardId)).status).toBe('fulfilled');
  });
});

describe('a payment to a connected account', () => {
  const transfer = { kind: 'stripe_transfer' };
  const transfersTo = async ({ stripeId }: Payee) => (await t.stripe.transfers.list({ destination: stripeId })).data;
  beforeAll(() => t.simulator.setPlatformBalance('usd', 1_000_000));

  it('is made once, although the answer was lost, and counts as paid out', async () => {
    const acme = await accountPayee(t);
    t.simulator.faults.add({ kind: 'timeout_after', method: 'POST', path: '/v1/transfers' });
    const { rewardId, referralId } = await released(t, acme, transfer);
    await t.advance(60_000);
    expect(await seen(t, acme, rewardId)).toMatchObject({ status: 'fulfilled' });
    const made = await transfersTo(acme);
    expect(made).toMatchObject([{ amount: 5000, transfer_group: referralId, metadata: { frontdesk_reward: rewardId } }]);
    expect((await t.send('GET', '/v1/balance', { key: acme.key })).body.balances).toMatchObject([
      { paid_out_minor: 5000, sending_minor: 0 },
    ]);
  });

  it('is not made before the account may be paid', async () => {
    const acme = await accountPayee(t, { onboarded: false });
    const { rewardId } = await released(t, acme, transfer);
    expect(await seen(t, acme, rewardId)).toMatchObject({ status: 'held', held_reason: 'account_not_ready', payable_minor: 5000 });
    expect(await transfersTo(acme)).toEqual([]);
  });

  it('is made although the webhook was lost that told of the account: it is read again with the comparison', async () => {
    const acme = await accountPayee(t);
    const obstacle = () => sql(t, 'select p.obstacle from frontdesk.payees p where p.stripe_id = $1', [acme.stripeId]);
    await sql(t, "update frontdesk.payees set obstacle = 'account_not_ready' where stripe_id = $1", [acme.stripeId]);
    const { rewardId } = await released(t, acme, transfer);
    expect([(await seen(t, acme, rewardId)).status, await obstacle()]).toEqual(['held', [{ obstacle: 'account_not_ready' }]]);
    await t.advance(3_600_000);
    await t.world.schedules.reconcile?.();
    expect(await obstacle()).toEqual([{ obstacle: null }]);
    await releaseAll(t);
    expect((await seen(t, acme, rewardId)).status).toBe('fulfilled');
  });

  it('waits while the platform has too little, and is never given up for that', async () => {
    const acme = await accountPayee(t);
    t.simulator.setPlatformBalance('usd', 100);
    const { rewardId } = await released(t, acme, transfer);
    for (let hours = 0; hours < 50; hours += 25) {
      expect(await seen(t, acme, rewardId)).toMatchObject({ status: 'held', held_reason: 'platform_funds_missing', payable_minor: 5000 });
      await t.advance(25 * 3_600_000);
      await releaseAll(t);
    }
    t.simulator.setPlatformBalance('usd', 1_000_000);
    await t.advance(25 * 3_600_000);
    await releaseAll(t);
    expect(await seen(t, acme, rewardId)).toMatchObject({ status: 'fulfilled', held_reason: null });
    expect(await transfersTo(acme)).toHaveLength(1);
  });

  it.each([
    ['held', { status: 'held', held_reason: 'review' }],
    ['refunded', { status: 'reversed', payable_minor: 0 }],
  ] as const)('is not made if it was %s while the platform had too little', async (what, expected) => {
    const acme = await accountPayee(t);
    t.simulator.setPlatformBalance('usd', 100);
    const { rewardId, referralId } = await released(t, acme, transfer);
    const { desk, given } = await sceneAt(t, demoHost);
    const of = { referralId, organizationId: acme.organizationId };
    if (what === 'refunded') await withdraw(rewardId);
    else await commitAt(t, demoHost, openHold(desk.tenant, of, { kind: 'review', cause: 'a look', actor: 'a person' }, given));
    t.simulator.setPlatformBalance('usd', 1_000_000);
    await t.advance(2 * 3_600_000);
    await releaseAll(t);
    expect(await transfersTo(acme)).toEqual([]);
    expect(await seen(t, acme, rewardId)).toMatchObject(expected);
  });

  it('is reversed by what is not earned any more; an empty recipient owes it', async () => {
    const acme = await accountPayee(t);
    const first = await released(t, acme, transfer);
    const second = await released(t, acme, transfer);
    const { key } = await staffStage(t);
    const balances = async () => (await t.send('GET', '/v1/balance', { key: acme.key })).body.balances;
    await t.send('POST', `/v1/rewards/${first.rewardId}/reverse`, { key, body: { reason: 'refunded', amount_minor: 2000 } });
    await t.settle();
    expect((await transfersTo(acme)).map(({ amount_reversed }) => amount_reversed).sort()).toEqual([0, 2000]);
    expect(await balances()).toMatchObject([{ paid_out_minor: 8000, owed_minor: 0 }]);
    t.simulator.setAccountBalance(acme.stripeId, 'usd', 0);
    await t.send('POST', `/v1/rewards/${second.rewardId}/reverse`, { key, body: { reason: 'refunded' } });
    await t.settle();
    expect(await balances()).toMatchObject([{ paid_out_minor: 8000, owed_minor: 5000 }]);
  });

  it('that a person reversed at Stripe pays what is owed of it', async () => {
    const acme = await accountPayee(t);
    const { rewardId } = await released(t, acme, transfer);
    t.simulator.setAccountBalance(acme.stripeId, 'usd', 0);
    const { key } = await staffStage(t);
    await t.send('POST', `/v1/rewards/${rewardId}/reverse`, { key, body: { reason: 'refunded', amount_minor: 3000 } });
    await t.settle();
    t.simulator.setAccountBalance(acme.stripeId, 'usd', 5000);
    await t.stripe.transfers.createReversal((await transfersTo(acme))[0]?.id ?? '', { amount: 5000 });
    await t.settle();
    expect((await t.send('GET', '/v1/balance', { key: acme.key })).body.balances).toMatchObject([{ paid_out_minor: 2000, owed_minor: 0 }]);
  });
});

describe('what was paid in a year', () => {
  it('is told by organization, kind and currency, as lines and as a table', async () => {
    const acme = await accountPayee(t);
    await released(t, acme, { kind: 'stripe_transfer' });
    await released(t, acme, { kind: 'stripe_transfer', amountMinor: 1234n });
    const { key } = await staffStage(t);
    const path = `/v1/payouts/totals?year=${t.world.deps.now().getUTCFullYear()}`;
    const mine = {
      organization_id: acme.organizationId,
      kind: 'stripe_transfer',
      currency: 'usd',
      amount: '62.34',
      amount_minor: 6234,
      payments: 2,
    };
    const { data } = (await t.send('GET', path, { key })).body;
    expect(data.filter((one: { organization_id: string }) => one.organization_id === acme.organizationId)).toMatchObject([mine]);
    const table = await t.send('GET', path, { key, headers: { Accept: 'text/csv' } });
    expect(table.headers.get('Content-Type')).toBe('text/csv; charset=utf-8');
    const rows = table.text.trim().split('\r\n');
    expect(rows[0]).toBe('year,organization_id,name,domain,kind,currency,amount,amount_minor,payments,stripe_id');
    expect(rows.filter((row) => row.includes(acme.organizationId))).toHaveLength(1);
    expect((await t.send('GET', path, { key: acme.key })).status).toBe(403);
  });
});
