import type Stripe from 'stripe';
import { queries } from '../../../db/queries.ts';
import { judgeEffect } from '../../../domain/judge-effect.ts';
import { injectEffect, paymentOf, readBackEffect, type ShownInvoice } from '../../../domain/payment.ts';
import { reassessEffect } from '../../../domain/reassess-effect.ts';
import { idOf, reread } from '../reread.ts';
import type { Translator } from '../translator.ts';

/**
 * `invoice.created`: while it is a draft, the rewards of whoever it is for can still pay it. The first invoice of a subscription is
 * finalised at once: what is available then waits for the next.
 */
export const invoiceCreated: Translator = async (told, { stripe, consult, given }) => {
  const read = await reread(told, 'invoice', (id) => stripe.invoices.retrieve(id));
  if (!read.ok) return read.settlement;
  const { id, status, currency } = read.value;
  const customer = idOf(read.value.customer);
  if (customer === null) return { kind: 'done', note: 'customer_none' };
  if (status !== 'draft') return { kind: 'done', note: 'invoice_not_draft' };
  const [known] = await consult([queries.stripeCustomer(customer, null)]);
  if (!known?.payee && !known?.prospect) return { kind: 'done', note: 'customer_no_payee' };
  return { kind: 'done', changes: { effects: [injectEffect(customer, currency, id, given)] } };
};

/**
 * `invoice.finalized`, `invoice.paid`, `invoice.voided` and `invoice.marked_uncollectible`: writes down what was paid by it, has those
 * judged and those rewards looked at that it touches, and has read back what of a balance it consumed and which discounts it realised.
 */
export const invoiceSettled: Translator = async (told, { stripe, consult, given, now }) => {
  const read = await reread(told, 'invoice', (id) => stripe.invoices.retrieve(id, { expand: ['payments'] }));
  if (!read.ok) return read.settlement;
  const customer = idOf(read.value.customer);
  if (customer === null) return { kind: 'done', note: 'customer_none' };
  const { id } = read.value;
  const [known] = await consult([queries.stripeCustomer(customer, id)]);
  const seen = paymentOf(shownInvoice(read.value, customer), now);
  const payment = seen !== null && (seen.paid_minor !== '0' || known?.payment) ? seen : null;
  const isOurs = Boolean(known?.payee ?? known?.prospect);
  // Only what stood on the balance before can have been consumed. Negative is credit.
  const consumes = isOurs && (read.value.starting_balance < 0 || (read.value.total_discount_amounts ?? []).length > 0);
  const effects = [
    ...(consumes ? [readBackEffect(customer, id, given)] : []),
    ...(payment ? [reassessEffect(id, given)] : []),
    ...(payment && known?.prospect ? [judgeEffect(known.prospect, given)] : []),
  ];
  return {
    kind: 'done',
    changes: { ...(payment ? { payments: [payment] } : {}), ...(effects.length > 0 ? { effects } : {}) },
    ...(payment ? {} : { note: 'nothing_paid' }),
  };
};

function shownInvoice(invoice: Stripe.Invoice, stripeCustomer: string): ShownInvoice {
  const { id, currency, status, total, total_excluding_tax, amount_paid, parent, status_transitions } = invoice;
  return {
    ...{ invoiceId: id, stripeCustomer, currency, status },
    totalMinor: BigInt(total),
    totalExcludingTaxMinor: BigInt(total_excluding_tax ?? total),
    amountPaidMinor: BigInt(amount_paid),
    outOfBand: isOutOfBand(invoice),
    subscription: idOf(parent?.subscription_details?.subscription),
    // Stripe tells whole seconds: whatever happened here within that second came before, as far as anybody can say.
    paidAt: status_transitions.paid_at === null ? null : new Date(status_transitions.paid_at * 1000 + 999),
  };
}

/** Paid, and not through Stripe: what no charge stands behind can have no refund there. */
function isOutOfBand({ amount_paid, amount_paid_off_stripe, payments }: Stripe.Invoice): boolean {
  if ((amount_paid_off_stripe ?? 0) > 0) return true;
  if (amount_paid === 0 || payments === undefined) return false;
  return !payments.has_more && !payments.data.some(({ status, payment }) => status === 'paid' && payment.type !== 'payment_record');
}
