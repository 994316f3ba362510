import type { Stripe } from 'stripe';
import { invalid } from '../failure.ts';
import { page, pageParameters } from '../http/pages.ts';
import {
  type Accepts,
  amount,
  changedMetadata,
  currency,
  flag,
  integer,
  list,
  metadata,
  oneOf,
  record,
  required,
  text,
} from '../http/parameters.ts';
import { type Route, route } from '../http/routes.ts';
import type { Price } from '../wire.ts';
import { atPath, created, named, patch, put, select, type World } from '../world.ts';

const product = {
  id: text(),
  name: required(text(250)),
  active: flag(),
  description: text(),
  metadata: metadata(),
  tax_code: text(),
} satisfies Accepts<Stripe.ProductCreateParams>;
const productUpdate = {
  active: flag(),
  description: text(),
  metadata: metadata(),
  name: text(250),
} satisfies Accepts<Stripe.ProductUpdateParams>;
const productList = { ...pageParameters, active: flag() } satisfies Accepts<Stripe.ProductListParams>;

const recurring = record({
  interval: required(oneOf('day', 'week', 'month', 'year')),
  interval_count: integer({ min: 1, max: 36 }),
  meter: text(),
  usage_type: oneOf('licensed', 'metered'),
});
const price = {
  currency: required(currency()),
  active: flag(),
  lookup_key: text(200),
  metadata: metadata(),
  nickname: text(),
  product: text(),
  product_data: record({ name: required(text(250)), metadata: metadata() }),
  recurring,
  unit_amount: amount(),
} satisfies Accepts<Stripe.PriceCreateParams>;
const priceUpdate = { active: flag(), metadata: metadata(), nickname: text() } satisfies Accepts<Stripe.PriceUpdateParams>;
const priceList = {
  ...pageParameters,
  active: flag(),
  currency: currency(),
  lookup_keys: list(text(200), { max: 10 }),
  product: text(),
} satisfies Accepts<Stripe.PriceListParams>;

/** Products and prices. */
export const catalog: readonly Route[] = [
  route('POST', '/v1/products', product, (world, { input }) => {
    const { id: own, ...wish } = input;
    if (own !== undefined && world.state.objects.products[own] !== undefined)
      throw invalid('Product already exists.', { code: 'resource_already_exists' });
    return newProduct(world, own === undefined ? wish : { ...wish, id: own });
  }),
  route('GET', '/v1/products/:id', {}, (world, { at }) => atPath(world, 'products', at('id'))),
  route('POST', '/v1/products/:id', productUpdate, (world, { at, input }) => {
    const before = atPath(world, 'products', at('id'));
    const change = { ...input, metadata: changedMetadata(before.metadata, input.metadata), updated: world.now() };
    return patch(world, 'products', before, change, 'product.updated');
  }),
  route('GET', '/v1/products', productList, (world, { input }) =>
    page(
      select(world, 'products', ({ active }) => (input.active ?? active) === active),
      input,
      '/v1/products',
    ),
  ),
  route('POST', '/v1/prices', price, (world, { input }) => {
    if ((input.product === undefined) === (input.product_data === undefined)) {
      throw invalid('You must specify either `product` or `product_data`.', { code: 'parameter_missing', param: 'product' });
    }
    if (input.unit_amount === undefined)
      throw invalid('Missing required param: unit_amount.', { code: 'parameter_missing', param: 'unit_amount' });
    if ((input.recurring?.usage_type === 'metered') !== (input.recurring?.meter !== undefined)) {
      throw invalid('A metered price has a meter, no other has one.', { param: 'recurring[meter]' });
    }
    if (input.lookup_key !== undefined && select(world, 'prices', (one) => one.lookup_key === input.lookup_key).length > 0) {
      throw invalid(`A price (using lookup_key ${input.lookup_key}) already exists.`, { param: 'lookup_key' });
    }
    const owner =
      input.product_data === undefined ? named(world, 'products', input.product ?? '', 'product') : newProduct(world, input.product_data);
    return put(world, 'prices', newPrice(world, owner.id, { ...input, unit_amount: input.unit_amount }), 'price.created');
  }),
  route('GET', '/v1/prices/:id', {}, (world, { at }) => atPath(world, 'prices', at('id'))),
  route('POST', '/v1/prices/:id', priceUpdate, (world, { at, input }) => {
    const before = atPath(world, 'prices', at('id'));
    return patch(world, 'prices', before, { ...input, metadata: changedMetadata(before.metadata, input.metadata) }, 'price.updated');
  }),
  route('GET', '/v1/prices', priceList, (world, { input }) => {
    const matches = (one: Price): boolean =>
      (input.active ?? one.active) === one.active &&
      (input.currency ?? one.currency) === one.currency &&
      (input.lookup_keys?.includes(one.lookup_key ?? '') ?? true) &&
      (input.product ?? one.product) === one.product;
    return page(select(world, 'prices', matches), input, '/v1/prices');
  }),
];

interface ProductWish {
  readonly id?: string;
  readonly name: string;
  readonly active?: boolean;
  readonly description?: string;
  readonly metadata?: Record<string, string>;
  readonly tax_code?: string;
}
function newProduct(world: World, wish: ProductWish): Stripe.Product {
  const base = created(world, 'prod');
  const stored: Stripe.Product = {
    ...base,
    id: wish.id ?? base.id,
    object: 'product',
    active: wish.active ?? true,
    default_price: null,
    description: wish.description ?? null,
    images: [],
    marketing_features: [],
    metadata: changedMetadata(null, wish.metadata),
    name: wish.name,
    package_dimensions: null,
    shippable: null,
    statement_descriptor: null,
    tax_code: wish.tax_code ?? null,
    tax_details: null,
    type: 'service',
    unit_label: null,
    updated: base.created,
    url: null,
  };
  return put(world, 'products', stored, 'product.created');
}

interface PriceWish {
  readonly currency: string;
  readonly unit_amount: number;
  readonly active?: boolean;
  readonly lookup_key?: string;
  readonly metadata?: Record<string, string>;
  readonly nickname?: string;
  readonly recurring?: {
    readonly interval: string;
    readonly interval_count?: number;
    readonly meter?: string;
    readonly usage_type?: string;
  };
}
function newPrice(world: World, owner: string, wish: PriceWish): Price {
  const { interval, interval_count: count = 1, meter = null, usage_type: usage = 'licensed' } = wish.recurring ?? { interval: '' };
  return {
    ...created(world, 'price'),
    object: 'price',
    active: wish.active ?? true,
    billing_scheme: 'per_unit',
    currency: wish.currency,
    custom_unit_amount: null,
    lookup_key: wish.lookup_key ?? null,
    metadata: changedMetadata(null, wish.metadata),
    nickname: wish.nickname ?? null,
    product: owner,
    recurring: interval === '' ? null : { interval, interval_count: count, meter, trial_period_days: null, usage_type: usage },
    tax_behavior: 'unspecified',
    tiers_mode: null,
    transform_quantity: null,
    type: interval === '' ? 'one_time' : 'recurring',
    unit_amount: wish.unit_amount,
    unit_amount_decimal: String(wish.unit_amount),
  };
}
