import type { Stripe } from 'stripe';
import { inlineList } from '../http/pages.ts';
import { emit, find, select, type World } from '../world.ts';

/** What a customer may use now: the features of the products of its running subscriptions, each once. */
export function activeEntitlements(world: World, customer: string): Stripe.Entitlements.ActiveEntitlement[] {
  const running = select(
    world,
    'subscriptions',
    (one) => one.customer === customer && ['active', 'trialing', 'past_due'].includes(one.status),
  );
  const products = new Set(running.flatMap(({ items }) => items.data.map(({ price }) => price.product)));
  const attached = select(world, 'product_features', ({ product }) => products.has(product));
  const features = new Map(attached.map(({ entitlement_feature: feature }) => [feature.id, feature]));
  return [...features.values()].map((feature) => ({
    // One per customer and feature, for as long as it lasts.
    id: `ent_${customer.slice(4)}${feature.id.slice(5)}`,
    object: 'entitlements.active_entitlement',
    feature: feature.id,
    livemode: false,
    lookup_key: feature.lookup_key,
  }));
}

/** Tells when the features of a customer changed. */
export function refreshEntitlements(world: World, customer: string): void {
  if (find(world, 'customers', customer) === undefined) return;
  const entitlements = activeEntitlements(world, customer);
  const features = entitlements.map(({ id }) => id).toSorted();
  const before = world.state.entitled[customer] ?? [];
  if (JSON.stringify(features) === JSON.stringify(before)) return;
  world.state.entitled[customer] = features;
  const summary: Stripe.Entitlements.ActiveEntitlementSummary = {
    object: 'entitlements.active_entitlement_summary',
    customer,
    entitlements: inlineList(entitlements, `/v1/customer/${customer}/entitlements`),
    livemode: false,
  };
  emit(world, 'entitlements.active_entitlement_summary.updated', summary, { entitlements: { data: before } });
}
