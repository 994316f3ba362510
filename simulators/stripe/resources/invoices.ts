import type { Stripe } from 'stripe';
import { discountParameters, placeDiscounts } from '../billing/discounts.ts';
import { draftInvoice, draftSeconds, pendingItems, retotal } from '../billing/draft.ts';
import { finalizeInvoice } from '../billing/finalize.ts';
import { attemptPayment, cardDeclined, markUncollectible, payOutOfBand, voidInvoice } from '../billing/payment.ts';
import { invalid } from '../failure.ts';
import { page, pageParameters } from '../http/pages.ts';
import {
  type Accepts,
  changedMetadata,
  currency,
  emptyable,
  flag,
  type Input,
  integer,
  isWithin,
  metadata,
  oneOf,
  range,
  required,
  text,
  timestamp,
} from '../http/parameters.ts';
import { type Route, route } from '../http/routes.ts';
import type { Invoice } from '../wire.ts';
import { atPath, emit, named, patch, schedule, select, type World } from '../world.ts';
import { customerNamed } from './customers.ts';

const collection = oneOf('charge_automatically', 'send_invoice');
const create = {
  auto_advance: flag(),
  collection_method: collection,
  currency: currency(),
  customer: required(text()),
  days_until_due: integer({ min: 0, max: 365 }),
  description: text(1500),
  discounts: emptyable(discountParameters),
  metadata: emptyable(metadata()),
  pending_invoice_items_behavior: oneOf('exclude', 'include'),
  subscription: text(),
} satisfies Accepts<Stripe.InvoiceCreateParams>;
const update = {
  auto_advance: flag(),
  automatically_finalizes_at: timestamp(),
  description: text(1500),
  discounts: emptyable(discountParameters),
  metadata: emptyable(metadata()),
} satisfies Accepts<Stripe.InvoiceUpdateParams>;
const listing = {
  ...pageParameters,
  collection_method: collection,
  created: range(),
  customer: text(),
  status: oneOf('draft', 'open', 'paid', 'uncollectible', 'void'),
  subscription: text(),
} satisfies Accepts<Stripe.InvoiceListParams>;
const pay = { off_session: flag(), paid_out_of_band: flag() } satisfies Accepts<Stripe.InvoicePayParams>;
const finalize = { auto_advance: flag() } satisfies Accepts<Stripe.InvoiceFinalizeInvoiceParams>;

export const invoices: readonly Route[] = [
  route('POST', '/v1/invoices', create, (world, { input }) => draft(world, input)),
  route('GET', '/v1/invoices/:id', {}, (world, { at }) => atPath(world, 'invoices', at('id'))),
  route('POST', '/v1/invoices/:id', update, (world, { at, input }) => change(world, atPath(world, 'invoices', at('id')), input)),
  route('DELETE', '/v1/invoices/:id', {}, (world, { at }) => {
    const invoice = inState(world, at('id'), 'deleted', 'draft');
    if (invoice.parent !== null)
      throw invalid('You can only delete draft invoices that are not from a subscription.', { param: 'invoice' });
    delete world.state.objects.invoices[invoice.id];
    emit(world, 'invoice.deleted', invoice);
    return { id: invoice.id, object: 'invoice', deleted: true } satisfies Stripe.DeletedInvoice;
  }),
  route('GET', '/v1/invoices', listing, (world, { input }) => {
    const matches = (one: Invoice): boolean =>
      (input.customer ?? one.customer) === one.customer &&
      (input.status ?? one.status) === one.status &&
      (input.collection_method ?? one.collection_method) === one.collection_method &&
      (input.subscription === undefined || one.parent?.subscription_details?.subscription === input.subscription) &&
      isWithin(one.created, input.created);
    return page(select(world, 'invoices', matches), input, '/v1/invoices');
  }),
  route('GET', '/v1/invoices/:id/lines', pageParameters, (world, { at, input }) => {
    const { id, lines } = atPath(world, 'invoices', at('id'), 'invoice');
    return page(lines.data.toReversed(), input, `/v1/invoices/${id}/lines`);
  }),

  route('POST', '/v1/invoices/:id/finalize', finalize, (world, { at, input }) => {
    const invoice = inState(world, at('id'), 'finalized', 'draft');
    return finalizeInvoice(world, invoice, input.auto_advance ?? invoice.auto_advance);
  }),
  route('POST', '/v1/invoices/:id/pay', pay, (world, { at, input }) => {
    const given = inState(world, at('id'), 'paid', 'draft', 'open', 'uncollectible');
    const invoice = given.status === 'draft' ? finalizeInvoice(world, given, false) : given;
    if (invoice.status === 'paid') return invoice;
    if (input.paid_out_of_band === true) return payOutOfBand(world, invoice);
    const paid = attemptPayment(world, invoice);
    if (paid.status !== 'paid') throw cardDeclined();
    return paid;
  }),
  route('POST', '/v1/invoices/:id/send', {}, (world, { at }) => {
    const given = inState(world, at('id'), 'sent', 'draft', 'open');
    if (given.collection_method !== 'send_invoice') throw invalid('Only invoices with collection_method send_invoice are sent.');
    const invoice = given.status === 'draft' ? finalizeInvoice(world, given) : given;
    emit(world, 'invoice.sent', invoice);
    return invoice;
  }),
  route('POST', '/v1/invoices/:id/void', {}, (world, { at }) =>
    voidInvoice(world, inState(world, at('id'), 'voided', 'open', 'uncollectible')),
  ),
  route('POST', '/v1/invoices/:id/mark_uncollectible', {}, (world, { at }) =>
    markUncollectible(world, inState(world, at('id'), 'marked uncollectible', 'open')),
  ),
];

function draft(world: World, input: Input<typeof create>): Invoice {
  const customer = customerNamed(world, input.customer);
  const money = input.currency ?? customer.currency ?? 'usd';
  const method = input.collection_method ?? 'charge_automatically';
  if (method === 'send_invoice' && input.days_until_due === undefined) {
    throw invalid('Missing required param: days_until_due.', { code: 'parameter_missing', param: 'days_until_due' });
  }
  const subscription = input.subscription === undefined ? undefined : named(world, 'subscriptions', input.subscription, 'subscription');
  const place = { customer: customer.id, currency: money };
  const discounts = placeDiscounts(world, input.discounts === undefined || input.discounts === '' ? [] : input.discounts, place);
  const isIncluding = input.pending_invoice_items_behavior === 'include';
  const wish = {
    customer: customer.id,
    currency: money,
    billingReason: 'manual' as const,
    collectionMethod: method,
    autoAdvance: input.auto_advance ?? false,
    daysUntilDue: input.days_until_due ?? null,
    description: input.description ?? null,
    discounts,
    metadata: changedMetadata(null, input.metadata),
    period: { start: world.now(), end: world.now() },
  };
  const pending = isIncluding ? pendingItems(world, customer.id, money, subscription?.id ?? null) : [];
  const owner = subscription === undefined ? {} : { subscription: { id: subscription.id, metadata: subscription.metadata } };
  return draftInvoice(world, { ...wish, ...owner }, [], pending);
}

function change(world: World, invoice: Invoice, input: Input<typeof update>): Invoice {
  const { discounts, automatically_finalizes_at: at } = input;
  if (invoice.status !== 'draft' && (discounts !== undefined || at !== undefined || input.description !== undefined)) {
    throw invalid("This invoice can't be edited: it is finalized.", { code: 'invoice_not_editable' });
  }
  if (at !== undefined && at <= world.now())
    throw invalid('automatically_finalizes_at must be in the future.', { param: 'automatically_finalizes_at' });
  const advances = at === undefined ? (input.auto_advance ?? invoice.auto_advance ?? false) : true;
  const moment = momentOf(world, invoice, advances, at);
  const changed = patch(
    world,
    'invoices',
    invoice,
    {
      auto_advance: advances,
      automatically_finalizes_at: moment,
      description: input.description ?? invoice.description,
      metadata: input.metadata === undefined ? invoice.metadata : changedMetadata(invoice.metadata, input.metadata),
    },
    'invoice.updated',
  );
  // A time that somebody set is no longer counted from the acknowledgement.
  if (at !== undefined) delete world.state.windows[invoice.id];
  if (moment !== null) schedule(world, moment, 'invoice.finalize', invoice.id);
  if (discounts === undefined) return changed;
  const place = { customer: invoice.customer, invoice: invoice.id, currency: invoice.currency, amount: invoice.subtotal };
  return retotal(world, changed, changed.lines.data, placeDiscounts(world, discounts === '' ? [] : discounts, place, invoice.discounts));
}

/** When a draft finalises itself: as told, as before, or an hour from now when it begins to advance. */
function momentOf(world: World, invoice: Invoice, advances: boolean, at: number | undefined): number | null {
  if (invoice.status !== 'draft' || !advances) return null;
  return at ?? invoice.automatically_finalizes_at ?? world.now() + draftSeconds;
}

function inState(world: World, id: string, what: string, ...allowed: readonly Invoice['status'][]): Invoice {
  const invoice = atPath(world, 'invoices', id, 'invoice');
  if (invoice.status === 'paid' && what === 'paid') throw invalid('Invoice is already paid', { code: 'invoice_already_paid' });
  if (what !== 'deleted') customerNamed(world, invoice.customer, 'invoice');
  if (allowed.includes(invoice.status)) return invoice;
  throw invalid(`An invoice that is ${invoice.status} cannot be ${what}.`, { code: 'status_transition_invalid', param: 'invoice' });
}
