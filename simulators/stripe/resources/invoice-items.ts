import type { Stripe } from 'stripe';
import { lineOfItem, retotal, storedLine } from '../billing/draft.ts';
import { invalid } from '../failure.ts';
import { page, pageParameters } from '../http/pages.ts';
import {
  type Accepts,
  amount,
  changedMetadata,
  currency,
  emptyable,
  flag,
  type Input,
  integer,
  isWithin,
  metadata,
  range,
  record,
  required,
  text,
  timestamp,
} from '../http/parameters.ts';
import { type Route, route } from '../http/routes.ts';
import type { InvoiceItem } from '../wire.ts';
import { atPath, created, emit, named, put, select, type World } from '../world.ts';
import { customerNamed } from './customers.ts';

const create = {
  amount: amount({ signed: true }),
  currency: currency(),
  customer: required(text()),
  description: text(),
  discountable: flag(),
  invoice: text(),
  metadata: emptyable(metadata()),
  period: record({ start: required(timestamp()), end: required(timestamp()) }),
  pricing: record({ price: required(text()) }),
  quantity: integer({ min: 0, max: 999_999 }),
  subscription: text(),
} satisfies Accepts<Stripe.InvoiceItemCreateParams>;
const listing = {
  ...pageParameters,
  created: range(),
  customer: text(),
  invoice: text(),
  pending: flag(),
} satisfies Accepts<Stripe.InvoiceItemListParams>;

/** Invoice items: on the draft they name, or waiting for the customer's next invoice of a subscription. */
export const invoiceItems: readonly Route[] = [
  route('POST', '/v1/invoiceitems', create, (world, { input }) => {
    const draft = input.invoice === undefined ? undefined : named(world, 'invoices', input.invoice, 'invoice');
    if (draft !== undefined && draft.status !== 'draft')
      throw invalid('The invoice is not a draft.', { code: 'invoice_not_editable', param: 'invoice' });
    const item = put(world, 'invoice_items', newItem(world, input), 'invoiceitem.created');
    if (draft === undefined) return item;
    retotal(world, draft, [...draft.lines.data, storedLine(world, draft.id, draft.currency, lineOfItem(item))]);
    return item;
  }),
  route('GET', '/v1/invoiceitems/:id', {}, (world, { at }) => atPath(world, 'invoice_items', at('id'))),
  route('DELETE', '/v1/invoiceitems/:id', {}, (world, { at }) => {
    const item = atPath(world, 'invoice_items', at('id'));
    if (item.invoice !== null) throw invalid('The simulator deletes only items that wait for an invoice.', { param: 'id' });
    delete world.state.objects.invoice_items[item.id];
    emit(world, 'invoiceitem.deleted', item);
    return { id: item.id, object: 'invoiceitem', deleted: true } satisfies Stripe.DeletedInvoiceItem;
  }),
  route('GET', '/v1/invoiceitems', listing, (world, { input }) => {
    const matches = (one: InvoiceItem): boolean =>
      (input.customer ?? one.customer) === one.customer &&
      (input.invoice ?? one.invoice) === one.invoice &&
      (input.pending === undefined || input.pending === (one.invoice === null)) &&
      isWithin(one.date, input.created);
    return page(select(world, 'invoice_items', matches), input, '/v1/invoiceitems');
  }),
];

function newItem(world: World, input: Input<typeof create>): InvoiceItem {
  const customer = customerNamed(world, input.customer);
  const { quantity = 1, pricing } = input;
  if ((pricing === undefined) === (input.amount === undefined)) {
    throw invalid('You must pass exactly one of amount and pricing.', { code: 'parameter_missing', param: 'amount' });
  }
  const price = pricing === undefined ? undefined : named(world, 'prices', pricing.price, 'pricing[price]');
  const money = price?.currency ?? input.currency;
  if (money === undefined) throw invalid('Missing required param: currency.', { code: 'parameter_missing', param: 'currency' });
  const draft = input.invoice === undefined ? undefined : named(world, 'invoices', input.invoice, 'invoice');
  if (draft !== undefined && draft.currency !== money) throw invalid('The invoice has another currency.', { param: 'currency' });
  const subscription = input.subscription === undefined ? null : named(world, 'subscriptions', input.subscription, 'subscription').id;
  const { id } = created(world, 'ii');
  return {
    id,
    object: 'invoiceitem',
    amount: price === undefined ? (input.amount ?? 0) : (price.unit_amount ?? 0) * quantity,
    currency: money,
    customer: customer.id,
    customer_account: null,
    date: world.now(),
    description: input.description ?? null,
    discountable: input.discountable ?? (input.amount ?? 0) >= 0,
    discounts: [],
    invoice: draft?.id ?? null,
    livemode: false,
    metadata: changedMetadata(null, input.metadata),
    parent: subscription === null ? null : { subscription_details: { subscription }, type: 'subscription_details' },
    period: input.period ?? { start: world.now(), end: world.now() },
    pricing:
      price === undefined
        ? null
        : {
            price_details: { price: price.id, product: price.product },
            type: 'price_details',
            unit_amount_decimal: price.unit_amount_decimal,
          },
    proration: false,
    quantity,
    quantity_decimal: String(quantity),
    tax_rates: [],
    test_clock: null,
  };
}
