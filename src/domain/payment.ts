import { minorUnitDigits } from './currency.ts';
import type { Given } from './decision.ts';
import { atLeastZero, least } from './money.ts';
import type { PaymentChanges } from './payment-changes.ts';
import { stageEffect } from './stage.ts';
import type { StagedEffect } from './work-changes.ts';

/** An invoice as Stripe shows it (https://docs.stripe.com/api/invoices/object). Amounts in the unit that Stripe counts its currency in. */
export interface ShownInvoice {
  readonly invoiceId: string;
  readonly stripeCustomer: string;
  readonly currency: string;
  readonly status: string | null;
  /** After discounts, with tax, before the customer's balance is applied. */
  readonly totalMinor: bigint;
  /** The same without tax. */
  readonly totalExcludingTaxMinor: bigint;
  /** Cash, whoever took it: a balance or credits that were applied are not in it. */
  readonly amountPaidMinor: bigint;
  readonly outOfBand: boolean;
  readonly subscription: string | null;
  readonly paidAt: Date | null;
}

export type PaymentRow = NonNullable<PaymentChanges['payments']>[number];

/**
 * What the customer paid by this invoice, seen at `seenAt`; null where that is nothing, or nothing that is settled yet. Collected is the
 * cash without the tax in it, rounded down: cash × total excluding tax / total. Where cash also paid an older debt, that part counts for
 * nothing here. An invoice that was given up keeps what came in before.
 */
export function paymentOf(invoice: ShownInvoice, seenAt: Date): PaymentRow | null {
  const { status, currency } = invoice;
  if (status !== 'paid' && status !== 'void' && status !== 'uncollectible') return null;
  const paid = ledgerMinor(invoice.amountPaidMinor, currency);
  if (paid === null || paid < 0n || (paid === 0n && status === 'paid')) return null;
  return {
    ...{ invoice_id: invoice.invoiceId, stripe_customer: invoice.stripeCustomer, currency, status },
    collected_minor: String(ledgerMinor(collected(invoice), currency)),
    paid_minor: String(paid),
    ...{ out_of_band: invoice.outOfBand, subscription: invoice.subscription },
    ...{ paid_at: (invoice.paidAt ?? seenAt).toISOString(), seen_at: seenAt.toISOString() },
  };
}

function collected({ totalMinor, totalExcludingTaxMinor, amountPaidMinor }: ShownInvoice): bigint {
  if (totalMinor <= 0n) return 0n;
  const ofThisInvoice = least(amountPaidMinor, totalMinor);
  return least(ofThisInvoice, (ofThisInvoice * atLeastZero(totalExcludingTaxMinor)) / totalMinor);
}

/**
 * An amount of Stripe's in the currency's smallest unit by ISO 4217, as the ledger counts; rounded down. They differ in three currencies
 * (https://docs.stripe.com/currencies, special cases). Null: we do not know the currency.
 */
export function ledgerMinor(amountAtStripe: bigint, currency: string): bigint | null {
  const digits = minorUnitDigits(currency);
  if (digits === undefined) return null;
  const more = digitsAtStripe[currency] === undefined ? 0 : digits - digitsAtStripe[currency];
  return more >= 0 ? amountAtStripe * 10n ** BigInt(more) : amountAtStripe / 10n ** BigInt(-more);
}

const digitsAtStripe: Readonly<Record<string, number>> = { isk: 2, ugx: 2, mga: 0 };

/** Has a customer's available rewards sent to its balance, while `invoiceId` is a draft that they can still pay. */
export function injectEffect(stripeCustomer: string, currency: string, invoiceId: string, given: Given): StagedEffect {
  const payload = { stripe_customer: stripeCustomer, currency, invoice_id: invoiceId };
  return stageEffect(given, { kind: 'rewards.inject', aggregate: `stripe:${stripeCustomer}`, payload });
}

/** Has read back what of a customer's balance the invoice consumed. */
export function readBackEffect(stripeCustomer: string, invoiceId: string, given: Given): StagedEffect {
  const payload = { stripe_customer: stripeCustomer, invoice_id: invoiceId };
  return stageEffect(given, { kind: 'stripe.credit.read_back', aggregate: `stripe:${stripeCustomer}`, destination: 'stripe', payload });
}
