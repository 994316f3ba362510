import type Stripe from 'stripe';
import { type Answer, ask } from './answer.ts';
import { idOf } from './reread.ts';
import type { StripeScene } from './translator.ts';

/**
 * The subscriptions of a customer that run now, newest first, with their discounts; at most a hundred. What is past due still runs; what
 * is paused, unpaid or over does not.
 */
export async function runningSubscriptions(
  customer: string,
  { stripe }: Pick<StripeScene, 'stripe'>,
): Promise<Answer<Stripe.Subscription[]>> {
  const answer = await ask<Stripe.ApiList<Stripe.Subscription>>('list', () =>
    stripe.subscriptions.list({ customer, limit: 100, expand: ['data.discounts'] }),
  );
  if (answer.kind !== 'ok') return answer;
  const running = answer.value.data.filter(({ status }) => status === 'active' || status === 'trialing' || status === 'past_due');
  return { kind: 'ok', value: running.sort((a, b) => b.created - a.created) };
}

/** The coupon of a discount (`discount.source.coupon`); null where it was not expanded, or has none. */
export function couponOf(discount: string | Pick<Stripe.Discount, 'source'>): string | null {
  return typeof discount === 'string' ? null : idOf(discount.source.coupon);
}
