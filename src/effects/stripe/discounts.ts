import type Stripe from 'stripe';
import * as z from 'zod';
import type { Claimed } from '../../db/outbox.ts';
import { queries } from '../../db/queries.ts';
import { checkoutCouponId } from '../../domain/checkout.ts';
import { couponId } from '../../domain/realised-discount.ts';
import type { Settlement } from '../effect.ts';
import { type Answer, ask, unanswered } from './answer.ts';
import { fulfilling, type Handed, keyOf, markOf, notHanded } from './fulfil.ts';
import { metadataNames } from './metadata.ts';
import { idOf } from './reread.ts';
import { couponOf, runningSubscriptions } from './subscriptions.ts';
import type { StripeScene } from './translator.ts';

const order = z.object({
  reward_id: z.string(),
  fulfilment_id: z.string(),
  target: z.string(),
  percent_bps: z.int(),
  months: z.int().nullable(),
  /** The rule whose discount a checkout of ours may have given already. */
  given_at_checkout: z.string().nullable(),
});
type Discount = z.output<typeof order>;

/** The coupon that carries the discount of one reward: redeemed once at most, which is a wall of its own. */
export function couponFor(discount: Pick<Discount, 'reward_id' | 'percent_bps' | 'months'>): Stripe.CouponCreateParams & { id: string } {
  const { reward_id, percent_bps, months } = discount;
  return {
    ...{ id: couponId(reward_id), name: 'Referral reward', percent_off: percent_bps / 100, max_redemptions: 1 },
    ...(months === null
      ? { duration: 'forever' }
      : months === 1
        ? { duration: 'once' }
        : { duration: 'repeating', duration_in_months: months }),
  };
}

/**
 * `stripe.subscription.discount`: a discount on the subscription that a customer has, the newest if there are several. Stripe takes the
 * list of discounts whole, so that those which it has are sent along (https://docs.stripe.com/api/subscriptions/update). Done again it is
 * found: on a running subscription, or because its coupon is used up.
 */
export const discountSubscription = fulfilling(order, async (discount, scene, effect): Promise<Handed> => {
  const coupon = await couponAtStripe(discount, scene);
  if (coupon.kind !== 'ok') return notHanded(coupon, effect, scene, 'provider_refused', 'provider_refused');
  const before = await givenAtCheckout(discount, scene);
  if (before.kind !== 'ok') return notHanded(before, effect, scene);
  if (before.value !== null) return { kind: 'arrived', reference: before.value };
  let refused: Handed | null = null;
  // Somebody may change the subscription between the look and the write: a discount that is gone cannot be sent along, so it looks again.
  for (let rounds = 0; rounds < 2; rounds++) {
    const running = await runningSubscriptions(discount.target, scene);
    if (running.kind !== 'ok') return notHanded(running, effect, scene);
    const has = running.value.flatMap(({ discounts }) => discounts).find((one) => couponOf(one) === coupon.value.id);
    if (has !== undefined) return { kind: 'arrived', reference: idOf(has) ?? coupon.value.id };
    if (coupon.value.times_redeemed > 0) return { kind: 'arrived', reference: coupon.value.id };
    const [newest] = running.value;
    if (newest === undefined) return { kind: 'refused', obstacle: 'no_subscription' };
    const written = await addTo(newest, coupon.value.id, effect, rounds, scene);
    if (written.kind === 'ok') {
      const added = written.value.discounts.find((one) => couponOf(one) === coupon.value.id);
      return added === undefined ? later : { kind: 'arrived', reference: idOf(added) ?? coupon.value.id };
    }
    refused = notHanded(written, effect, scene, 'provider_refused', 'no_subscription');
    if (written.kind === 'later') break;
  }
  return refused ?? later;
});

const later: Handed = { kind: 'open', settlement: { kind: 'retry', error: 'stripe_unexpected_answer' } };

/** The coupon by which a checkout of ours gave this very discount already, when somebody subscribed there; null: none did. */
async function givenAtCheckout({ reward_id, given_at_checkout: rule }: Discount, scene: StripeScene): Promise<Answer<string | null>> {
  const [reward] = rule === null ? [null] : await scene.consult([queries.reward(reward_id)]);
  if (reward === null) return { kind: 'ok', value: null };
  const coupon = await ask('coupon', () => scene.stripe.coupons.retrieve(checkoutCouponId(reward.referral_id)));
  if (coupon.kind === 'missing') return { kind: 'ok', value: null };
  if (coupon.kind !== 'ok') return coupon;
  const { id, metadata, times_redeemed } = coupon.value;
  return { kind: 'ok', value: times_redeemed > 0 && metadata?.[metadataNames.rule] === rule ? id : null };
}

/** Reads the coupon, or makes it. */
async function couponAtStripe(discount: Discount, scene: StripeScene): Promise<Answer<Stripe.Coupon>> {
  const { id, ...params } = couponFor(discount);
  const known = await ask('coupon', () => scene.stripe.coupons.retrieve(id));
  if (known.kind !== 'missing') return known;
  const metadata = markOf(scene, discount);
  return ask('coupon', () => scene.stripe.coupons.create({ id, ...params, metadata }, keyOf(scene, discount.fulfilment_id, 'coupon')));
}

function addTo({ id, discounts }: Stripe.Subscription, coupon: string, effect: Claimed, round: number, scene: StripeScene) {
  const kept = discounts.flatMap((one) => idOf(one) ?? []).map((discount) => ({ discount }));
  // What is sent differs from attempt to attempt, so that no key may span them; the look before it is what keeps it single.
  const key = keyOf(scene, effect.effect_id, `discount.${effect.lease}.${round}`);
  return ask('subscription', () => scene.stripe.subscriptions.update(id, { discounts: [...kept, { coupon }], expand: ['discounts'] }, key));
}

const asked = z.object({ reward_id: z.string() });

/** `stripe.discount.end`: takes the discount of a withdrawn reward off, and leaves every other one where it is. */
export async function endDiscount(effect: Claimed, scene: StripeScene): Promise<Settlement> {
  const parsed = asked.safeParse(effect.payload);
  if (!parsed.success) return { kind: 'dead', error: 'payload_unreadable', counts: false };
  const [row] = await scene.consult([queries.handedOver(parsed.data.reward_id)]);
  if (row === null || row.target === null) return { kind: 'done', note: 'nothing_handed_over' };
  const running = await runningSubscriptions(row.target, scene);
  if (running.kind === 'missing') return { kind: 'done', note: 'customer_deleted' };
  if (running.kind !== 'ok') return unanswered(running);
  const ours = couponId(row.reward_id);
  const isOurs = (one: string | Stripe.Discount) => couponOf(one) === ours;
  const from = running.value.find(({ discounts }) => discounts.some(isOurs));
  if (from === undefined) return { kind: 'done', note: 'nothing_left' };
  const kept = from.discounts.filter((one) => !isOurs(one)).flatMap((one) => idOf(one) ?? []);
  const key = keyOf(scene, effect.effect_id, `discount_end.${effect.lease}`);
  // An empty list would leave everything as it is; the empty text takes all away.
  const discounts = kept.length === 0 ? ('' as const) : kept.map((discount) => ({ discount }));
  const answer = await ask('subscription', () => scene.stripe.subscriptions.update(from.id, { discounts }, key));
  if (answer.kind === 'ok') return { kind: 'done' };
  // Changed between the look and the write: looked at again.
  return answer.kind === 'later' ? unanswered(answer) : { kind: 'retry', error: `stripe_${answer.code}` };
}
