import type { Stripe } from 'stripe';
import { activeEntitlements, refreshEntitlements } from '../billing/entitlements.ts';
import { invalid } from '../failure.ts';
import { page, pageParameters } from '../http/pages.ts';
import { type Accepts, changedMetadata, emptyable, flag, metadata, required, text } from '../http/parameters.ts';
import { type Route, route } from '../http/routes.ts';
import { atPath, created, named, patch, put, select, type World } from '../world.ts';
import { customerNamed } from './customers.ts';

const create = {
  lookup_key: required(text(80)),
  metadata: metadata(),
  name: required(text(80)),
} satisfies Accepts<Stripe.Entitlements.FeatureCreateParams>;
const update = {
  active: flag(),
  metadata: emptyable(metadata()),
  name: text(80),
} satisfies Accepts<Stripe.Entitlements.FeatureUpdateParams>;
const listing = { ...pageParameters, archived: flag(), lookup_key: text(80) } satisfies Accepts<Stripe.Entitlements.FeatureListParams>;
const attach = { entitlement_feature: required(text()) } satisfies Accepts<Stripe.ProductCreateFeatureParams>;
const active = { ...pageParameters, customer: required(text()) } satisfies Accepts<Stripe.Entitlements.ActiveEntitlementListParams>;

/** Features, on which products they are, and which of them a customer has by its running subscriptions. */
export const entitlements: readonly Route[] = [
  route('POST', '/v1/entitlements/features', create, (world, { input }) => {
    if (select(world, 'features', (one) => one.lookup_key === input.lookup_key).length > 0) {
      throw invalid('A feature with this lookup_key already exists.', { code: 'resource_already_exists', param: 'lookup_key' });
    }
    const { id } = created(world, 'feat');
    const feature = {
      id,
      object: 'entitlements.feature' as const,
      active: true,
      livemode: false,
      lookup_key: input.lookup_key,
      metadata: changedMetadata(null, input.metadata),
      name: input.name,
    };
    return put(world, 'features', feature);
  }),
  route('GET', '/v1/entitlements/features/:id', {}, (world, { at }) => atPath(world, 'features', at('id'))),
  route('POST', '/v1/entitlements/features/:id', update, (world, { at, input }) => {
    const feature = atPath(world, 'features', at('id'));
    return patch(world, 'features', feature, {
      active: input.active ?? feature.active,
      name: input.name ?? feature.name,
      metadata: input.metadata === undefined ? feature.metadata : changedMetadata(feature.metadata, input.metadata),
    });
  }),
  route('GET', '/v1/entitlements/features', listing, (world, { input }) => {
    const isShown = (one: Stripe.Entitlements.Feature): boolean =>
      one.active !== (input.archived ?? false) && (input.lookup_key ?? one.lookup_key) === one.lookup_key;
    return page(select(world, 'features', isShown), input, '/v1/entitlements/features');
  }),
  route('GET', '/v1/entitlements/active_entitlements', active, (world, { input }) =>
    page(activeEntitlements(world, customerNamed(world, input.customer).id), input, '/v1/entitlements/active_entitlements'),
  ),

  route('POST', '/v1/products/:product/features', attach, (world, { at, input }) => {
    const product = atPath(world, 'products', at('product'), 'product');
    const feature = named(world, 'features', input.entitlement_feature, 'entitlement_feature');
    const same = select(world, 'product_features', (one) => one.product === product.id && one.entitlement_feature.id === feature.id);
    if (same.length > 0) throw invalid('The feature is attached to this product already.', { code: 'resource_already_exists' });
    const { id } = created(world, 'prodft');
    const attached = { id, object: 'product_feature' as const, entitlement_feature: feature, livemode: false, product: product.id };
    put(world, 'product_features', attached);
    refreshAll(world);
    return shown(attached);
  }),
  route('GET', '/v1/products/:product/features', pageParameters, (world, { at, input }) => {
    const product = atPath(world, 'products', at('product'), 'product');
    const found = select(world, 'product_features', (one) => one.product === product.id);
    return page(found.map(shown), input, `/v1/products/${product.id}/features`);
  }),
  route('DELETE', '/v1/products/:product/features/:id', {}, (world, { at }) => {
    const attached = atPath(world, 'product_features', at('id'));
    delete world.state.objects.product_features[attached.id];
    refreshAll(world);
    return { id: attached.id, object: 'product_feature', deleted: true };
  }),
];

/** The product is in the path, not in the object. */
function shown({ id, object, entitlement_feature, livemode }: Stripe.ProductFeature): Stripe.ProductFeature {
  return { id, object, entitlement_feature, livemode };
}

function refreshAll(world: World): void {
  for (const customer of Object.keys(world.state.objects.customers)) refreshEntitlements(world, customer);
}
