import { Stripe } from 'stripe';
import { describe, expect, it } from 'vitest';
import { createStripeSimulator } from '../../simulators/stripe/simulator.ts';
import { clientOf, day, hour, opened, refusal, start } from './opened.ts';

const credit = { amount: -100, currency: 'usd' };
const key = { idempotencyKey: 'ful_1:credit:v1' };

async function withCustomer() {
  const { stripe, simulator } = opened();
  const { id } = await stripe.customers.create();
  const total = async (): Promise<number> => (await stripe.customers.listBalanceTransactions(id)).data.length;
  return { stripe, simulator, id, total };
}

describe('an idempotency key', () => {
  it('answers the same again and does it once', async () => {
    const { stripe, id, total } = await withCustomer();
    const first = await stripe.customers.createBalanceTransaction(id, credit, key);
    const again = await stripe.customers.createBalanceTransaction(id, credit, key);
    expect(again.id).toBe(first.id);
    expect(new Headers(again.lastResponse.headers).get('idempotent-replayed')).toBe('true');
    expect(await total()).toBe(1);
  });

  it('is refused with other parameters and on another path', async () => {
    const { stripe, id } = await withCustomer();
    await stripe.customers.createBalanceTransaction(id, credit, key);
    const other = stripe.customers.createBalanceTransaction(id, { ...credit, amount: -200 }, key);
    expect(await refusal(other)).toMatchObject({ status: 400, type: 'idempotency_error' });
    expect(await refusal(stripe.customers.create({}, key))).toMatchObject({ status: 400, type: 'idempotency_error' });
  });

  it('is in use while its first request runs', async () => {
    const { stripe, simulator, id, total } = await withCustomer();
    simulator.faults.add({ kind: 'slow', milliseconds: 20 });
    const slow = stripe.customers.createBalanceTransaction(id, credit, key);
    const meanwhile = stripe.customers.createBalanceTransaction(id, credit, key);
    expect(await refusal(meanwhile)).toMatchObject({ status: 409, code: 'idempotency_key_in_use' });
    await slow;
    expect(await total()).toBe(1);
  });

  it('is not spent by parameters that were refused', async () => {
    const { stripe, id } = await withCustomer();
    await refusal(stripe.customers.createBalanceTransaction(id, { ...credit, currency: 'dollars' }, key));
    expect((await stripe.customers.createBalanceTransaction(id, credit, key)).amount).toBe(-100);
  });

  it('is forgotten after 24 hours: then the same request happens twice', async () => {
    const { stripe, simulator, id, total } = await withCustomer();
    await stripe.customers.createBalanceTransaction(id, credit, key);
    await simulator.advance(day - 1);
    await stripe.customers.createBalanceTransaction(id, credit, key);
    expect(await total()).toBe(1);
    await simulator.advance(1);
    await stripe.customers.createBalanceTransaction(id, credit, key);
    expect(await total()).toBe(2);
  });
});

describe('a fault', () => {
  const path = '/v1/customers/*/balance_transactions';

  it.each([
    ['timeout_before', 0],
    ['timeout_after', 1],
    ['error_500', 0],
    ['error_500_stored', 1],
    ['error_500_stored_unapplied', 0],
    ['rate_limit', 0],
    ['conflict', 0],
  ] as const)('%s leaves %i credits behind', async (kind, left) => {
    const { stripe, simulator, id, total } = await withCustomer();
    simulator.faults.add({ kind, method: 'POST', path });
    await expect(stripe.customers.createBalanceTransaction(id, credit, key)).rejects.toThrow(Stripe.errors.StripeError);
    expect(await total()).toBe(left);
  });

  it('500 that was stored comes again under the key, without a second effect', async () => {
    const { stripe, simulator, id, total } = await withCustomer();
    simulator.faults.add({ kind: 'error_500_stored', path, method: 'POST' });
    await refusal(stripe.customers.createBalanceTransaction(id, credit, key));
    expect(await refusal(stripe.customers.createBalanceTransaction(id, credit, key))).toMatchObject({ status: 500, type: 'api_error' });
    expect(await total()).toBe(1);
  });

  it('meets the nth matching request only, and a timeout after applying is healed by the key', async () => {
    const { stripe, simulator, id, total } = await withCustomer();
    simulator.faults.add({ kind: 'timeout_after', path, method: 'POST', nth: 2 });
    await stripe.customers.createBalanceTransaction(id, credit);
    await expect(stripe.customers.createBalanceTransaction(id, credit, key)).rejects.toThrow(Stripe.errors.StripeConnectionError);
    await stripe.customers.createBalanceTransaction(id, credit, key);
    expect(await total()).toBe(2);
  });

  it('by chance is the same for the same seed', async () => {
    const run = async (seed: number) => {
      const { stripe, simulator, id } = await withCustomer();
      simulator.faults.random({ seed, rate: 0.5 });
      for (let i = 0; i < 20; i += 1) await stripe.customers.createBalanceTransaction(id, credit).catch(() => undefined);
      return simulator.faults.happened();
    };
    expect(await run(7)).toEqual(await run(7));
    expect(await run(7)).not.toEqual(await run(8));
  });
});

describe('what is not Stripe is refused', () => {
  it.each([
    ['an unknown parameter', { colour: 'red' }, { code: 'parameter_unknown', param: 'colour' }],
    ['a missing parameter', { amount: -1 }, { code: 'parameter_missing', param: 'currency' }],
    ['a fraction of a cent', { amount: -1.5, currency: 'usd' }, { code: 'parameter_invalid_integer', param: 'amount' }],
    ['an amount beyond eight digits', { amount: -100_000_000, currency: 'usd' }, { code: 'amount_too_large', param: 'amount' }],
    ['nothing', { amount: 0, currency: 'usd' }, { param: 'amount' }],
    ['a long metadata value', { ...credit, metadata: { a: 'x'.repeat(501) } }, { param: 'metadata[a]' }],
  ])('%s', async (_, parameters, told) => {
    const { stripe, id } = await withCustomer();
    const call = stripe.rawRequest('POST', `/v1/customers/${id}/balance_transactions`, parameters);
    expect(await refusal(call)).toMatchObject({ status: 400, type: 'invalid_request_error', ...told });
  });

  it('an unknown parameter inside another is named with its place', async () => {
    const { stripe } = opened();
    const call = stripe.rawRequest('POST', '/v1/promotion_codes', { promotion: { type: 'coupon', coupon: 'x', extra: 1 } });
    expect(await refusal(call)).toMatchObject({ code: 'parameter_unknown', param: 'promotion[extra]' });
  });

  it('a path that Stripe or the simulator does not know is a Stripe-shaped 404', async () => {
    const { stripe } = opened();
    const failure = await stripe.payouts.create({ amount: 1, currency: 'usd' }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Stripe.errors.StripeInvalidRequestError);
    expect(String(failure)).toContain('Unrecognized request URL (POST: /v1/payouts)');
  });

  it('another version, a live key and no key', async () => {
    const simulator = createStripeSimulator({ now: () => start });
    const asked = async (headers: Record<string, string>) =>
      (await simulator.fetch('http://127.0.0.1/v1/customers', { headers: { 'stripe-version': '2026-10-28.endive', ...headers } })).status;
    expect(await asked({ authorization: 'Bearer sk_test_1' })).toBe(200);
    expect(await asked({ authorization: 'Bearer sk_test_1', 'stripe-version': '2020-08-27' })).toBe(400);
    expect(await asked({ authorization: 'Bearer sk_live_1' })).toBe(401);
    expect(await asked({})).toBe(401);
  });

  it('a restricted key beyond its permissions, with the permission it lacks', async () => {
    const simulator = createStripeSimulator({ now: () => start });
    simulator.setPermissions('rk_test_desk', ['customers:write', 'events:read']);
    const stripe = clientOf(simulator, 'rk_test_desk');
    const { id } = await stripe.customers.create();
    await stripe.customers.createBalanceTransaction(id, credit);
    await stripe.events.list();
    const failure = await stripe.coupons.create({ percent_off: 1 }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Stripe.errors.StripePermissionError);
    expect(String(failure)).toContain('rak_coupon_write');
    expect(await refusal(clientOf(simulator, 'rk_test_ro').customers.create())).toMatchObject({
      status: 403,
      code: 'more_permissions_required',
    });
  });
});

describe('lists', () => {
  it('come newest first in pages that the client walks', async () => {
    const { stripe, id } = await withCustomer();
    for (const amount of [-1, -2, -3, -4, -5]) await stripe.customers.createBalanceTransaction(id, { amount, currency: 'usd' });
    const all = await stripe.customers.listBalanceTransactions(id, { limit: 2 }).autoPagingToArray({ limit: 10 });
    expect(all.map(({ amount }) => amount)).toEqual([-5, -4, -3, -2, -1]);
    const before = await stripe.customers.listBalanceTransactions(id, { limit: 1, ending_before: all[2]?.id ?? '' });
    expect(before).toMatchObject({ has_more: true, data: [{ amount: -4 }] });
  });

  it('of events go back 30 days and can be cut to what was not delivered', async () => {
    const { stripe, simulator } = opened({ deliver: async () => 500 });
    await stripe.customers.create();
    await stripe.webhookEndpoints.create({ url: 'https://desk.example/hook', enabled_events: ['customer.created'] });
    await simulator.advance(hour);
    const { id } = await stripe.customers.create();
    await simulator.settled();
    const undelivered = await stripe.events.list({ delivery_success: false });
    expect(undelivered.data).toMatchObject([{ pending_webhooks: 1, data: { object: { id } } }]);
    await simulator.advance(30 * day - hour);
    expect((await stripe.events.list()).data).toHaveLength(1);
  });
});
