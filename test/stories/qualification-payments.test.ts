/** Paying customers qualify referrals and earn rewards: through the doors, with invoices of the simulator of Stripe. */
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { applyVendor } from '../../src/admin/apply-vendor.ts';
import { reportOf } from '../support/event-vendor.ts';
import { freshProspect, made201, staffStage, stageOf } from '../support/examples.ts';
import { sql } from '../support/sql.ts';
import { paidInvoice } from '../support/stripe-billing.ts';
import { openStripeWorld, type StripeWorld } from '../support/stripe-world.ts';
import { demoHost } from '../support/world.ts';

const rules = [
  { id: 'credit', side: 'referrer', model: 'flat', kind: 'stripe_balance_credit', amount_minor: 5_000, currency: 'usd' },
  {
    ...{ id: 'share', side: 'referrer', model: 'recurring_percent', kind: 'stripe_balance_credit', percent_bps: 1_000, periods: 3 },
    ...{ currency: null, cap_minor: null },
  },
  {
    ...{ id: 'growing', side: 'referrer', model: 'tiered', kind: 'external', currency: 'usd' },
    steps: [
      { from_referrals: 1, amount_minor: 100 },
      { from_referrals: 2, amount_minor: 200 },
    ],
  },
  { id: 'first-month', side: 'referee', model: 'discount', kind: 'stripe_subscription_discount', percent_bps: 2_000, months: 1 },
  {
    ...{ id: 'tokens', side: 'referee', model: 'unit_credits', kind: 'stripe_credit_grant', units: 50_000, unit: 'tokens', periods: 2 },
    ...{ amount_minor: 1_000, currency: 'usd', expires_days: null },
  },
];

let t: StripeWorld;
let backEnd: string;
beforeAll(async () => {
  t = await openStripeWorld();
  const raw = JSON.parse(await readFile(new URL('../../vendor/ledgerbridge.json', import.meta.url), 'utf8'));
  const qualification = [{ id: 'first-invoice', kind: 'invoice_paid', count: 1, min_amount_minor: 9_900, currency: 'usd' }];
  raw.program = { ...raw.program, qualification, reward: { rules, caps: [] } };
  const applied = await applyVendor(t.world.admin, { raw, origin: `http://${demoHost}`, hosts: [demoHost] });
  if (!applied.ok) throw new Error(JSON.stringify(applied));
  backEnd = (await staffStage(t)).key;
});

interface Referred {
  readonly key: string;
  readonly referralId: string;
  readonly customer: string;
}

/** A referral of an organization, which the vendor linked to a customer at Stripe. */
async function referred(key: string): Promise<Referred> {
  const prospect = freshProspect();
  const { referral } = await made201({ t, host: demoHost, key }, '/v1/referrals', { prospect });
  const { id: customer } = await t.stripe.customers.create({ email: `billing@${prospect.domain}` });
  await link(referral.id, customer);
  // Stripe tells times in whole seconds: a payment of the second in which the referral was made would seem to come before it.
  await t.advance(1_000);
  return { key, referralId: referral.id, customer };
}

async function link(referralId: string, customer: string): Promise<void> {
  const linked = reportOf(
    `link-${referralId}-${customer}`,
    'customer.linked',
    { referral_id: referralId, stripe_customer: customer },
    t.world.deps.now(),
  );
  const sent = await t.send('POST', '/v1/events', { key: backEnd, body: { events: [linked] } });
  if (sent.status !== 202) throw new Error(sent.text);
  await t.settle();
}

/** The customer pays, everything follows from it, and a second passes. */
async function pays(customer: string, amount = 9_900, currency = 'usd'): Promise<string> {
  const { id } = await paidInvoice(t, { customer, amount, currency });
  await t.settle();
  await t.advance(1_000);
  return id ?? '';
}

const statusOf = async ({ key, referralId }: Referred) => (await t.send('GET', `/v1/referrals/${referralId}`, { key })).body.status;
const rewardsOf = async ({ referralId }: Referred) => {
  const found = 'select r.rule, r.occasion, r.amount_minor from frontdesk.rewards r where r.referral_id = $1 order by r.reward_id';
  return (await sql(t, found, [referralId], demoHost)).map(({ rule, occasion, amount_minor }) => `${rule} ${occasion} ${amount_minor}`);
};
const agent = async () => (await stageOf(t)).key;

test('a first paid invoice qualifies the referral, and earns by every rule on both sides', async () => {
  const one = await referred(await agent());
  const invoice = await pays(one.customer);
  expect(await statusOf(one)).toBe('qualified');
  expect(await rewardsOf(one)).toEqual([
    ...['credit once 5000', `share ${invoice} 990`, 'growing once 100', 'first-month once 0', 'tokens month:1 0', 'tokens month:2 0'],
  ]);
});

test('later payments share as they arrive, for as many as the terms say', async () => {
  const one = await referred(await agent());
  const invoices = [
    await pays(one.customer),
    await pays(one.customer, 20_000),
    await pays(one.customer, 5_000, 'usd'),
    await pays(one.customer),
  ];
  const shares = (await rewardsOf(one)).filter((each) => each.startsWith('share'));
  expect(shares).toEqual([`share ${invoices[0]} 990`, `share ${invoices[1]} 2000`, `share ${invoices[2]} 500`]);
});

test('an invoice below the least amount qualifies nobody; the next one that is large enough does', async () => {
  const one = await referred(await agent());
  await pays(one.customer, 9_899);
  expect(await statusOf(one)).toBe('pending');
  const invoice = await pays(one.customer, 9_900);
  expect((await rewardsOf(one)).filter((each) => each.startsWith('share'))).toEqual([`share ${invoice} 990`]);
});

test('the referred customer is an organization of its own, with its Stripe customer as payee', async () => {
  const one = await referred(await agent());
  await pays(one.customer);
  const [referee] = await sql(
    t,
    `select distinct o.name, o.tier, o.domain, p.stripe_id from frontdesk.rewards r
     join frontdesk.organizations o on o.organization_id = r.organization_id
     left join frontdesk.payees p on p.organization_id = o.organization_id and p.kind = 'customer'
     where r.referral_id = $1 and r.side = 'referee'`,
    [one.referralId],
    demoHost,
  );
  expect(referee).toEqual({ name: 'Referred customer', tier: 'payout_bound', domain: null, stripe_id: one.customer });
});

test('an organization’s second qualified referral earns the second step', async () => {
  const key = await agent();
  const growing = async () => {
    const one = await referred(key);
    await pays(one.customer);
    return (await rewardsOf(one)).filter((each) => each.startsWith('growing'));
  };
  expect([await growing(), await growing()]).toEqual([['growing once 100'], ['growing once 200']]);
});

test('two referrals of one organization that qualify at the same time earn one step each', async () => {
  const key = await agent();
  const [one, two] = [await referred(key), await referred(key)];
  await Promise.all([paidInvoice(t, { customer: one.customer, amount: 9_900 }), paidInvoice(t, { customer: two.customer, amount: 9_900 })]);
  await t.settle();
  const both = [...(await rewardsOf(one)), ...(await rewardsOf(two))].filter((each) => each.startsWith('growing'));
  expect(both.toSorted()).toEqual(['growing once 100', 'growing once 200']);
});

test('an organization is not credited for a customer that is its own payee', async () => {
  const one = await referred(await agent());
  await sql(
    t,
    `insert into frontdesk.payees (tenant_id, organization_id, kind, stripe_id, source, linked_by, linked_at)
     select s.tenant_id, s.organization_id, 'customer', $2, 'operator', 'test', now() from frontdesk.referral_states s where s.referral_id = $1
     returning organization_id`,
    [one.referralId, one.customer],
    demoHost,
  );
  await pays(one.customer);
  expect([await statusOf(one), await rewardsOf(one)]).toEqual(['pending', []]);
});

describe('what a referral would earn', () => {
  test('is told to anybody, and comes to what it then earns', async () => {
    const desk = await t.world.deps.desks.find(demoHost);
    const told = await t.send('POST', `/v1/programs/${desk?.program.id}/estimate`, {
      body: { amount_minor: 9_900, currency: 'usd', months: 4 },
      key: null,
      idempotencyKey: null,
    });
    expect(told.status).toBe(200);
    expect(told.body.qualifies_by_payment).toBe(1);
    expect(told.body.assumes).not.toContain('payments_are_reported');
    const sums = told.body.rewards.map(({ rule, times, amount_minor }: { rule: string; times: number; amount_minor: number | null }) => [
      rule,
      times,
      amount_minor,
    ]);
    expect(sums).toEqual([
      ...[['credit', 1, 5_000] as const, ['share', 3, 2_970] as const, ['growing', 1, 100] as const],
      ...[['first-month', 1, null] as const, ['tokens', 2, 2_000] as const],
    ]);
  });

  test('is nothing where the figures do not qualify', async () => {
    const desk = await t.world.deps.desks.find(demoHost);
    const told = await t.send('POST', `/v1/programs/${desk?.program.id}/estimate`, { body: { amount_minor: 9_899, currency: 'usd' } });
    expect([told.body.qualifies_by_payment, told.body.rewards[0].times]).toEqual([null, 0]);
  });
});
