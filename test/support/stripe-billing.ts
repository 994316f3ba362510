/** What a vendor bills at the simulator of Stripe. Amounts in Stripe's unit of the currency. */
import type Stripe from 'stripe';
import type { StripeWorld } from './stripe-world.ts';

export interface Billed {
  readonly customer: string;
  readonly amount: number;
  readonly currency?: string;
  /** Whether it goes on by itself, as the invoices of subscriptions do. */
  readonly autoAdvance?: boolean;
}

/** A draft with one line. */
export async function draftInvoice({ stripe }: Pick<StripeWorld, 'stripe'>, billed: Billed): Promise<Stripe.Invoice> {
  const { customer, amount, currency = 'usd', autoAdvance = false } = billed;
  const invoice = await stripe.invoices.create({ customer, currency, auto_advance: autoAdvance });
  await stripe.invoiceItems.create({ customer, invoice: invoice.id, amount, currency });
  return stripe.invoices.retrieve(invoice.id);
}

/** An invoice that the customer paid, by card unless it was elsewhere. */
export async function paidInvoice(
  t: Pick<StripeWorld, 'stripe'>,
  billed: Billed,
  by: 'card' | 'out_of_band' = 'card',
): Promise<Stripe.Invoice> {
  const draft = await draftInvoice(t, billed);
  await t.stripe.invoices.finalizeInvoice(draft.id, { auto_advance: false });
  return t.stripe.invoices.pay(draft.id, by === 'card' ? {} : { paid_out_of_band: true });
}
