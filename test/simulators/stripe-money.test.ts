import type { Stripe } from 'stripe';
import { describe, expect, it } from 'vitest';
import { idOf, monthlyPrice, opened, refusal, start, subscribed } from './opened.ts';

/** The invoice, payment intent and charge of a first payment of 29.00. */
async function paidOnce(stripe: Stripe) {
  const { customer, subscription } = await subscribed(stripe);
  const invoice = await stripe.invoices.retrieve(idOf(subscription.latest_invoice));
  const [charge] = (await stripe.charges.list({ customer: customer.id })).data;
  if (charge === undefined) throw new Error('nothing was charged');
  return { customer, invoice, charge, intent: idOf(charge.payment_intent) };
}

const typesOf = async (stripe: Stripe, types: string[]): Promise<string[]> =>
  (await stripe.events.list({ types, limit: 100 })).data.map(({ type }) => type).toReversed();

describe('a payment', () => {
  it('leads from its intent to the invoice, which the charge does not know', async () => {
    const { stripe } = opened();
    const { invoice, charge, intent } = await paidOnce(stripe);
    expect(charge).not.toHaveProperty('invoice');
    const { data } = await stripe.invoicePayments.list({ payment: { type: 'payment_intent', payment_intent: intent } });
    expect(data).toMatchObject([{ object: 'invoice_payment', invoice: invoice.id, amount_paid: 2900, status: 'paid' }]);
  });

  it('that the card declines leaves the first invoice open and the subscription incomplete', async () => {
    const { stripe, simulator } = opened();
    const price = await monthlyPrice(stripe);
    const customer = await stripe.customers.create();
    simulator.setCard(customer.id, 'declines');
    const subscription = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] });
    expect(subscription.status).toBe('incomplete');
    const first = idOf(subscription.latest_invoice);
    expect(await refusal(stripe.invoices.pay(first))).toMatchObject({ status: 402, type: 'card_error', code: 'card_declined' });
    simulator.setCard(customer.id, 'works');
    simulator.payInvoice(first);
    expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe('active');
  });
});

describe('refunds', () => {
  it('add up on the charge, never beyond it', async () => {
    const { stripe } = opened();
    const { charge, intent } = await paidOnce(stripe);
    await stripe.refunds.create({ payment_intent: intent, amount: 1000, reason: 'requested_by_customer' });
    expect(await stripe.charges.retrieve(charge.id)).toMatchObject({ amount_refunded: 1000, refunded: false });
    expect(await refusal(stripe.refunds.create({ charge: charge.id, amount: 1901 }))).toMatchObject({ status: 400, param: 'amount' });
    await stripe.refunds.create({ charge: charge.id });
    expect(await stripe.charges.retrieve(charge.id)).toMatchObject({ amount_refunded: 2900, refunded: true });
    expect(await refusal(stripe.refunds.create({ charge: charge.id }))).toMatchObject({ code: 'charge_already_refunded' });
    expect(await typesOf(stripe, ['refund.created', 'charge.refunded'])).toEqual([
      'refund.created',
      'charge.refunded',
      'refund.created',
      'charge.refunded',
    ]);
  });

  it('can fail later, which takes them off the charge again', async () => {
    const { stripe, simulator } = opened();
    const { charge } = await paidOnce(stripe);
    const refund = await stripe.refunds.create({ charge: charge.id, amount: 1000 });
    simulator.failRefund(refund.id);
    expect(await stripe.refunds.retrieve(refund.id)).toMatchObject({ status: 'failed' });
    expect((await stripe.charges.retrieve(charge.id)).amount_refunded).toBe(0);
    expect(await typesOf(stripe, ['refund.updated', 'refund.failed'])).toEqual(['refund.updated', 'refund.failed']);
  });
});

describe('a dispute', () => {
  const told = ['charge.dispute.*'];

  it('withdraws the funds and gives them back when it is won', async () => {
    const { stripe, simulator } = opened();
    const { charge, intent } = await paidOnce(stripe);
    const id = simulator.openDispute(charge.id);
    expect(await stripe.disputes.retrieve(id)).toMatchObject({ status: 'needs_response', amount: 2900, payment_intent: intent });
    expect(await refusal(stripe.refunds.create({ charge: charge.id }))).toMatchObject({ code: 'charge_disputed' });
    simulator.winDispute(id);
    const types = await typesOf(stripe, told);
    const names = types.map((type) => type.slice('charge.dispute.'.length));
    expect(names).toEqual(['created', 'funds_withdrawn', 'closed', 'funds_reinstated']);
  });

  it('keeps them when it is lost', async () => {
    const { stripe, simulator } = opened();
    const { charge } = await paidOnce(stripe);
    const id = simulator.openDispute(charge.id, { amount: 900 });
    simulator.loseDispute(id);
    expect(await stripe.disputes.retrieve(id)).toMatchObject({ status: 'lost', amount: 900 });
    expect(await typesOf(stripe, told)).not.toContain('charge.dispute.funds_reinstated');
  });
});

describe('credit notes', () => {
  it('of a paid invoice say to the cent where the money goes: refund, balance, elsewhere', async () => {
    const { stripe } = opened();
    const { customer, invoice, charge } = await paidOnce(stripe);
    const uneven = stripe.creditNotes.create({ invoice: invoice.id, amount: 1000, refund_amount: 600 });
    expect(await refusal(uneven)).toMatchObject({ status: 400, param: 'amount' });
    const note = await stripe.creditNotes.create({
      invoice: invoice.id,
      amount: 1000,
      refund_amount: 600,
      credit_amount: 300,
      out_of_band_amount: 100,
    });
    expect(note).toMatchObject({ type: 'post_payment', post_payment_amount: 1000, out_of_band_amount: 100 });
    expect((await stripe.charges.retrieve(charge.id)).amount_refunded).toBe(600);
    const [balance] = (await stripe.customers.listBalanceTransactions(customer.id)).data;
    expect(balance).toMatchObject({ type: 'credit_note', amount: -300, credit_note: note.id });
    expect((await stripe.invoices.retrieve(invoice.id)).post_payment_credit_notes_amount).toBe(1000);
  });

  it('of an open invoice lessen what is due, and can be voided while it is open', async () => {
    const { stripe } = opened();
    const customer = await stripe.customers.create();
    const draft = await stripe.invoices.create({ customer: customer.id, currency: 'usd' });
    await stripe.invoiceItems.create({ customer: customer.id, invoice: draft.id, amount: 2000, currency: 'usd' });
    await stripe.invoices.finalizeInvoice(draft.id);
    const note = await stripe.creditNotes.create({ invoice: draft.id, amount: 500 });
    expect(await stripe.invoices.retrieve(draft.id)).toMatchObject({ amount_due: 1500, pre_payment_credit_notes_amount: 500 });
    expect((await stripe.creditNotes.voidCreditNote(note.id)).status).toBe('void');
    expect((await stripe.invoices.pay(draft.id)).amount_paid).toBe(2000);
    const late = await stripe.creditNotes.create({ invoice: draft.id, amount: 100, credit_amount: 100 });
    expect(await refusal(stripe.creditNotes.voidCreditNote(late.id))).toMatchObject({ status: 400 });
  });
});

describe('billing credit grants', () => {
  const wish = (customer: string): Stripe.Billing.CreditGrantCreateParams => ({
    customer,
    amount: { type: 'monetary', monetary: { currency: 'usd', value: 500 } },
    applicability_config: { scope: { price_type: 'metered' } },
  });

  it('are paid ones unless told, positive, and void only while unused', async () => {
    const { stripe, simulator } = opened();
    const customer = await stripe.customers.create();
    const grant = await stripe.billing.creditGrants.create(wish(customer.id));
    expect(grant).toMatchObject({ object: 'billing.credit_grant', category: 'paid', priority: 50, effective_at: start, expires_at: null });
    simulator.useGrant(grant.id, 1);
    const filter = { type: 'credit_grant' as const, credit_grant: grant.id };
    const { balances } = await stripe.billing.creditBalanceSummaries.retrieve({ customer: customer.id, filter });
    expect(balances[0]?.available_balance.monetary).toEqual({ currency: 'usd', value: 499 });
    expect(await refusal(stripe.billing.creditGrants.voidGrant(grant.id))).toMatchObject({ status: 400 });
    expect((await stripe.billing.creditGrants.expire(grant.id)).expires_at).toBe(start);
    const unused = await stripe.billing.creditGrants.create({ ...wish(customer.id), category: 'promotional' });
    expect((await stripe.billing.creditGrants.voidGrant(unused.id)).voided_at).toBe(start);
  });

  it('have a value above nothing', async () => {
    const { stripe } = opened();
    const customer = await stripe.customers.create();
    const nothing = { ...wish(customer.id), amount: { type: 'monetary' as const, monetary: { currency: 'usd', value: 0 } } };
    expect(await refusal(stripe.billing.creditGrants.create(nothing))).toMatchObject({ status: 400, param: 'amount[monetary][value]' });
  });
});

describe('an entitlement', () => {
  it('comes and goes with a price of nothing on the subscription', async () => {
    const { stripe } = opened();
    const { customer, subscription } = await subscribed(stripe);
    const feature = await stripe.entitlements.features.create({ lookup_key: 'sso', name: 'Single sign-on' });
    const product = await stripe.products.create({ name: 'Unlocked' });
    await stripe.products.createFeature(product.id, { entitlement_feature: feature.id });
    const free = await stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 0, recurring: { interval: 'month' } });
    const item = await stripe.subscriptionItems.create({ subscription: subscription.id, price: free.id });
    const active = async () =>
      (await stripe.entitlements.activeEntitlements.list({ customer: customer.id })).data.map((one) => one.lookup_key);
    expect(await active()).toEqual(['sso']);
    await stripe.subscriptionItems.del(item.id);
    expect(await active()).toEqual([]);
    expect(await typesOf(stripe, ['entitlements.active_entitlement_summary.updated'])).toHaveLength(2);
  });
});

describe('a connected account', () => {
  it('tells what changed in its own events, to endpoints for connected accounts only', async () => {
    const heard: string[] = [];
    const deliver = async (url: string, _: unknown, body: string) => {
      heard.push(`${url} ${JSON.parse(body).type} ${JSON.parse(body).account}`);
      return 200;
    };
    const { stripe, simulator } = opened({ deliver });
    await stripe.webhookEndpoints.create({ url: 'https://desk.example/own', enabled_events: ['*'] });
    await stripe.webhookEndpoints.create({ url: 'https://desk.example/connect', enabled_events: ['*'], connect: true });
    const { id } = await stripe.accounts.create({ type: 'express', capabilities: { transfers: { requested: true } } });
    simulator.finishOnboarding(id);
    await simulator.settled();
    expect(heard).toEqual([`https://desk.example/connect account.updated ${id}`]);
    expect((await stripe.events.list()).data).toEqual([]);
  });
});

describe('a transfer', () => {
  const wish = (destination: string) => ({ amount: 1500, currency: 'usd', destination, metadata: { fulfilment: 'ful_1' } });
  const recipient = (stripe: Stripe) => stripe.accounts.create({ type: 'express', capabilities: { transfers: { requested: true } } });

  it('needs the capability of its destination and an available balance', async () => {
    const { stripe, simulator } = opened();
    const { id } = await recipient(stripe);
    expect(await refusal(stripe.transfers.create(wish(id)))).toMatchObject({ code: 'insufficient_capabilities_for_transfer' });
    simulator.finishOnboarding(id);
    expect((await stripe.accounts.retrieve(id)).payouts_enabled).toBe(true);
    expect(await refusal(stripe.transfers.create(wish(id)))).toMatchObject({ code: 'balance_insufficient' });
    simulator.setPlatformBalance('usd', 2000);
    expect(await stripe.transfers.create(wish(id))).toMatchObject({ object: 'transfer', amount: 1500, destination: id });
    expect((await stripe.balance.retrieve()).available).toMatchObject([{ amount: 500, currency: 'usd' }]);
  });

  it('is taken back in parts, while the recipient still has them', async () => {
    const { stripe, simulator } = opened();
    const { id } = await recipient(stripe);
    simulator.finishOnboarding(id);
    simulator.setPlatformBalance('usd', 1500);
    const transfer = await stripe.transfers.create(wish(id));
    await stripe.transfers.createReversal(transfer.id, { amount: 400 });
    expect(await stripe.transfers.retrieve(transfer.id)).toMatchObject({ amount_reversed: 400, reversed: false });
    simulator.setAccountBalance(id, 'usd', 100);
    expect(await refusal(stripe.transfers.createReversal(transfer.id))).toMatchObject({ code: 'balance_insufficient' });
  });
});
