import { StripeFailure } from '../failure.ts';
import type { Invoice, InvoicePayment } from '../wire.ts';
import { emit, find, known, patch, put, schedule, select, type World } from '../world.ts';
import { moveBalance } from './balance.ts';
import { chargeFor } from './payment-objects.ts';
import { invoiceFailed, invoiceSettled } from './standing.ts';

const retrySeconds = 3 * 86_400;
const mostAttempts = 4;

/** Charges the customer's card for what remains. A declining card leaves the invoice open, with a next attempt. */
export function attemptPayment(world: World, invoice: Invoice): Invoice {
  if (!Object.hasOwn(world.state.declining, invoice.customer)) return charge(world, invoice);
  const attempts = invoice.attempt_count + 1;
  const isLast = attempts >= mostAttempts || invoice.auto_advance !== true;
  const next = isLast ? null : world.now() + retrySeconds;
  for (const payment of openPayments(world, invoice.id)) {
    const intent = known(world, 'payment_intents', payment.payment.payment_intent);
    const failed = put(world, 'charges', chargeFor(world, intent, false), 'charge.failed');
    patch(world, 'payment_intents', intent, { latest_charge: failed.id }, 'payment_intent.payment_failed');
  }
  const members = { attempt_count: attempts, attempted: true, next_payment_attempt: next };
  const failed = patch(world, 'invoices', known(world, 'invoices', invoice.id), members, 'invoice.payment_failed');
  if (next !== null) schedule(world, next, 'invoice.retry', invoice.id);
  invoiceFailed(world, failed);
  return failed;
}

export function retryPayment(world: World, id: string): void {
  const invoice = find(world, 'invoices', id);
  if (invoice?.status !== 'open' || invoice.next_payment_attempt === null || invoice.next_payment_attempt > world.now()) return;
  attemptPayment(world, invoice);
}

export const cardDeclined = (): StripeFailure =>
  new StripeFailure(402, {
    type: 'card_error',
    code: 'card_declined',
    decline_code: 'generic_decline',
    message: 'Your card was declined.',
  });

function charge(world: World, invoice: Invoice): Invoice {
  const { now } = world;
  for (const payment of openPayments(world, invoice.id)) {
    const intent = known(world, 'payment_intents', payment.payment.payment_intent);
    const paid = put(world, 'charges', chargeFor(world, intent, true), 'charge.succeeded');
    const { pending } = world.state.platform;
    pending[paid.currency] = (pending[paid.currency] ?? 0) + paid.amount;
    patch(
      world,
      'payment_intents',
      intent,
      { status: 'succeeded', amount_received: paid.amount, latest_charge: paid.id, payment_method: paid.payment_method },
      'payment_intent.succeeded',
    );
    const members = { status: 'paid' as const, amount_paid: paid.amount, status_transitions: { canceled_at: null, paid_at: now() } };
    patch(world, 'invoice_payments', payment, members, 'invoice_payment.paid');
  }
  const attempted = { ...invoice, attempt_count: invoice.attempt_count + 1, attempted: true };
  return markPaid(world, attempted, invoice.amount_remaining);
}

/** Paid, with `amount` more than before; events `invoice.paid` and `invoice.payment_succeeded`. */
export function markPaid(world: World, invoice: Invoice, amount: number, offStripe = 0): Invoice {
  const paid = patch(
    world,
    'invoices',
    known(world, 'invoices', invoice.id),
    {
      status: 'paid',
      amount_paid: invoice.amount_paid + amount,
      amount_paid_off_stripe: offStripe,
      amount_remaining: 0,
      attempt_count: invoice.attempt_count,
      attempted: true,
      next_payment_attempt: null,
      status_transitions: { ...invoice.status_transitions, paid_at: world.now() },
    },
    'invoice.paid',
  );
  emit(world, 'invoice.payment_succeeded', paid);
  invoiceSettled(world, paid);
  return paid;
}

/** Paid elsewhere: the invoice is paid, its payment intent is not. */
export function payOutOfBand(world: World, invoice: Invoice): Invoice {
  cancelPayments(world, invoice.id);
  return markPaid(world, invoice, invoice.amount_remaining, invoice.amount_remaining);
}

/** Void: nothing is owed any more, and what the balance gave comes back. */
export function voidInvoice(world: World, invoice: Invoice): Invoice {
  cancelPayments(world, invoice.id);
  const applied = select(world, 'balance_transactions', ({ invoice: id, type }) => id === invoice.id && type === 'applied_to_invoice');
  const amount = -applied.reduce((sum, transaction) => sum + transaction.amount, 0);
  const voided = patch(
    world,
    'invoices',
    invoice,
    { status: 'void', next_payment_attempt: null, status_transitions: { ...invoice.status_transitions, voided_at: world.now() } },
    'invoice.voided',
  );
  const customer = find(world, 'customers', invoice.customer);
  if (amount !== 0 && customer !== undefined) {
    moveBalance(world, customer, { amount, currency: invoice.currency, type: 'unapplied_from_invoice', invoice: invoice.id });
  }
  invoiceSettled(world, voided);
  return voided;
}

export function markUncollectible(world: World, invoice: Invoice): Invoice {
  const members = {
    status: 'uncollectible' as const,
    next_payment_attempt: null,
    status_transitions: { ...invoice.status_transitions, marked_uncollectible_at: world.now() },
  };
  return patch(world, 'invoices', invoice, members, 'invoice.marked_uncollectible');
}

/** Nothing of a customer is collected by itself any more. */
export function stopCollection(world: World, customer: string): void {
  for (const invoice of select(
    world,
    'invoices',
    (one) => one.customer === customer && (one.status === 'draft' || one.status === 'open'),
  )) {
    patch(
      world,
      'invoices',
      invoice,
      { auto_advance: false, automatically_finalizes_at: null, next_payment_attempt: null },
      'invoice.updated',
    );
  }
}

/** What an open invoice still asks for changed: its payment follows. */
export function reducePayment(world: World, invoice: Invoice): void {
  for (const payment of openPayments(world, invoice.id)) {
    patch(world, 'invoice_payments', payment, { amount_requested: invoice.amount_remaining });
    patch(world, 'payment_intents', known(world, 'payment_intents', payment.payment.payment_intent), { amount: invoice.amount_remaining });
  }
}

export function cancelPayments(world: World, invoice: string): void {
  for (const payment of openPayments(world, invoice)) {
    const intent = known(world, 'payment_intents', payment.payment.payment_intent);
    patch(world, 'payment_intents', intent, { status: 'canceled', canceled_at: world.now() }, 'payment_intent.canceled');
    patch(world, 'invoice_payments', payment, { status: 'canceled', status_transitions: { canceled_at: world.now(), paid_at: null } });
  }
}

const openPayments = (world: World, id: string): InvoicePayment[] =>
  select(world, 'invoice_payments', ({ invoice, status }) => invoice === id && status === 'open');
