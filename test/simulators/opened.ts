import { Stripe } from 'stripe';
import { createStripeSimulator, type SimulatorOptions, type StripeSimulator } from '../../simulators/stripe/simulator.ts';

export const start = Date.UTC(2026, 10, 2) / 1000;
export const day = 86_400;
export const hour = 3600;

/** A simulator on a still clock without a socket, and the real client on it. */
export function opened(options: SimulatorOptions = {}): { readonly simulator: StripeSimulator; readonly stripe: Stripe } {
  const simulator = createStripeSimulator({ now: () => start, deliver: async () => 200, ...options });
  return { simulator, stripe: clientOf(simulator) };
}

export function clientOf(simulator: StripeSimulator, key = 'sk_test_simulated'): Stripe {
  return new Stripe(key, { httpClient: Stripe.createFetchHttpClient(simulator.fetch), maxNetworkRetries: 0, telemetry: false });
}

/** A product and a monthly price. */
export async function monthlyPrice(stripe: Stripe, unitAmount = 2900, currency = 'usd'): Promise<Stripe.Price> {
  const product = await stripe.products.create({ name: 'Plan' });
  return stripe.prices.create({ product: product.id, currency, unit_amount: unitAmount, recurring: { interval: 'month' } });
}

/** A customer with a running subscription to a monthly price. */
export async function subscribed(stripe: Stripe, unitAmount = 2900, wish: Partial<Stripe.SubscriptionCreateParams> = {}) {
  const price = await monthlyPrice(stripe, unitAmount);
  const customer = await stripe.customers.create({ email: 'billing@acme.example' });
  const subscription = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }], ...wish });
  return { price, customer, subscription };
}

/** What a call was refused with. */
export async function refusal(call: Promise<unknown>): Promise<{ status?: number; type?: string; code?: string; param?: string }> {
  const failure = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(failure instanceof Stripe.errors.StripeError)) throw new Error('the call was not refused by Stripe');
  const { statusCode: status, rawType: type, code, param } = failure;
  return {
    ...(status === undefined ? {} : { status }),
    ...(type === undefined ? {} : { type }),
    ...(code === undefined ? {} : { code }),
    ...(param === undefined ? {} : { param }),
  };
}

/** The id behind an expandable member. */
export function idOf(member: string | { readonly id: string } | null | undefined): string {
  if (typeof member === 'string') return member;
  if (member) return member.id;
  throw new Error('the member is empty');
}
