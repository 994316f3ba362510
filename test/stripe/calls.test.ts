/** Every call that the desk makes to Stripe when it hands over and takes back, with every parameter that it sends: a new one is added here on purpose. */
import { beforeAll, expect, it } from 'vitest';
import { readBackEffect } from '../../src/domain/payment.ts';
import { monthlyPrice } from '../simulators/opened.ts';
import { staffStage } from '../support/examples.ts';
import { commitAt, sceneAt } from '../support/qualify.ts';
import { draftInvoice } from '../support/stripe-billing.ts';
import { accountPayee, customerPayee, grant, type RewardWanted, releaseAll } from '../support/stripe-rewards.ts';
import { openStripeWorld, type StripeWorld } from '../support/stripe-world.ts';
import { demoHost } from '../support/world.ts';

const desk = { calls: new Map<string, Set<string>>(), versions: new Set<string | null>() };

async function record(request: Request): Promise<void> {
  const { pathname, searchParams } = new URL(request.url);
  const path = pathname.replace(/\/(?:[a-z]+_|fd-)[^/]+(?=\/|$)/g, (segment) => (named.has(segment.slice(1)) ? segment : '/{id}'));
  const call = `${request.method} ${path}`;
  const sent = desk.calls.get(call) ?? new Set();
  desk.calls.set(call, sent);
  const body = new URLSearchParams(request.method === 'POST' ? await request.text() : '');
  for (const name of [...searchParams.keys(), ...body.keys()]) sent.add(name.replace(/\[\d+\]/g, '[]'));
  desk.versions.add(request.headers.get('Stripe-Version'));
  if (request.method !== 'GET')
    sent.add(`key ${request.headers.get('Idempotency-Key')?.replace(/(?:ten|ful|eff|sub)_[A-Za-z0-9]+/g, '{id}')}`);
}

/** Segments of paths that look like ids. */
const named = new Set(['balance_transactions', 'credit_grants', 'invoice_payments', 'subscription_items']);

const mark = ['metadata[frontdesk_fulfilment]', 'metadata[frontdesk_reward]', 'metadata[frontdesk_tenant]'];
const undone = ['metadata[frontdesk_effect]', 'metadata[frontdesk_reward]', 'metadata[frontdesk_tenant]'];
const key = (...what: readonly string[]) => what.map((one) => `key frontdesk:{id}:{id}:${one}:v1`);
const page = ['limit'];

const expected: Readonly<Record<string, readonly string[]>> = {
  // What is looked at before, or after an answer that was lost.
  'GET /v1/accounts/{id}': [],
  'GET /v1/billing/credit_grants': ['customer', ...page],
  'GET /v1/billing/credit_grants/{id}': [],
  'GET /v1/coupons/{id}': [],
  'GET /v1/customers/{id}': ['expand[]'],
  'GET /v1/customers/{id}/balance_transactions': ['invoice', ...page],
  'GET /v1/invoices/{id}': ['expand[]'],
  'GET /v1/prices': ['active', 'lookup_keys[]', ...page],
  'GET /v1/subscription_items/{id}': [],
  'GET /v1/subscriptions': ['customer', 'expand[]', ...page],
  'GET /v1/transfers': ['destination', 'transfer_group', ...page],
  'GET /v1/transfers/{id}': [],
  'GET /v1/transfers/{id}/reversals': [...page],
  // Credit on a bill, and back. Never the absolute `balance` of a customer.
  'POST /v1/customers/{id}/balance_transactions': ['amount', 'currency', 'description', ...mark, ...undone, ...key('credit', 'debit')],
  // A discount beside others, and off again.
  'POST /v1/coupons': ['duration', 'duration_in_months', 'id', 'max_redemptions', 'name', 'percent_off', ...mark, ...key('coupon')],
  'POST /v1/subscriptions/{id}': [
    ...['discounts', 'discounts[][coupon]', 'discounts[][discount]', 'expand[]'],
    ...key('discount.1.0', 'discount_end.1'),
  ],
  // Usage credits, and void.
  'POST /v1/billing/credit_grants': [
    ...['amount[monetary][currency]', 'amount[monetary][value]', 'amount[type]', 'applicability_config[scope][price_type]'],
    ...['category', 'customer', 'expires_at', 'name', ...mark, ...key('credit_grant')],
  ],
  'POST /v1/billing/credit_grants/{id}/void': key('void'),
  // A feature, longer, and gone.
  'POST /v1/subscription_items': [
    ...['price', 'proration_behavior', 'quantity', 'subscription', 'metadata[frontdesk_until]', ...mark, ...key('unlock.{id}')],
  ],
  'POST /v1/subscription_items/{id}': ['metadata[frontdesk_until]', ...mark, ...key('unlock_longer')],
  'DELETE /v1/subscription_items/{id}': ['proration_behavior', ...key('revoke')],
  // Money, and back.
  'POST /v1/transfers': ['amount', 'currency', 'destination', 'transfer_group', ...mark, ...key('transfer.0')],
  'POST /v1/transfers/{id}/reversals': ['amount', ...undone, ...key('reverse')],
};

let t: StripeWorld;
beforeAll(async () => {
  t = await openStripeWorld();
});

it('is this list', async () => {
  t.simulator.setPlatformBalance('usd', 1_000_000);
  const plan = await monthlyPrice(t.stripe);
  const product = await t.stripe.products.create({ name: 'Single sign-on' });
  const recurring = { interval: 'month' } as const;
  await t.stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 0, recurring, lookup_key: 'frontdesk-unlock-sso' });
  const acme = await customerPayee(t);
  const payee = await accountPayee(t);
  await t.stripe.subscriptions.create({ customer: acme.stripeId, items: [{ price: plan.id }] });
  await t.settle();

  const promised = { amountMinor: 0n, currency: 'xxx' };
  const wanted: readonly RewardWanted[] = [
    {},
    { ...promised, kind: 'stripe_subscription_discount', details: { percent_bps: 5000, months: 2 } },
    { ...promised, kind: 'stripe_subscription_discount', details: { percent_bps: 1000, months: null } },
    { ...promised, kind: 'stripe_credit_grant', details: { value_minor: 2500, currency: 'usd', expires_days: 30 } },
    { ...promised, kind: 'entitlement_unlock', details: { feature_id: 'sso', days: 30 } },
    { ...promised, kind: 'entitlement_unlock', details: { feature_id: 'sso', days: 60 } },
  ];
  const granted = [];
  for (const each of wanted) granted.push(await grant(t, acme, each));
  granted.push(await grant(t, payee, { kind: 'stripe_transfer' }));
  // The first answer to each is lost, so that every look-up is made as well.
  const paths = ['/v1/customers/*/balance_transactions', '/v1/billing/credit_grants', '/v1/transfers'];
  for (const path of paths) t.simulator.faults.add({ kind: 'timeout_after', method: 'POST', path });
  await working(() => releaseAll(t));
  const draft = await draftInvoice(t, { customer: acme.stripeId, amount: 1000 });
  await working(() => t.advance(60_000));
  await t.stripe.invoices.finalizeInvoice(draft.id);
  const { given } = await sceneAt(t, demoHost);
  await commitAt(t, demoHost, { effects: [readBackEffect(acme.stripeId, draft.id, given)] });
  await working(() => t.settle());

  const staff = await staffStage(t);
  const lost = ['/v1/customers/*/balance_transactions', '/v1/transfers/*/reversals'];
  for (const path of lost) t.simulator.faults.add({ kind: 'timeout_after', method: 'POST', path });
  for (const { rewardId } of granted) {
    const reversed = await t.send('POST', `/v1/rewards/${rewardId}/reverse`, { key: staff.key, body: { reason: 'refunded' } });
    expect(reversed.status).toBe(200);
  }
  await working(() => t.settle());
  await working(() => t.advance(120_000));

  expect(t.reported).toEqual([]);
  expect([...desk.versions]).toEqual(['2026-10-28.endive']);
  const sorted = (lists: Iterable<readonly [string, Iterable<string>]>) =>
    Object.fromEntries([...lists].map(([call, sent]) => [call, [...new Set(sent)].sort()]));
  expect(sorted(desk.calls)).toEqual(sorted(Object.entries(expected)));
});
