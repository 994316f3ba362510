import type { Stripe } from 'stripe';
import { page, pageParameters } from '../http/pages.ts';
import { type Accepts, isWithin, oneOf, range, record, required, text } from '../http/parameters.ts';
import { type Route, route } from '../http/routes.ts';
import { atPath, select } from '../world.ts';

const invoicePayments = {
  ...pageParameters,
  created: range(),
  invoice: text(),
  payment: record({ payment_intent: text(), type: required(oneOf('payment_intent')) }),
  status: oneOf('open', 'paid', 'canceled'),
} satisfies Accepts<Stripe.InvoicePaymentListParams>;
const intents = { ...pageParameters, created: range(), customer: text() } satisfies Accepts<Stripe.PaymentIntentListParams>;
const charges = {
  ...pageParameters,
  created: range(),
  customer: text(),
  payment_intent: text(),
} satisfies Accepts<Stripe.ChargeListParams>;

/** What paying an invoice leaves behind, to be read: invoice payments, payment intents, charges. A charge does not know its invoice. */
export const payments: readonly Route[] = [
  route('GET', '/v1/invoice_payments/:id', {}, (world, { at }) => atPath(world, 'invoice_payments', at('id'))),
  route('GET', '/v1/invoice_payments', invoicePayments, (world, { input }) => {
    const found = select(
      world,
      'invoice_payments',
      (one) =>
        (input.invoice ?? one.invoice) === one.invoice &&
        (input.payment?.payment_intent ?? one.payment.payment_intent) === one.payment.payment_intent &&
        (input.status ?? one.status) === one.status &&
        isWithin(one.created, input.created),
    );
    return page(found, input, '/v1/invoice_payments');
  }),
  route('GET', '/v1/payment_intents/:id', {}, (world, { at }) => atPath(world, 'payment_intents', at('id'), 'intent')),
  route('GET', '/v1/payment_intents', intents, (world, { input }) => {
    const found = select(
      world,
      'payment_intents',
      (one) => (input.customer ?? one.customer) === one.customer && isWithin(one.created, input.created),
    );
    return page(found, input, '/v1/payment_intents');
  }),
  route('GET', '/v1/charges/:id', {}, (world, { at }) => atPath(world, 'charges', at('id'))),
  route('GET', '/v1/charges', charges, (world, { input }) => {
    const found = select(
      world,
      'charges',
      (one) =>
        (input.customer ?? one.customer) === one.customer &&
        (input.payment_intent ?? one.payment_intent) === one.payment_intent &&
        isWithin(one.created, input.created),
    );
    return page(found, input, '/v1/charges');
  }),
];
