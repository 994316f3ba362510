import type Stripe from 'stripe';
import type { VendorConfig } from '../../../domain/vendor.ts';
import { type Answer, ask } from '../answer.ts';

export interface DemoAccount {
  /** The customer of the demo's referring organization, with a running subscription. */
  readonly stripeCustomer: string;
}

/**
 * Gives an empty account what a vendor has there: a recurring price for each tier that is sold at one, under the tier's id as lookup key,
 * and a paying customer. What is there already stays.
 */
export async function furnishDemoAccount(
  stripe: Stripe,
  { pricing }: Pick<VendorConfig, 'pricing'>,
  payer: { readonly name: string; readonly email: string },
): Promise<Answer<DemoAccount>> {
  const listed = await ask('list', () => stripe.prices.list({ active: true, limit: 100 }));
  if (listed.kind !== 'ok') return listed;
  let subscribed: string | undefined;
  for (const tier of pricing.tiers) {
    if (tier.model === 'custom' || tier.amount_minor === null) continue;
    const known = listed.value.data.find(({ lookup_key }) => lookup_key === tier.id);
    const price = known === undefined ? await makePrice(stripe, tier, pricing.currency) : ({ kind: 'ok', value: known } as const);
    if (price.kind !== 'ok') return price;
    if (tier.amount_minor > 0) subscribed ??= price.value.id;
  }
  return payingCustomer(stripe, payer, subscribed);
}

type Tier = VendorConfig['pricing']['tiers'][number];

async function makePrice(stripe: Stripe, tier: Tier, currency: string): Promise<Answer<Stripe.Price>> {
  const product = await ask('product', () => stripe.products.create({ name: tier.name }));
  if (product.kind !== 'ok') return product;
  return ask('price', () =>
    stripe.prices.create({
      ...{ product: product.value.id, currency, unit_amount: tier.amount_minor ?? 0, lookup_key: tier.id },
      recurring: { interval: tier.interval ?? 'month' },
    }),
  );
}

async function payingCustomer(
  stripe: Stripe,
  payer: { readonly name: string; readonly email: string },
  price: string | undefined,
): Promise<Answer<DemoAccount>> {
  const listed = await ask('list', () => stripe.customers.list({ email: payer.email, limit: 1 }));
  if (listed.kind !== 'ok') return listed;
  const [known] = listed.value.data;
  if (known !== undefined) return { kind: 'ok', value: { stripeCustomer: known.id } };
  const made = await ask('customer', () => stripe.customers.create(payer));
  if (made.kind !== 'ok') return made;
  if (price !== undefined) {
    const started = await ask('subscription', () => stripe.subscriptions.create({ customer: made.value.id, items: [{ price }] }));
    if (started.kind !== 'ok') return started;
  }
  return { kind: 'ok', value: { stripeCustomer: made.value.id } };
}
