import { inlineList } from '../http/pages.ts';
import type { Invoice, Plan, Price, Subscription, SubscriptionItem } from '../wire.ts';
import { created, find, known, patch, put, schedule, type World } from '../world.ts';
import { discountsAfterInvoice, type GivenDiscount, placeDiscounts, runningDiscounts } from './discounts.ts';
import { draftInvoice, type LineWish, pendingItems } from './draft.ts';
import { refreshEntitlements } from './entitlements.ts';
import { finalizeInvoice } from './finalize.ts';
import { periodEnd } from './intervals.ts';
import { voidInvoice } from './payment.ts';
import { stand } from './standing.ts';

export interface SubscriptionWish {
  readonly customer: string;
  readonly items: readonly { readonly price: Price; readonly quantity: number; readonly metadata?: Record<string, string> }[];
  readonly currency: string;
  readonly discounts: readonly GivenDiscount[];
  readonly metadata: Record<string, string>;
  readonly collectionMethod: Subscription['collection_method'];
  readonly daysUntilDue: number | null;
  readonly description: string | null;
  readonly cancelAtPeriodEnd: boolean;
  readonly session?: string;
}

const incompleteSeconds = 23 * 3600;

/** Starts a subscription: its first invoice is finalised at once when it charges by itself, and has its hour when it is sent. */
export function startSubscription(world: World, wish: SubscriptionWish): Subscription {
  const base = created(world, 'sub');
  const amount = wish.items.reduce((sum, { price, quantity }) => sum + (price.unit_amount ?? 0) * quantity, 0);
  const place = { customer: wish.customer, subscription: base.id, currency: wish.currency, amount };
  const discounts = placeDiscounts(world, wish.discounts, wish.session === undefined ? place : { ...place, session: wish.session });
  const items = wish.items.map(({ price, quantity, metadata = {} }) => newItem(world, base, price, quantity, base.created, metadata));
  const subscription = put(world, 'subscriptions', {
    ...base,
    object: 'subscription',
    ...emptyMembers,
    billing_cycle_anchor: base.created,
    cancel_at_period_end: wish.cancelAtPeriodEnd,
    collection_method: wish.collectionMethod,
    currency: wish.currency,
    customer: wish.customer,
    days_until_due: wish.daysUntilDue,
    description: wish.description,
    discounts,
    items: inlineList(items, `/v1/subscription_items?subscription=${base.id}`),
    metadata: wish.metadata,
    start_date: base.created,
    status: wish.collectionMethod === 'send_invoice' ? 'active' : 'incomplete',
  });
  const customer = known(world, 'customers', wish.customer);
  patch(world, 'customers', customer, { currency: customer.currency ?? wish.currency }, 'customer.updated');
  const draft = billPeriod(world, subscription, 'subscription_create');
  if (wish.collectionMethod === 'charge_automatically') firstPayment(world, draft);
  scheduleRenewal(world, known(world, 'subscriptions', base.id));
  const started = put(world, 'subscriptions', known(world, 'subscriptions', base.id), 'customer.subscription.created');
  refreshEntitlements(world, wish.customer);
  return started;
}

function firstPayment(world: World, draft: Invoice): void {
  const invoice = finalizeInvoice(world, draft);
  const subscription = known(world, 'subscriptions', subscriptionIdOf(draft));
  if (invoice.status !== 'paid') schedule(world, world.now() + incompleteSeconds, 'subscription.expire_incomplete', subscription.id);
}

/** Nobody paid the first invoice. */
export function expireIncomplete(world: World, id: string): void {
  const subscription = find(world, 'subscriptions', id);
  if (subscription?.status !== 'incomplete') return;
  const invoice = subscription.latest_invoice === null ? undefined : find(world, 'invoices', subscription.latest_invoice);
  if (invoice?.status === 'open') voidInvoice(world, invoice);
  stand(world, known(world, 'subscriptions', id), 'incomplete_expired', { ended_at: world.now() });
}

/** The end of a period: the next one begins with a draft, or the subscription ends. */
export function renewWhenDue(world: World, id: string): void {
  const subscription = find(world, 'subscriptions', id);
  const end = subscription?.items.data[0]?.current_period_end;
  if (subscription === undefined || end === undefined || end > world.now() || !['active', 'past_due'].includes(subscription.status)) return;
  if (subscription.cancel_at_period_end) {
    cancelSubscription(world, subscription);
    return;
  }
  const renewed = subscription.items.data.map((item) => ({
    ...item,
    current_period_start: end,
    current_period_end: periodEnd(subscription.billing_cycle_anchor, end, intervalOf(item.price), countOf(item.price)),
  }));
  const members = { items: { ...subscription.items, data: renewed }, discounts: runningDiscounts(world, subscription.discounts) };
  const next = patch(world, 'subscriptions', subscription, members, 'customer.subscription.updated');
  billPeriod(world, next, 'subscription_cycle');
  scheduleRenewal(world, next);
}

export function cancelSubscription(world: World, subscription: Subscription): Subscription {
  return stand(world, subscription, 'canceled', { canceled_at: world.now(), ended_at: world.now(), discounts: [] });
}

function billPeriod(world: World, subscription: Subscription, billingReason: Invoice['billing_reason']): Invoice {
  const { id, customer, currency, metadata, items, discounts } = subscription;
  const [first] = items.data;
  const invoice = draftInvoice(
    world,
    {
      customer,
      currency,
      billingReason,
      collectionMethod: subscription.collection_method,
      autoAdvance: true,
      daysUntilDue: subscription.days_until_due,
      discounts,
      metadata: {},
      period: { start: first?.current_period_start ?? world.now(), end: first?.current_period_start ?? world.now() },
      subscription: { id, metadata },
    },
    items.data.map((item) => lineOf(subscription, item)),
    pendingItems(world, customer, currency, id),
  );
  patch(world, 'subscriptions', known(world, 'subscriptions', id), {
    latest_invoice: invoice.id,
    discounts: discountsAfterInvoice(world, discounts),
  });
  return invoice;
}

const lineOf = (subscription: Subscription, item: SubscriptionItem): LineWish => ({
  // Usage is not metered here: a metered price bills nothing.
  amount: item.price.recurring?.usage_type === 'metered' ? 0 : (item.price.unit_amount ?? 0) * item.quantity,
  description: `${item.quantity} × ${item.price.nickname ?? item.price.product}`,
  discountable: true,
  metadata: subscription.metadata,
  parent: {
    invoice_item_details: null,
    subscription_item_details: {
      invoice_item: null,
      proration: false,
      proration_details: null,
      subscription: subscription.id,
      subscription_item: item.id,
    },
    type: 'subscription_item_details',
  },
  period: { start: item.current_period_start, end: item.current_period_end },
  pricing: {
    price_details: { price: item.price.id, product: item.price.product },
    type: 'price_details',
    unit_amount_decimal: item.price.unit_amount_decimal,
  },
  quantity: item.quantity,
  subscription: subscription.id,
});

/** An item whose first period begins at `start`, on the subscription's own cycle. */
export function newItem(
  world: World,
  subscription: { readonly id: string; readonly created: number },
  price: Price,
  quantity: number,
  start: number,
  metadata: Record<string, string>,
): SubscriptionItem {
  const { id, created: at } = created(world, 'si');
  return {
    id,
    object: 'subscription_item',
    billing_thresholds: null,
    created: at,
    current_period_end: periodEnd(subscription.created, start, intervalOf(price), countOf(price)),
    current_period_start: start,
    current_trial: null,
    discounts: [],
    metadata,
    plan: planOf(price),
    price,
    quantity,
    subscription: subscription.id,
    tax_rates: [],
  };
}

const planOf = (price: Price): Plan => ({
  id: price.id,
  object: 'plan',
  active: price.active,
  amount: price.unit_amount,
  amount_decimal: price.unit_amount_decimal,
  billing_scheme: 'per_unit',
  created: price.created,
  currency: price.currency,
  interval: intervalOf(price),
  interval_count: countOf(price),
  livemode: false,
  metadata: price.metadata,
  meter: price.recurring?.meter ?? null,
  nickname: price.nickname,
  product: price.product,
  tiers_mode: null,
  transform_usage: null,
  trial_period_days: null,
  usage_type: price.recurring?.usage_type ?? 'licensed',
});

const intervalOf = (price: Price): string => price.recurring?.interval ?? 'month';
const countOf = (price: Price): number => price.recurring?.interval_count ?? 1;

function scheduleRenewal(world: World, subscription: Subscription): void {
  const [first] = subscription.items.data;
  if (first !== undefined) schedule(world, first.current_period_end, 'subscription.renew', subscription.id);
}

function subscriptionIdOf(invoice: Invoice): string {
  const named = invoice.parent?.subscription_details?.subscription;
  return typeof named === 'string' ? named : '';
}

/** What no subscription of the simulator has, or has only later. */
const emptyMembers = {
  application: null,
  application_fee_percent: null,
  automatic_tax: { disabled_reason: null, enabled: false, liability: null },
  billing_cycle_anchor_config: null,
  billing_mode: { flexible: { proration_discounts: 'included' }, type: 'flexible' },
  billing_schedules: [],
  billing_thresholds: null,
  cancel_at: null,
  canceled_at: null,
  cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
  customer_account: null,
  default_payment_method: null,
  default_source: null,
  default_tax_rates: [],
  ended_at: null,
  invoice_settings: { account_tax_ids: null, custom_fields: null, description: null, footer: null, issuer: { type: 'self' } },
  latest_invoice: null,
  managed_payments: null,
  next_pending_invoice_item_invoice: null,
  on_behalf_of: null,
  pause_collection: null,
  payment_settings: null,
  pending_invoice_item_interval: null,
  pending_setup_intent: null,
  pending_update: null,
  schedule: null,
  test_clock: null,
  transfer_data: null,
  trial_end: null,
  trial_settings: null,
  trial_start: null,
} satisfies Partial<Subscription>;
