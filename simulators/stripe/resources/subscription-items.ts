import type { Stripe } from 'stripe';
import { refreshEntitlements } from '../billing/entitlements.ts';
import { newItem } from '../billing/subscriptions.ts';
import { invalid, missing } from '../failure.ts';
import { page, pageParameters } from '../http/pages.ts';
import { type Accepts, changedMetadata, flag, integer, metadata, oneOf, required, text } from '../http/parameters.ts';
import { type Route, route } from '../http/routes.ts';
import type { Subscription, SubscriptionItem } from '../wire.ts';
import { named, patch, select, type World } from '../world.ts';
import { assertOneCycle, isOver } from './subscriptions.ts';

const proration = oneOf('create_prorations', 'none', 'always_invoice');
const create = {
  subscription: required(text()),
  metadata: metadata(),
  price: required(text()),
  proration_behavior: proration,
  quantity: integer({ min: 0, max: 999_999 }),
} satisfies Accepts<Stripe.SubscriptionItemCreateParams>;
const update = { metadata: metadata() } satisfies Accepts<Stripe.SubscriptionItemUpdateParams>;
const remove = { clear_usage: flag(), proration_behavior: proration } satisfies Accepts<Stripe.SubscriptionItemDeleteParams>;
const listing = { ...pageParameters, subscription: required(text()) } satisfies Accepts<Stripe.SubscriptionItemListParams>;

/** Items of a subscription. A price that costs something comes and goes only with `proration_behavior: none`. */
export const subscriptionItems: readonly Route[] = [
  route('POST', '/v1/subscription_items', create, (world, { input }) => {
    const owner = named(world, 'subscriptions', input.subscription, 'subscription');
    const price = named(world, 'prices', input.price, 'price');
    if (isOver(owner)) throw invalid('The subscription is canceled.', { param: 'subscription' });
    assertOneCycle([...owner.items.data.map((item) => item.price), price]);
    if (owner.items.data.some((item) => item.price.id === price.id)) {
      throw invalid('Cannot add multiple subscription items with the same price.', { param: 'price' });
    }
    refuseProration(price.unit_amount, input.proration_behavior);
    const item = {
      ...newItem(world, owner, price, input.quantity ?? 1, world.now(), changedMetadata(null, input.metadata)),
      current_period_end: owner.items.data[0]?.current_period_end ?? world.now(),
    };
    withItems(world, owner, [...owner.items.data, item]);
    return item;
  }),
  route('GET', '/v1/subscription_items/:id', {}, (world, { at }) => itemAt(world, at('id')).item),
  route('POST', '/v1/subscription_items/:id', update, (world, { at, input }) => {
    const { owner, item } = itemAt(world, at('id'));
    const changed = { ...item, metadata: changedMetadata(item.metadata, input.metadata) };
    withItems(
      world,
      owner,
      owner.items.data.map((one) => (one.id === item.id ? changed : one)),
    );
    return changed;
  }),
  route('DELETE', '/v1/subscription_items/:id', remove, (world, { at, input }) => {
    const { owner, item } = itemAt(world, at('id'));
    if (owner.items.data.length === 1) {
      throw invalid('A subscription must have at least one active item.', { param: 'id' });
    }
    refuseProration(item.price.unit_amount, input.proration_behavior);
    withItems(
      world,
      owner,
      owner.items.data.filter(({ id }) => id !== item.id),
    );
    return { id: item.id, object: 'subscription_item', deleted: true } satisfies Stripe.DeletedSubscriptionItem;
  }),
  route('GET', '/v1/subscription_items', listing, (world, { input }) => {
    const owner = named(world, 'subscriptions', input.subscription, 'subscription');
    return page(owner.items.data, input, '/v1/subscription_items');
  }),
];

function itemAt(world: World, id: string): { readonly owner: Subscription; readonly item: SubscriptionItem } {
  const [owner] = select(world, 'subscriptions', ({ items }) => items.data.some((one) => one.id === id));
  const item = owner?.items.data.find((one) => one.id === id);
  if (owner === undefined || item === undefined) throw missing('subscription item', id, 'item', 404);
  return { owner, item };
}

function withItems(world: World, owner: Subscription, data: SubscriptionItem[]): void {
  patch(world, 'subscriptions', owner, { items: { ...owner.items, data } }, 'customer.subscription.updated');
  refreshEntitlements(world, owner.customer);
}

function refuseProration(unitAmount: number | null, behavior = 'create_prorations'): void {
  if (unitAmount === 0 || behavior === 'none') return;
  throw invalid('The simulator does not prorate: pass proration_behavior none.', { param: 'proration_behavior' });
}
