/** What customers paid, as the ledger counts it. */
import { beforeAll, describe, expect, it } from 'vitest';
import { ledgerMinor, paymentOf, type ShownInvoice } from '../../src/domain/payment.ts';
import { sql } from '../support/sql.ts';
import { draftInvoice, paidInvoice } from '../support/stripe-billing.ts';
import { openStripeWorld, type StripeWorld } from '../support/stripe-world.ts';

const at = new Date('2026-11-21T12:00:00.000Z');
const shown = (members: Partial<ShownInvoice>): ShownInvoice => ({
  ...{ invoiceId: 'in_1', stripeCustomer: 'cus_1', currency: 'usd', status: 'paid', totalMinor: 2900n, totalExcludingTaxMinor: 2900n },
  ...{ amountPaidMinor: 2900n, outOfBand: false, subscription: null, paidAt: at },
  ...members,
});

describe('collected: cash without the tax in it', () => {
  const table: readonly [what: string, Partial<ShownInvoice>, paid: string | null, collected: string | null][] = [
    ['without tax: what was paid', {}, '2900', '2900'],
    ['exclusive tax of 19 % on 29.00', { totalMinor: 3451n, amountPaidMinor: 3451n }, '3451', '2900'],
    ['inclusive tax of 19 % in 29.00', { totalExcludingTaxMinor: 2437n }, '2900', '2437'],
    ['half of it by the balance: half the net, rounded down', { totalMinor: 3451n, amountPaidMinor: 1725n }, '1725', '1449'],
    ['all of it by the balance: nothing', { amountPaidMinor: 0n }, null, null],
    ['a discount of everything: nothing', { totalMinor: 0n, totalExcludingTaxMinor: 0n, amountPaidMinor: 0n }, null, null],
    ['an older debt paid with it: only its own part', { amountPaidMinor: 3400n }, '3400', '2900'],
    ['one cent with tax: rounds to nothing', { totalMinor: 119n, totalExcludingTaxMinor: 100n, amountPaidMinor: 1n }, '1', '0'],
    ['a negative total: nothing collected', { totalMinor: -500n, totalExcludingTaxMinor: -500n, amountPaidMinor: 0n }, null, null],
    [
      'yen, without decimals',
      { currency: 'jpy', totalMinor: 3190n, totalExcludingTaxMinor: 2900n, amountPaidMinor: 3190n },
      '3190',
      '2900',
    ],
    [
      'Kuwaiti dinar, three decimals',
      { currency: 'kwd', totalMinor: 10_500n, totalExcludingTaxMinor: 10_000n, amountPaidMinor: 10_500n },
      '10500',
      '10000',
    ],
    [
      'Icelandic krona: Stripe counts hundredths that there are not',
      { currency: 'isk', totalMinor: 290_000n, totalExcludingTaxMinor: 290_000n, amountPaidMinor: 290_000n },
      '2900',
      '2900',
    ],
    ['a currency that we do not know', { currency: 'zzz' }, null, null],
    [
      'the largest amount of Stripe',
      { totalMinor: 99_999_999n, totalExcludingTaxMinor: 84_033_612n, amountPaidMinor: 99_999_999n },
      '99999999',
      '84033612',
    ],
    ['still open', { status: 'open' }, null, null],
  ];
  for (const [what, members, paid, collected] of table) {
    it(what, () => {
      const row = paymentOf(shown(members), at);
      expect([row?.paid_minor ?? null, row?.collected_minor ?? null]).toEqual([paid, collected]);
    });
  }

  it('is never more than what was paid, and never less than nothing', () => {
    for (let n = 0; n < 2000; n++) {
      const [total, net, paid] = [BigInt((n * 7919) % 1009), BigInt((n * 7907) % 1200), BigInt((n * 6101) % 1500)];
      const row = paymentOf(shown({ totalMinor: total, totalExcludingTaxMinor: net, amountPaidMinor: paid }), at);
      if (row !== null) expect(BigInt(row.collected_minor) >= 0n && BigInt(row.collected_minor) <= BigInt(row.paid_minor)).toBe(true);
    }
  });

  it('counts as ISO 4217 does where Stripe does not', () => {
    expect([ledgerMinor(500n, 'ugx'), ledgerMinor(500n, 'mga'), ledgerMinor(500n, 'usd'), ledgerMinor(500n, 'btc')]).toEqual([
      5n,
      50_000n,
      500n,
      null,
    ]);
  });
});

describe('what Stripe tells', () => {
  let t: StripeWorld;
  let customer: string;
  beforeAll(async () => {
    t = await openStripeWorld();
    customer = (await t.stripe.customers.create({ email: 'ap@northwind-freight.example' })).id;
  });
  const paymentsOf = (invoice: string) =>
    sql(
      t,
      'select p.paid_minor, p.collected_minor, p.status, p.out_of_band, p.subscription is not null as recurring from frontdesk.payments p where p.invoice_id = $1',
      [invoice],
    );
  const row = (paid: bigint, collected: bigint, members: object = {}) => [
    { paid_minor: paid, collected_minor: collected, status: 'paid', out_of_band: false, recurring: false, ...members },
  ];

  it('is a payment, without the tax', async () => {
    t.simulator.setTaxPercent(19);
    const { id } = await paidInvoice(t, { customer, amount: 2900 });
    await t.settle();
    t.simulator.setTaxPercent(0);
    expect(await paymentsOf(id)).toEqual(row(3451n, 2900n));
  });

  it('is a payment where it was made elsewhere', async () => {
    const { id } = await paidInvoice(t, { customer, amount: 2900 }, 'out_of_band');
    await t.settle();
    expect(await paymentsOf(id)).toEqual(row(2900n, 2900n, { out_of_band: true }));
  });

  it('is what the customer’s balance left to pay, and none where it left nothing', async () => {
    const other = (await t.stripe.customers.create({})).id;
    await t.stripe.customers.createBalanceTransaction(other, { amount: -5000, currency: 'usd' });
    const [whole, part] = [await paidOrNot(other, 2900), await paidOrNot(other, 2900)];
    await t.settle();
    expect([await paymentsOf(whole), await paymentsOf(part)]).toEqual([[], row(800n, 800n)]);
  });

  it('is the first payment of a subscription', async () => {
    const product = await t.stripe.products.create({ name: 'Team' });
    const price = await t.stripe.prices.create({
      product: product.id,
      currency: 'usd',
      unit_amount: 2900,
      recurring: { interval: 'month' },
    });
    const subscription = await t.stripe.subscriptions.create({ customer, items: [{ price: price.id }] });
    await t.settle();
    expect(await paymentsOf(String(subscription.latest_invoice))).toEqual(row(2900n, 2900n, { recurring: true }));
  });

  it('is no payment while it is open, and none once it is void', async () => {
    const draft = await draftInvoice(t, { customer, amount: 2900 });
    await t.stripe.invoices.finalizeInvoice(draft.id, { auto_advance: false });
    await t.stripe.invoices.voidInvoice(draft.id);
    await t.settle();
    expect(await paymentsOf(draft.id)).toEqual([]);
  });

  it('comes to the same when it is told late, twice and in another order', async () => {
    t.simulator.webhooks.pause();
    const { id } = await paidInvoice(t, { customer, amount: 4900 });
    await t.simulator.webhooks.deliverShuffled(7);
    const [paid] = t.simulator.webhooks.events({ type: 'invoice.paid' }).filter(({ data }) => 'id' in data.object && data.object.id === id);
    await t.simulator.webhooks.duplicate(paid?.id ?? '', 3);
    t.simulator.webhooks.resume();
    await t.settle();
    expect(await paymentsOf(id)).toEqual(row(4900n, 4900n));
  });

  it('waits while Stripe cannot be asked, and is not lost', async () => {
    const { id } = await paidInvoice(t, { customer, amount: 1900 });
    t.simulator.faults.add({ kind: 'error_500', method: 'GET', path: '/v1/invoices/*', times: 3 });
    await t.settle();
    t.simulator.faults.clear();
    await t.advance(3_600_000);
    expect(await paymentsOf(id)).toEqual(row(1900n, 1900n));
  });

  it('leaves no bug behind', () => expect(t.reported).toEqual([]));

  async function paidOrNot(of: string, amount: number): Promise<string> {
    const draft = await draftInvoice(t, { customer: of, amount });
    const open = await t.stripe.invoices.finalizeInvoice(draft.id, { auto_advance: false });
    if (open.status !== 'paid') await t.stripe.invoices.pay(draft.id);
    return draft.id;
  }
});
