import { describe, expect, it } from 'vitest';
import { day, hour, idOf, monthlyPrice, opened, refusal, start, subscribed } from './opened.ts';

const month = 30 * day;

describe('the balance of a customer', () => {
  it('is credit when negative, and the other way round in invoice_credit_balance', async () => {
    const { stripe } = opened();
    const { id } = await stripe.customers.create({ email: 'a@acme.example' });
    const credit = await stripe.customers.createBalanceTransaction(id, { amount: -5000, currency: 'usd', metadata: { reward: 'rwd_1' } });
    expect(credit).toMatchObject({ object: 'customer_balance_transaction', type: 'adjustment', amount: -5000, ending_balance: -5000 });
    const customer = await stripe.customers.retrieve(id, { expand: ['invoice_credit_balance'] });
    expect(customer).toMatchObject({ balance: -5000, currency: 'usd', invoice_credit_balance: { usd: 5000 } });
  });

  it('is one per currency, and the first one becomes the customer’s', async () => {
    const { stripe } = opened();
    const { id } = await stripe.customers.create();
    await stripe.customers.createBalanceTransaction(id, { amount: -700, currency: 'eur' });
    const other = await stripe.customers.createBalanceTransaction(id, { amount: -300, currency: 'jpy' });
    expect(other.ending_balance).toBe(-300);
    const customer = await stripe.customers.retrieve(id, { expand: ['invoice_credit_balance'] });
    expect(customer).toMatchObject({ balance: -700, currency: 'eur', invoice_credit_balance: { eur: 700, jpy: 300 } });
  });

  it('is overwritten by the absolute parameter, whatever happened in between', async () => {
    const { stripe } = opened();
    const { id } = await stripe.customers.create();
    await stripe.customers.createBalanceTransaction(id, { amount: -700, currency: 'usd' });
    expect((await stripe.customers.update(id, { balance: -100 })).balance).toBe(-100);
    const [last] = (await stripe.customers.listBalanceTransactions(id)).data;
    expect(last?.amount).toBe(600);
  });

  it('refuses a customer that was deleted', async () => {
    const { stripe } = opened();
    const { id } = await stripe.customers.create();
    await stripe.customers.del(id);
    expect(await stripe.customers.retrieve(id)).toEqual(expect.objectContaining({ id, deleted: true }));
    const call = stripe.customers.createBalanceTransaction(id, { amount: -1, currency: 'usd' });
    expect(await refusal(call)).toMatchObject({ status: 404, code: 'resource_missing', param: 'customer' });
  });
});

describe('the invoices of a subscription', () => {
  it('begin with one that is finalised and paid at once, so that a credit of now waits for the next', async () => {
    const { stripe } = opened();
    const { subscription } = await subscribed(stripe);
    const first = await stripe.invoices.retrieve(idOf(subscription.latest_invoice));
    expect(first).toMatchObject({
      status: 'paid',
      billing_reason: 'subscription_create',
      amount_paid: 2900,
      automatically_finalizes_at: null,
    });
    expect(first.parent?.subscription_details?.subscription).toBe(subscription.id);
    expect(subscription.status).toBe('active');
  });

  it('are drafts for an hour when they renew', async () => {
    const { stripe, simulator } = opened();
    const { customer } = await subscribed(stripe);
    await simulator.advance(month);
    const [draft] = (await stripe.invoices.list({ customer: customer.id, status: 'draft' })).data;
    expect(draft?.billing_reason).toBe('subscription_cycle');
    expect(draft?.automatically_finalizes_at).toBe((draft?.created ?? 0) + hour);
    await simulator.advance(hour - 1);
    expect((await stripe.invoices.list({ status: 'draft' })).data).toHaveLength(1);
    await simulator.advance(1);
    expect((await stripe.invoices.retrieve(draft?.id ?? '')).status).toBe('paid');
  });

  it('wait 72 hours while invoice.created is not acknowledged, and an hour from when it is', async () => {
    let status = 500;
    const { stripe, simulator } = opened({ deliver: async () => status });
    await stripe.webhookEndpoints.create({ url: 'https://desk.example/hook', enabled_events: ['invoice.created'] });
    const { customer } = await subscribed(stripe);
    await simulator.advance(month);
    const { data } = await stripe.invoices.list({ customer: customer.id, status: 'draft' });
    const [{ id, created } = { id: '', created: 0 }] = data;
    await simulator.advance(2 * hour);
    expect((await stripe.invoices.retrieve(id)).automatically_finalizes_at).toBe(created + 72 * hour);
    status = 200;
    await simulator.webhooks.deliver();
    const acknowledged = await stripe.invoices.retrieve(id);
    expect(acknowledged).toMatchObject({ automatically_finalizes_at: simulator.now() + hour, webhooks_delivered_at: simulator.now() });
    await simulator.advance(hour);
    expect((await stripe.invoices.retrieve(id)).status).toBe('paid');
  });

  it('are finalised after 72 hours even if nobody ever acknowledges', async () => {
    const { stripe, simulator } = opened({ deliver: async () => 500 });
    await stripe.webhookEndpoints.create({ url: 'https://desk.example/hook', enabled_events: ['invoice.created'] });
    await subscribed(stripe);
    await simulator.advance(month);
    await simulator.advance(72 * hour - 1);
    expect((await stripe.invoices.list({ status: 'draft' })).data).toHaveLength(1);
    await simulator.advance(1);
    expect((await stripe.invoices.list({ status: 'draft' })).data).toHaveLength(0);
  });

  it('consume a credit at finalisation and leave the rest for later ones', async () => {
    const { stripe, simulator } = opened();
    const { customer } = await subscribed(stripe);
    await stripe.customers.createBalanceTransaction(customer.id, { amount: -5000, currency: 'usd' });
    await simulator.advance(month + hour);
    await simulator.advance(month + day + hour);
    const [third, second] = (await stripe.invoices.list({ customer: customer.id, limit: 2 })).data;
    expect(second).toMatchObject({ status: 'paid', starting_balance: -5000, ending_balance: -2100, amount_due: 0, amount_paid: 0 });
    expect(third).toMatchObject({ status: 'paid', starting_balance: -2100, ending_balance: 0, amount_due: 800, amount_paid: 800 });
    const applied = (await stripe.customers.listBalanceTransactions(customer.id)).data;
    expect(applied.map(({ type, amount, invoice }) => [type, amount, invoice])).toEqual([
      ['applied_to_invoice', 2100, third?.id],
      ['applied_to_invoice', 2900, second?.id],
      ['adjustment', -5000, null],
    ]);
  });

  it('carry an amount below the minimum charge on the balance', async () => {
    const { stripe, simulator } = opened();
    const { customer } = await subscribed(stripe);
    await stripe.customers.createBalanceTransaction(customer.id, { amount: -2880, currency: 'usd' });
    await simulator.advance(month + hour);
    const [renewal] = (await stripe.invoices.list({ customer: customer.id, limit: 1 })).data;
    expect(renewal).toMatchObject({ status: 'paid', amount_due: 0, ending_balance: 20 });
  });

  it('give a credit back when they are voided', async () => {
    const { stripe, simulator } = opened();
    const { customer } = await subscribed(stripe);
    simulator.setCard(customer.id, 'declines');
    await stripe.customers.createBalanceTransaction(customer.id, { amount: -900, currency: 'usd' });
    await simulator.advance(month + hour);
    const [open] = (await stripe.invoices.list({ customer: customer.id, status: 'open' })).data;
    expect(open).toMatchObject({ amount_due: 2000, attempt_count: 1 });
    await stripe.invoices.voidInvoice(open?.id ?? '');
    expect(await stripe.customers.retrieve(customer.id)).toMatchObject({ balance: -900 });
    const [last] = (await stripe.customers.listBalanceTransactions(customer.id)).data;
    expect(last).toMatchObject({ type: 'unapplied_from_invoice', amount: -900 });
  });

  it('happen at their own moments, however far the clock is moved at once', async () => {
    const { stripe, simulator } = opened();
    await subscribed(stripe);
    await simulator.advance(10 * day);
    await subscribed(stripe);
    await simulator.advance(70 * day);
    const made = (await stripe.invoices.list({ limit: 100 })).data.map(({ created }) =>
      new Date(created * 1000).toISOString().slice(0, 10),
    );
    expect(made.toReversed()).toEqual(['2026-11-02', '2026-11-12', '2026-12-02', '2026-12-12', '2027-01-02', '2027-01-12']);
  });

  it('come back on the 31st after a short month', async () => {
    const { stripe, simulator } = opened({ now: () => Date.UTC(2027, 0, 31) / 1000 });
    const { subscription } = await subscribed(stripe);
    const ends = [subscription.items.data[0]?.current_period_end];
    await simulator.advance(29 * day);
    ends.push((await stripe.subscriptions.retrieve(subscription.id)).items.data[0]?.current_period_end);
    expect(ends).toEqual([Date.UTC(2027, 1, 28) / 1000, Date.UTC(2027, 2, 31) / 1000]);
  });
});

describe('sums of an invoice', () => {
  it('take discounts off before tax, and name what is net of both', async () => {
    const { stripe } = opened({ taxPercent: 20 });
    const coupon = await stripe.coupons.create({ percent_off: 25, duration: 'once' });
    const { subscription } = await subscribed(stripe, 2999, { discounts: [{ coupon: coupon.id }] });
    const invoice = await stripe.invoices.retrieve(idOf(subscription.latest_invoice));
    expect(invoice).toMatchObject({ subtotal: 2999, total_excluding_tax: 2249, total: 2699, amount_paid: 2699 });
    expect(invoice.total_taxes?.[0]?.amount).toBe(450);
    // A coupon for once is spent.
    expect((await stripe.subscriptions.retrieve(subscription.id)).discounts).toEqual([]);
  });

  it('take one discount after the other', async () => {
    const { stripe } = opened();
    const tenth = await stripe.coupons.create({ percent_off: 10, duration: 'forever' });
    const most = await stripe.coupons.create({ amount_off: 2700, currency: 'usd', duration: 'forever' });
    const { subscription } = await subscribed(stripe, 2900, { discounts: [{ coupon: tenth.id }, { coupon: most.id }] });
    const invoice = await stripe.invoices.retrieve(idOf(subscription.latest_invoice));
    expect(invoice.total_discount_amounts?.map(({ amount }) => amount)).toEqual([290, 2610]);
    expect(invoice).toMatchObject({ status: 'paid', total: 0, amount_due: 0 });
  });

  it('count what was paid outside of Stripe as paid', async () => {
    const { stripe } = opened();
    const customer = await stripe.customers.create();
    const draft = await stripe.invoices.create({
      customer: customer.id,
      currency: 'usd',
      collection_method: 'send_invoice',
      days_until_due: 30,
    });
    await stripe.invoiceItems.create({ customer: customer.id, invoice: draft.id, amount: 1500, currency: 'usd' });
    await stripe.invoices.finalizeInvoice(draft.id);
    const paid = await stripe.invoices.pay(draft.id, { paid_out_of_band: true });
    expect(paid).toMatchObject({ status: 'paid', total: 1500, amount_paid: 1500, amount_paid_off_stripe: 1500, amount_remaining: 0 });
    expect((await stripe.charges.list({ customer: customer.id })).data).toEqual([]);
  });
});

describe('discounts of a subscription', () => {
  it('are overwritten by the array, kept by their id, left alone without it and cleared by an empty text', async () => {
    const { stripe } = opened();
    const [vendors, ours] = [
      await stripe.coupons.create({ percent_off: 10, duration: 'forever' }),
      await stripe.coupons.create({ amount_off: 500, currency: 'usd', duration: 'forever' }),
    ];
    const { subscription } = await subscribed(stripe, 2900, { discounts: [{ coupon: vendors.id }] });
    const [first] = subscription.discounts.map(idOf);
    const both = await stripe.subscriptions.update(subscription.id, {
      discounts: [{ discount: first ?? '' }, { coupon: ours.id }],
      expand: ['discounts'],
    });
    const sources = both.discounts.map((one) => (typeof one === 'string' ? one : one.source.coupon));
    expect(sources).toEqual([vendors.id, ours.id]);
    expect((await stripe.subscriptions.update(subscription.id, { metadata: { a: 'b' }, discounts: [] })).discounts).toHaveLength(2);
    expect((await stripe.subscriptions.update(subscription.id, { discounts: [{ coupon: ours.id }] })).discounts).toHaveLength(1);
    expect((await stripe.subscriptions.update(subscription.id, { discounts: '' })).discounts).toEqual([]);
  });

  it('come by a promotion code only within its limits', async () => {
    const { stripe } = opened();
    const coupon = await stripe.coupons.create({ percent_off: 100, duration: 'once' });
    const code = await stripe.promotionCodes.create({
      promotion: { type: 'coupon', coupon: coupon.id },
      code: 'HELLO',
      max_redemptions: 1,
    });
    await subscribed(stripe, 2900, { discounts: [{ promotion_code: code.id }] });
    const again = subscribed(stripe, 2900, { discounts: [{ promotion_code: code.id }] });
    expect(await refusal(again)).toMatchObject({ status: 400, param: 'discounts[0][promotion_code]' });
  });
});

describe('a checkout session', () => {
  it('completes into a customer, a subscription with its metadata and a paid first invoice', async () => {
    const { stripe, simulator } = opened();
    const price = await monthlyPrice(stripe);
    const session = await stripe.checkout.sessions.create({
      mode: 'subscription',
      line_items: [{ price: price.id, quantity: 2 }],
      client_reference_id: 'ws_1',
      metadata: { referral: 'ref_1' },
      subscription_data: { metadata: { referral: 'ref_1' } },
      success_url: 'https://vendor.example/done',
    });
    const { customer, subscription, invoice } = simulator.completeCheckout(session.id, { email: 'cfo@globex.example' });
    const done = await stripe.checkout.sessions.retrieve(session.id);
    expect(done).toMatchObject({ status: 'complete', payment_status: 'paid', customer, subscription, client_reference_id: 'ws_1' });
    expect((await stripe.subscriptions.retrieve(subscription)).metadata).toEqual({ referral: 'ref_1' });
    expect(await stripe.invoices.retrieve(invoice)).toMatchObject({ status: 'paid', amount_paid: 5800 });
    const [event] = (await stripe.events.list({ type: 'checkout.session.completed' })).data;
    expect(event).toMatchObject({ created: start, livemode: false, data: { object: { id: session.id, client_reference_id: 'ws_1' } } });
  });
});
