import type { Stripe } from 'stripe';
import { discountParameters, placeDiscounts } from '../billing/discounts.ts';
import { cancelSubscription, startSubscription } from '../billing/subscriptions.ts';
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
  list,
  metadata,
  oneOf,
  range,
  record,
  required,
  text,
} from '../http/parameters.ts';
import { type Route, route } from '../http/routes.ts';
import type { Price, Subscription } from '../wire.ts';
import { atPath, emit, known, named, patch, select, type World } from '../world.ts';
import { customerNamed } from './customers.ts';

const collection = oneOf('charge_automatically', 'send_invoice');
const create = {
  cancel_at_period_end: flag(),
  collection_method: collection,
  currency: currency(),
  customer: required(text()),
  days_until_due: integer({ min: 0, max: 365 }),
  description: text(500),
  discounts: emptyable(discountParameters),
  items: required(
    list(record({ price: required(text()), quantity: integer({ min: 0, max: 999_999 }), metadata: metadata() }), { max: 20 }),
  ),
  metadata: emptyable(metadata()),
  off_session: flag(),
  payment_behavior: oneOf('allow_incomplete', 'error_if_incomplete'),
} satisfies Accepts<Stripe.SubscriptionCreateParams>;
const update = {
  cancel_at_period_end: flag(),
  description: emptyable(text(500)),
  discounts: emptyable(discountParameters),
  metadata: emptyable(metadata()),
  off_session: flag(),
  proration_behavior: oneOf('create_prorations', 'none', 'always_invoice'),
} satisfies Accepts<Stripe.SubscriptionUpdateParams>;
const cancel = {
  cancellation_details: record({ comment: emptyable(text()) }),
  invoice_now: flag(),
  prorate: flag(),
} satisfies Accepts<Stripe.SubscriptionCancelParams>;
const listing = {
  ...pageParameters,
  created: range(),
  customer: text(),
  price: text(),
  status: oneOf('active', 'all', 'canceled', 'ended', 'incomplete', 'incomplete_expired', 'past_due', 'paused', 'trialing', 'unpaid'),
} satisfies Accepts<Stripe.SubscriptionListParams>;

export const subscriptions: readonly Route[] = [
  route('POST', '/v1/subscriptions', create, start),
  route('GET', '/v1/subscriptions/:id', {}, (world, { at }) => atPath(world, 'subscriptions', at('id'))),

  route('POST', '/v1/subscriptions/:id', update, (world, { at, input }) => {
    const before = atPath(world, 'subscriptions', at('id'));
    if (isOver(before)) throw invalid('A canceled subscription can only update its cancellation_details and metadata.', { param: 'id' });
    const place = { customer: before.customer, subscription: before.id, currency: before.currency };
    const discounts =
      input.discounts === undefined
        ? before.discounts
        : placeDiscounts(world, input.discounts === '' ? [] : input.discounts, place, before.discounts);
    // The array is the new whole: what it does not name is gone.
    for (const id of before.discounts) if (!discounts.includes(id)) emit(world, 'customer.discount.deleted', known(world, 'discounts', id));
    const change = {
      cancel_at_period_end: input.cancel_at_period_end ?? before.cancel_at_period_end,
      description: input.description === undefined ? before.description : input.description || null,
      discounts,
      metadata: input.metadata === undefined ? before.metadata : changedMetadata(before.metadata, input.metadata),
    };
    return patch(world, 'subscriptions', before, change, 'customer.subscription.updated');
  }),

  route('DELETE', '/v1/subscriptions/:id', cancel, (world, { at, input }) => {
    const before = atPath(world, 'subscriptions', at('id'));
    if (isOver(before)) throw invalid(`No such subscription: '${before.id}'`, { code: 'resource_missing', param: 'id', status: 404 });
    if (input.invoice_now === true || input.prorate === true) throw invalid('The simulator does not prorate.', { param: 'prorate' });
    return cancelSubscription(world, before);
  }),

  route('GET', '/v1/subscriptions', listing, (world, { input }) => {
    const matches = (one: Subscription): boolean =>
      (input.customer ?? one.customer) === one.customer &&
      isWithin(one.created, input.created) &&
      hasStatus(one, input.status) &&
      (input.price === undefined || one.items.data.some(({ price }) => price.id === input.price));
    return page(select(world, 'subscriptions', matches), input, '/v1/subscriptions');
  }),
];

function start(world: World, { input }: { readonly input: Input<typeof create> }): Subscription {
  const customer = customerNamed(world, input.customer);
  const items = input.items.map(({ price, quantity = 1, metadata: own = {} }, index) => ({
    price: named(world, 'prices', price, `items[${index}][price]`),
    quantity,
    metadata: own,
  }));
  const money = assertOneCycle(items.map(({ price }) => price));
  if (input.currency !== undefined && input.currency !== money) throw invalid('The prices have another currency.', { param: 'currency' });
  if (customer.currency && customer.currency !== money) {
    throw invalid('You cannot combine currencies on a single customer.', { param: 'currency' });
  }
  const method = input.collection_method ?? 'charge_automatically';
  if ((method === 'send_invoice') !== (input.days_until_due !== undefined)) {
    throw invalid('days_until_due goes with collection_method send_invoice, and with no other.', { param: 'days_until_due' });
  }
  if (input.payment_behavior === 'error_if_incomplete' && Object.hasOwn(world.state.declining, customer.id)) {
    throw invalid('Your card was declined.', { code: 'card_declined', status: 402 });
  }
  return startSubscription(world, {
    customer: customer.id,
    items,
    currency: money,
    discounts: input.discounts === undefined || input.discounts === '' ? [] : input.discounts,
    metadata: changedMetadata(null, input.metadata),
    collectionMethod: method,
    daysUntilDue: input.days_until_due ?? null,
    description: input.description ?? null,
    cancelAtPeriodEnd: input.cancel_at_period_end ?? false,
  });
}

/** The currency that all prices share. Failures: none, several currencies or periods, a price that does not recur. */
export function assertOneCycle(prices: readonly Price[]): string {
  const [first] = prices;
  if (first === undefined) throw invalid('Missing required param: items.', { code: 'parameter_missing', param: 'items' });
  for (const { recurring, currency: money, active } of prices) {
    if (!active) throw invalid('The price specified is inactive.', { param: 'items' });
    if (recurring === null) throw invalid('The price specified is set to `type=one_time`.', { param: 'items' });
    if (money !== first.currency) throw invalid('All prices of a subscription must have one currency.', { param: 'items' });
    if (recurring.interval !== first.recurring?.interval || recurring.interval_count !== first.recurring.interval_count) {
      throw invalid('The simulator bills all prices of a subscription in one period.', { param: 'items' });
    }
  }
  return first.currency;
}

export const isOver = ({ status }: Subscription): boolean => status === 'canceled' || status === 'incomplete_expired';

/** Without a status everything that is not canceled is listed. */
function hasStatus(one: Subscription, wanted: string | undefined): boolean {
  if (wanted === 'all') return true;
  if (wanted === undefined) return one.status !== 'canceled';
  return wanted === 'ended' ? isOver(one) : one.status === wanted;
}
