import type { Invoice, Subscription } from '../wire.ts';
import { find, patch, type World } from '../world.ts';
import { refreshEntitlements } from './entitlements.ts';

/** What became of an invoice decides how its subscription stands: a first one that is unpaid leaves it incomplete, a later one past due. */
export function invoiceFailed(world: World, invoice: Invoice): void {
  const subscription = subscriptionOf(world, invoice);
  if (subscription?.status === 'active') stand(world, subscription, 'past_due');
}

export function invoiceSettled(world: World, invoice: Invoice): void {
  const subscription = subscriptionOf(world, invoice);
  if (subscription === undefined || subscription.latest_invoice !== invoice.id) return;
  if (subscription.status === 'past_due' || (subscription.status === 'incomplete' && invoice.status === 'paid'))
    stand(world, subscription, 'active');
}

export function stand(
  world: World,
  subscription: Subscription,
  status: Subscription['status'],
  members: Partial<Subscription> = {},
): Subscription {
  const isOver = status === 'canceled';
  const type = isOver ? 'customer.subscription.deleted' : 'customer.subscription.updated';
  const changed = patch(world, 'subscriptions', subscription, { ...members, status }, type);
  refreshEntitlements(world, subscription.customer);
  return changed;
}

function subscriptionOf(world: World, invoice: Invoice): Subscription | undefined {
  const named = invoice.parent?.subscription_details?.subscription;
  return typeof named === 'string' ? find(world, 'subscriptions', named) : undefined;
}
