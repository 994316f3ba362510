import { Stripe } from 'stripe';
import { describe, expect, it } from 'vitest';
import { startStripeSimulator } from '../../simulators/stripe/server.ts';
import { day, hour, opened, start, subscribed } from './opened.ts';

interface Received {
  readonly signature: string;
  readonly body: string;
  readonly at: number;
}

/** A desk that keeps what it gets and answers what it is told. */
async function listening(types: Stripe.WebhookEndpointCreateParams.EnabledEvent[] = ['*']) {
  const received: Received[] = [];
  const desk = { status: 200, work: async (): Promise<unknown> => undefined };
  const world: ReturnType<typeof opened> = opened({
    deliver: async (_, headers, body) => {
      received.push({ signature: headers['stripe-signature'] ?? '', body, at: world.simulator.now() });
      await desk.work();
      return desk.status;
    },
  });
  const { stripe } = world;
  const endpoint = await stripe.webhookEndpoints.create({
    url: 'https://desk.example/hook',
    enabled_events: types,
    api_version: '2026-10-28.endive',
  });
  return { ...world, received, desk, endpoint, secret: endpoint.secret ?? '' };
}
const eventOf = ({ body }: Received): Stripe.Event => JSON.parse(body);

describe('a webhook', () => {
  it('is signed as Stripe signs, with a secret that is shown once', async () => {
    const { stripe, simulator, received, secret, endpoint } = await listening();
    const { id } = await stripe.customers.create({ name: 'Ünal' }, { idempotencyKey: 'k1' });
    await simulator.settled();
    const [{ body, signature } = { body: '', signature: '' }] = received;
    const tolerance = 300;
    const event = await stripe.webhooks.constructEventAsync(body, signature, secret, tolerance, undefined, start * 1000);
    expect(event).toMatchObject({
      object: 'event',
      type: 'customer.created',
      api_version: '2026-10-28.endive',
      livemode: false,
      pending_webhooks: 1,
    });
    expect(event.request).toMatchObject({ idempotency_key: 'k1', id: expect.stringMatching(/^req_/) });
    expect(event.data.object).toMatchObject({ id });
    expect(await stripe.webhookEndpoints.retrieve(endpoint.id)).not.toHaveProperty('secret');
    await expect(stripe.webhooks.constructEventAsync(`${body} `, signature, secret, tolerance, undefined, start * 1000)).rejects.toThrow();
  });

  it('goes to endpoints that asked for its type only, with what changed', async () => {
    const { stripe, simulator, received } = await listening(['customer.updated']);
    const { id } = await stripe.customers.create({ name: 'A' });
    await stripe.customers.update(id, { name: 'B' });
    await simulator.settled();
    expect(received.map(eventOf)).toMatchObject([
      { type: 'customer.updated', data: { previous_attributes: { name: 'A' }, object: { name: 'B' } } },
    ]);
  });

  it('is tried for three days, further and further apart, and then no more', async () => {
    const { stripe, simulator, received, desk } = await listening(['customer.created']);
    desk.status = 503;
    await stripe.customers.create();
    await simulator.advance(10 * day);
    const waits = received.map(({ at }) => at - start);
    expect(waits.length).toBeGreaterThan(8);
    expect(waits.at(-1)).toBeGreaterThan(2.5 * day);
    expect(waits.at(-1)).toBeLessThanOrEqual(3 * day);
    expect(new Set(received.map((one) => eventOf(one).id)).size).toBe(1);
  });

  it('stops with the first 2xx, and is signed anew for each attempt', async () => {
    const { stripe, simulator, received, desk } = await listening(['customer.created']);
    desk.status = 500;
    await stripe.customers.create();
    await simulator.settled();
    desk.status = 204;
    await simulator.advance(3 * day);
    expect(received).toHaveLength(2);
    expect(received.map(({ signature, at }) => signature.startsWith(`t=${at},v1=`))).toEqual([true, true]);
  });

  it('comes 100 times in parallel, and as a second event of the same change, when told', async () => {
    const { stripe, simulator, received, desk } = await listening(['invoice.created']);
    await subscribed(stripe);
    await simulator.settled();
    // The desk asks back while it is told, which gives the simulator a chance to deliver once too often.
    desk.work = () => stripe.balance.retrieve();
    const [first] = simulator.webhooks.events({ type: 'invoice.created' });
    const statuses = await simulator.webhooks.duplicate(first?.id ?? '', 100);
    expect(statuses).toEqual(Array.from({ length: 100 }, () => 200));
    await simulator.webhooks.emitAgain(first?.id ?? '');
    const events = received.map(eventOf);
    expect(events).toHaveLength(102);
    expect(new Set(events.map(({ id }) => id)).size).toBe(2);
    expect(new Set(events.map(({ data }) => JSON.stringify(data.object))).size).toBe(1);
  });

  it('waits, comes out of order, later or never, when told', async () => {
    const { stripe, simulator, received } = await listening(['customer.created', 'coupon.created']);
    simulator.webhooks.pause();
    for (const name of ['a', 'b', 'c', 'd']) await stripe.customers.create({ name });
    await stripe.coupons.create({ percent_off: 5 });
    await simulator.advance(hour);
    expect(received).toEqual([]);
    expect(simulator.webhooks.drop({ type: 'coupon.created' })).toBe(1);
    const [last] = simulator.webhooks.pending().slice(-1);
    simulator.webhooks.delay(3 * day, { event: last?.event ?? '' });
    simulator.webhooks.resume();
    await simulator.settled();
    expect(received).toHaveLength(3);
    await simulator.advance(3 * day);
    expect(received).toHaveLength(4);
    simulator.webhooks.pause();
    for (const name of ['e', 'f', 'g', 'h']) await stripe.customers.create({ name });
    await simulator.webhooks.deliverShuffled(3);
    const names = received.slice(4).map((one) => Object.entries(eventOf(one).data.object).find(([member]) => member === 'name')?.[1]);
    expect(names).not.toEqual(['e', 'f', 'g', 'h']);
    expect(names.toSorted()).toEqual(['e', 'f', 'g', 'h']);
  });

  it('lets the other side work before the clock moves on', async () => {
    const { stripe, simulator } = await listening(['invoice.created']);
    const { customer } = await subscribed(stripe);
    await stripe.customers.createBalanceTransaction(customer.id, { amount: 1, currency: 'usd' });
    let credited = false;
    const afterEach = async () => {
      const [draft] = (await stripe.invoices.list({ status: 'draft' })).data;
      if (draft === undefined || credited) return;
      credited = true;
      await stripe.customers.createBalanceTransaction(customer.id, { amount: -5000, currency: 'usd' });
    };
    await simulator.advance(30 * day + hour, { afterEach });
    const [renewal] = (await stripe.invoices.list({ limit: 1 })).data;
    expect(renewal).toMatchObject({ status: 'paid', amount_due: 0, starting_balance: -4999 });
  });
});

describe('a simulator', () => {
  it('gives the same ids for the same seed, and others for another', async () => {
    const ids = async (seed: number) => (await opened({ seed }).stripe.customers.create()).id;
    expect(await ids(5)).toBe(await ids(5));
    expect(await ids(5)).not.toBe(await ids(6));
  });

  it('goes on from its snapshot: clock, keys, plans and secrets', async () => {
    const { stripe, simulator, secret } = await listening();
    const { customer } = await subscribed(stripe);
    await stripe.customers.createBalanceTransaction(customer.id, { amount: -100, currency: 'usd' }, { idempotencyKey: 'k' });
    await simulator.advance(hour);
    const seen: string[] = [];
    const again = opened({
      snapshot: simulator.snapshot(),
      deliver: async (_, headers, body) => {
        await stripe.webhooks.constructEventAsync(
          body,
          headers['stripe-signature'] ?? '',
          secret,
          300,
          undefined,
          again.simulator.now() * 1000,
        );
        seen.push(body);
        return 200;
      },
    });
    expect(again.simulator.now()).toBe(start + hour);
    await again.stripe.customers.createBalanceTransaction(customer.id, { amount: -100, currency: 'usd' }, { idempotencyKey: 'k' });
    expect(again.simulator.summary().balances[customer.id]).toEqual({ usd: -100 });
    await again.simulator.advance(30 * day);
    expect((await again.stripe.invoices.list({ customer: customer.id })).data).toHaveLength(2);
    expect(seen.length).toBeGreaterThan(0);
  });

  it('serves the client over HTTP, and its control commands only with the token', async () => {
    const served = await startStripeSimulator({ now: () => start, controlToken: 'let-me', deliver: async () => 200 });
    try {
      const stripe = new Stripe('sk_test_1', { ...served.clientOptions, maxNetworkRetries: 0 });
      const { id } = await stripe.customers.create();
      const control = (command: string, body: object, token = 'let-me') =>
        fetch(`${served.url}/_control/${command}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}` },
          body: JSON.stringify(body),
        });
      expect((await control('advance', { seconds: 60 }, 'guess')).status).toBe(401);
      expect(await (await control('advance', { seconds: 60 })).json()).toEqual({ result: start + 60 });
      // The client asks once more by itself when its connection breaks: the key heals that, a second break is told.
      await control('faults', { kind: 'timeout_after', method: 'POST', path: '/v1/customers/*/balance_transactions', times: 2 });
      const credit = stripe.customers.createBalanceTransaction(id, { amount: -5, currency: 'usd', metadata: { reward: 'rwd_1' } });
      await expect(credit).rejects.toThrow(Stripe.errors.StripeConnectionError);
      const { result } = await (await control('summary', { metadata_key: 'reward' })).json();
      expect(result).toMatchObject({ balances: { [id]: { usd: -5 } }, byMetadata: { rwd_1: [expect.stringMatching(/^cbtxn_/)] } });
      const hanging = new Stripe('sk_test_1', { ...served.clientOptions, maxNetworkRetries: 0, timeout: 50 });
      served.faults.add({ kind: 'hang_after', method: 'POST' });
      await expect(hanging.customers.create()).rejects.toThrow(Stripe.errors.StripeConnectionError);
    } finally {
      await served.stop();
    }
  });
});
