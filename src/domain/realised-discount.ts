import type { Changes, Given } from './decision.ts';
import { enterMovement } from './ledger.ts';
import type { Cause } from './reward.ts';

/** A discount that was promised became real on a paid bill: what the bill was lower by. Amount in the currency's smallest unit. */
export function discountRealised(
  reward: { readonly rewardId: string; readonly referralId: string; readonly organizationId: string },
  on: { readonly invoiceId: string; readonly currency: string; readonly amountMinor: bigint },
  cause: Cause,
  given: Given,
): Changes {
  const { invoiceId, currency, amountMinor } = on;
  return enterMovement(given, cause.tenant, {
    ...{ kind: 'reward.discounted', ...reward, currency },
    flows: [{ from: 'expense', to: 'discount_settled', amountMinor }],
    facts: { amount_minor: String(amountMinor), currency },
    source: { id: invoiceId, cumulativeMinor: amountMinor },
  }).changes;
}

/** The coupon that carries the discount of a reward at the provider: one each, so that a bill names the reward. */
export const couponId = (rewardId: string): string => `fd-${rewardId}`;

/** The reward whose coupon this is; null: not one of ours. */
export function rewardOfCoupon(coupon: string): string | null {
  return /^fd-rwd_[0-7][0-9a-hjkmnp-tv-z]{25}$/.test(coupon) ? coupon.slice(3) : null;
}
