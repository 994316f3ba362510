import type Stripe from 'stripe';
import { ledgerMinor } from '../../domain/payment.ts';
import type { PaymentChanges } from '../../domain/payment-changes.ts';
import { reassessEffect } from '../../domain/reassess-effect.ts';
import type { Settlement } from '../effect.ts';
import { type Answer, ask, unanswered } from './answer.ts';
import { idOf } from './reread.ts';
import type { StripeScene } from './translator.ts';

type ReversalRow = NonNullable<PaymentChanges['payment_reversals']>[number];

/** What took the money, as refunds, charges and disputes name it. Without a payment intent it comes from before there were any. */
export interface TakenBy {
  readonly payment_intent: string | { readonly id: string } | null;
}

/**
 * Something was given back of a payment: every invoice that it paid is read again, whole. A payment that paid no invoice is none of ours.
 */
export async function rereadPayment(taken: TakenBy, scene: StripeScene): Promise<Settlement> {
  const intent = idOf(taken.payment_intent);
  const paid = intent === null ? ({ kind: 'ok', value: [] } as const) : await paidBy(scene.stripe, intent);
  return paid.kind === 'ok' ? rereadInvoices([...new Set(paid.value.map(({ invoiceId }) => invoiceId))], scene) : unanswered(paid);
}

/**
 * Reads everything that was given back of these invoices, and has what they earned held against it. What Stripe shows now replaces what it
 * showed before, so that the order in which it tells of things does not matter. An invoice that is not known yet is written as well.
 */
export async function rereadInvoices(invoiceIds: readonly string[], scene: StripeScene): Promise<Settlement> {
  if (invoiceIds.length === 0) return { kind: 'done', note: 'not_an_invoice' };
  const rows: ReversalRow[] = [];
  for (const invoiceId of invoiceIds) {
    const found = await reversalsOf(invoiceId, scene);
    if (found.kind !== 'ok') return unanswered(found);
    rows.push(...found.value);
  }
  const effects = invoiceIds.map((invoiceId) => reassessEffect(invoiceId, scene.given));
  return { kind: 'done', changes: { ...(rows.length > 0 ? { payment_reversals: rows } : {}), effects } };
}

async function reversalsOf(invoiceId: string, { stripe, now }: StripeScene): Promise<Answer<readonly ReversalRow[]>> {
  const seen = { invoice_id: invoiceId, seen_at: now.toISOString() };
  const notes = await listAll((page) => stripe.creditNotes.list({ invoice: invoiceId, ...page }));
  if (notes.kind !== 'ok') return notes;
  const payments = await paymentsOf(stripe, { invoice: invoiceId });
  if (payments.kind !== 'ok') return payments;
  const rows = notes.value.map((note) => ({ ...seen, ...creditNoteRow(note) }));
  for (const intent of new Set(payments.value.map((one) => one.intent))) {
    const taken = intent === null ? ({ kind: 'ok', value: [] } as const) : await takenOf(stripe, intent, invoiceId);
    if (taken.kind !== 'ok') return taken;
    rows.push(...taken.value.map((row) => ({ ...seen, ...row })));
  }
  return { kind: 'ok', value: rows };
}

type SourceRow = Omit<ReversalRow, 'invoice_id' | 'seen_at'>;

/** Refunds and disputes of a payment intent, as far as they are about this one of the invoices that it paid. */
async function takenOf(stripe: Stripe, intent: string, invoiceId: string): Promise<Answer<readonly SourceRow[]>> {
  const paid = await paidBy(stripe, intent);
  if (paid.kind !== 'ok') return paid;
  const refunds = await listAll((page) => stripe.refunds.list({ payment_intent: intent, ...page }));
  if (refunds.kind !== 'ok') return refunds;
  const disputes = await listAll((page) => stripe.disputes.list({ payment_intent: intent, ...page }));
  if (disputes.kind !== 'ok') return disputes;
  const part = (amount: number): number => partOf(amount, paid.value, invoiceId);
  return {
    kind: 'ok',
    value: [
      ...refunds.value.map((one) => sourceRow('refund', one, part(one.amount), refundState(one.status))),
      ...disputes.value.map((one) => sourceRow('dispute', one, part(one.amount), disputeState(one))),
    ],
  };
}

/** What a payment intent paid of an invoice. Amounts in the unit that Stripe counts in. */
export interface PaidPart {
  readonly id: string;
  readonly invoiceId: string;
  readonly intent: string | null;
  readonly amount: number;
}

const paidBy = (stripe: Stripe, intent: string) => paymentsOf(stripe, { payment: { type: 'payment_intent', payment_intent: intent } });

/** What was paid, by whatever; what is only asked for is not. */
async function paymentsOf(stripe: Stripe, of: Stripe.InvoicePaymentListParams): Promise<Answer<readonly PaidPart[]>> {
  const listed = await listAll((page) => stripe.invoicePayments.list({ ...of, ...page }));
  if (listed.kind !== 'ok') return listed;
  const parts = listed.value.flatMap(({ id, invoice, payment, amount_paid: amount }) => {
    const invoiceId = idOf(invoice);
    return amount === null || invoiceId === null ? [] : [{ id, invoiceId, intent: idOf(payment.payment_intent), amount }];
  });
  return { kind: 'ok', value: parts };
}

/** The part of an amount that belongs to one of the invoices that a payment paid; the parts of all of them come to the amount. */
export function partOf(amount: number, payments: readonly PaidPart[], invoiceId: string): number {
  const whole = payments.reduce((sum, one) => sum + BigInt(one.amount), 0n);
  if (whole === 0n) return amount;
  let [before, part] = [0n, 0n];
  for (const one of payments.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    const upTo = before + BigInt(one.amount);
    if (one.invoiceId === invoiceId) part += (BigInt(amount) * upTo) / whole - (BigInt(amount) * before) / whole;
    before = upTo;
  }
  return Number(part);
}

/**
 * A credit note of a paid invoice counts for what it gave back beside its refunds: those stand for themselves. One of an open invoice
 * lowered what was paid; nothing was given back.
 */
function creditNoteRow(note: Stripe.CreditNote): SourceRow {
  const refunded = note.refunds.filter(({ type }) => type === 'refund' || type === null);
  const besides = note.post_payment_amount - refunded.reduce((sum, { amount_refunded }) => sum + amount_refunded, 0);
  return sourceRow('credit_note', note, Math.max(0, besides), note.status === 'void' ? 'void' : 'effective');
}

function sourceRow(
  kind: SourceRow['kind'],
  { id, currency, created }: { readonly id: string; readonly currency: string; readonly created: number },
  amount: number,
  state: SourceRow['state'],
): SourceRow {
  const at = new Date(created * 1000).toISOString();
  // Of a currency that we do not know nothing was earned either.
  return { source_id: id, kind, currency, amount_minor: String(ledgerMinor(BigInt(amount), currency) ?? 0n), state, at };
}

/** What is on its way back counts as gone. */
const refundState = (status: string | null): SourceRow['state'] => (status === 'failed' || status === 'canceled' ? 'void' : 'effective');

/**
 * Undecided ones hold what the payment earned. One that was lost stays so while it is appealed against, until it is won. A prevented one
 * took the money only if it was withdrawn and not put back.
 */
export function disputeState({
  status,
  balance_transactions: moved,
}: Pick<Stripe.Dispute, 'status'> & { readonly balance_transactions: readonly { readonly amount: number }[] }): SourceRow['state'] {
  if (status === 'lost' || status.startsWith('appeal_')) return 'effective';
  if (status === 'won' || status === 'warning_closed') return 'void';
  if (status !== 'prevented') return 'open';
  return moved.reduce((sum, { amount }) => sum + amount, 0) < 0 ? 'effective' : 'void';
}

/** Everything of a list, up to a thousand; more is left to a person. */
async function listAll<T extends { readonly id: string }>(
  list: (page: { readonly limit: number; readonly starting_after?: string }) => Promise<Stripe.ApiList<T>>,
): Promise<Answer<readonly T[]>> {
  const all: T[] = [];
  for (let pages = 0; pages < 10; pages++) {
    const last = all.at(-1);
    const answer = await ask('list', () => list({ limit: 100, ...(last === undefined ? {} : { starting_after: last.id }) }));
    if (answer.kind !== 'ok') return answer;
    all.push(...answer.value.data);
    if (!answer.value.has_more) return { kind: 'ok', value: all };
  }
  return { kind: 'refused', code: 'too_many', status: 200 };
}
