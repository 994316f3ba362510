import type { Stripe } from 'stripe';
import { moveBalance } from '../billing/balance.ts';
import { cancelPayments, markPaid, reducePayment } from '../billing/payment.ts';
import { refundCharge } from '../billing/refunds.ts';
import { invalid } from '../failure.ts';
import { inlineList, page, pageParameters } from '../http/pages.ts';
import { type Accepts, amount, changedMetadata, type Input, isWithin, metadata, oneOf, range, required, text } from '../http/parameters.ts';
import { type Route, route } from '../http/routes.ts';
import type { Charge, CreditNote, Invoice } from '../wire.ts';
import { atPath, created, find, known, named, patch, put, select, type World } from '../world.ts';
import { customerNamed } from './customers.ts';

const create = {
  amount: amount({ min: 1 }),
  credit_amount: amount(),
  invoice: required(text()),
  memo: text(5000),
  metadata: metadata(),
  out_of_band_amount: amount(),
  reason: oneOf('duplicate', 'fraudulent', 'order_change', 'product_unsatisfactory'),
  refund_amount: amount(),
} satisfies Accepts<Stripe.CreditNoteCreateParams>;
const listing = { ...pageParameters, created: range(), customer: text(), invoice: text() } satisfies Accepts<Stripe.CreditNoteListParams>;

/** Credit notes by `amount`. On an open invoice they lessen what is due; on a paid one they say where the money goes. */
export const creditNotes: readonly Route[] = [
  route('POST', '/v1/credit_notes', create, (world, { input }) => {
    const invoice = named(world, 'invoices', input.invoice, 'invoice');
    customerNamed(world, invoice.customer, 'invoice');
    if (input.amount === undefined) throw invalid('Missing required param: amount.', { code: 'parameter_missing', param: 'amount' });
    if (invoice.status === 'open') return beforePayment(world, invoice, input, input.amount);
    if (invoice.status === 'paid') return afterPayment(world, invoice, input, input.amount);
    throw invalid('Credit notes can only be created for open or paid invoices.', { param: 'invoice' });
  }),
  route('GET', '/v1/credit_notes/:id', {}, (world, { at }) => atPath(world, 'credit_notes', at('id'))),
  route('GET', '/v1/credit_notes', listing, (world, { input }) => {
    const matches = (one: CreditNote): boolean =>
      (input.customer ?? one.customer) === one.customer &&
      (input.invoice ?? one.invoice) === one.invoice &&
      isWithin(one.created, input.created);
    return page(select(world, 'credit_notes', matches), input, '/v1/credit_notes');
  }),
  route('POST', '/v1/credit_notes/:id/void', {}, (world, { at }) => {
    const note = atPath(world, 'credit_notes', at('id'));
    const invoice = known(world, 'invoices', note.invoice);
    if (note.status === 'void') throw invalid('This credit note is void already.');
    if (invoice.status !== 'open') throw invalid('You can only void a credit note of an open invoice.', { param: 'id' });
    lessen(world, invoice, -note.amount);
    return patch(world, 'credit_notes', note, { status: 'void', voided_at: world.now() }, 'credit_note.voided');
  }),
];

function beforePayment(world: World, invoice: Invoice, input: Input<typeof create>, whole: number): CreditNote {
  if ((input.credit_amount ?? 0) + (input.refund_amount ?? 0) + (input.out_of_band_amount ?? 0) > 0) {
    throw invalid('An open invoice has no payment to give back.', { param: 'refund_amount' });
  }
  if (whole > invoice.amount_remaining) throw invalid('The credit note is greater than what remains due.', { param: 'amount' });
  const note = put(world, 'credit_notes', noteOf(world, invoice, input, whole, 'pre_payment'), 'credit_note.created');
  const lessened = lessen(world, invoice, whole);
  if (lessened.amount_remaining === 0) {
    cancelPayments(world, invoice.id);
    markPaid(world, lessened, 0);
  }
  return note;
}

function lessen(world: World, invoice: Invoice, by: number): Invoice {
  const members = {
    amount_due: invoice.amount_due - by,
    amount_remaining: invoice.amount_remaining - by,
    pre_payment_credit_notes_amount: invoice.pre_payment_credit_notes_amount + by,
  };
  const lessened = patch(world, 'invoices', invoice, members, 'invoice.updated');
  reducePayment(world, lessened);
  return lessened;
}

function afterPayment(world: World, invoice: Invoice, input: Input<typeof create>, whole: number): CreditNote {
  const { credit_amount: credited = 0, refund_amount: refunded = 0, out_of_band_amount: elsewhere = 0 } = input;
  if (credited + refunded + elsewhere !== whole) {
    throw invalid('The sum of refund_amount, credit_amount and out_of_band_amount must equal the amount of the credit note.', {
      param: 'amount',
    });
  }
  const creditable = invoice.total - invoice.pre_payment_credit_notes_amount - invoice.post_payment_credit_notes_amount;
  if (whole > creditable) throw invalid('The credit note is greater than the amount that can be credited.', { param: 'amount' });
  const charge = refunded > 0 ? chargeOf(world, invoice) : undefined;
  const refund = charge === undefined ? undefined : refundCharge(world, charge, { amount: refunded });
  const note = noteOf(world, invoice, input, whole, 'post_payment');
  const customer = known(world, 'customers', invoice.customer);
  const movement = {
    amount: -credited,
    currency: invoice.currency,
    type: 'credit_note',
    invoice: invoice.id,
    creditNote: note.id,
  } as const;
  const transaction = credited > 0 ? moveBalance(world, customer, movement) : undefined;
  patch(
    world,
    'invoices',
    invoice,
    { post_payment_credit_notes_amount: invoice.post_payment_credit_notes_amount + whole },
    'invoice.updated',
  );
  const given =
    refund === undefined ? [] : [{ amount_refunded: refunded, payment_record_refund: null, refund: refund.id, type: 'refund' as const }];
  const members = { customer_balance_transaction: transaction?.id ?? null, out_of_band_amount: elsewhere || null, refunds: given };
  return put(world, 'credit_notes', { ...note, ...members }, 'credit_note.created');
}

function chargeOf(world: World, invoice: Invoice): Charge {
  const [payment] = select(world, 'invoice_payments', (one) => one.invoice === invoice.id && one.status === 'paid');
  const intent = payment === undefined ? undefined : find(world, 'payment_intents', payment.payment.payment_intent);
  if (intent === undefined) throw invalid('The invoice was not paid by a charge that could be refunded.', { param: 'refund_amount' });
  return known(world, 'charges', intent.latest_charge);
}

function noteOf(
  world: World,
  invoice: Invoice,
  input: Input<typeof create>,
  whole: number,
  type: 'pre_payment' | 'post_payment',
): CreditNote {
  const base = created(world, 'cn');
  const net = invoice.total === 0 ? 0 : Math.round((whole * (invoice.total_excluding_tax ?? invoice.total)) / invoice.total);
  const earlier = select(world, 'credit_notes', (one) => one.invoice === invoice.id);
  return {
    ...base,
    object: 'credit_note',
    amount: whole,
    amount_shipping: 0,
    currency: invoice.currency,
    customer: invoice.customer,
    customer_account: null,
    customer_balance_transaction: null,
    discount_amount: 0,
    discount_amounts: [],
    effective_at: base.created,
    invoice: invoice.id,
    lines: inlineList([], `/v1/credit_notes/${base.id}/lines`),
    memo: input.memo ?? null,
    metadata: changedMetadata(null, input.metadata),
    number: `${invoice.number}-CN-${String(earlier.length + 1).padStart(2, '0')}`,
    out_of_band_amount: null,
    pdf: `https://pay.stripe.com/credit_notes/${world.state.account}/${base.id}/pdf`,
    post_payment_amount: type === 'post_payment' ? whole : 0,
    pre_payment_amount: type === 'pre_payment' ? whole : 0,
    pretax_credit_amounts: [],
    reason: input.reason ?? null,
    refunds: [],
    shipping_cost: null,
    status: 'issued',
    subtotal: net,
    subtotal_excluding_tax: net,
    total: whole,
    total_excluding_tax: net,
    total_taxes: [],
    type,
    voided_at: null,
  };
}
