import { type Given, together } from './decision.ts';
import { wireAmount } from './money.ts';
import { promisedThing } from './promise.ts';
import { invariant } from './result.ts';
import { type Cause, type Stepped, send } from './reward.ts';
import type { RewardFile } from './reward-file.ts';
import { stageEffect } from './stage.ts';

/** The effect by which a kind of reward reaches its beneficiary. */
const effectKinds: Readonly<Record<string, string>> = {
  stripe_balance_credit: 'stripe.balance.credit',
  stripe_subscription_discount: 'stripe.subscription.discount',
  stripe_credit_grant: 'stripe.credit_grant.create',
  entitlement_unlock: 'stripe.entitlement.unlock',
  stripe_transfer: 'stripe.transfer.create',
};

/** Kinds that the schedule sends as soon as they are available. Credit on the bill waits for a bill. */
export const sentAtOnce: readonly string[] = [...Object.keys(effectKinds).filter((kind) => kind !== 'stripe_balance_credit'), 'external'];

/**
 * Sends an available reward to where it goes at the payment provider, and stages the one effect that does it. Everything about it is
 * decided here and frozen in the effect: to whom, how much, until when. It may be sent (`mayRelease`), and there is somebody to send it to.
 */
export function handOver(file: RewardFile, cause: Cause, given: Given): Stepped {
  const { reward, payee } = file;
  const kind = effectKinds[reward.kind];
  invariant(payee !== null && kind !== undefined, 'there is somebody to send it to, and a way');
  const amountMinor = reward.payableMinor;
  const sent = send(reward, { attempt: file.settled.length + 1, target: payee.stripeId }, cause, given);
  const effect = stageEffect(given, {
    kind,
    // What touches one customer is done one after the other: Stripe locks it.
    ...{ aggregate: `stripe:${payee.stripeId}`, destination: 'stripe', organization_id: reward.organizationId },
    payload: {
      ...frozen(file, amountMinor, given),
      ...{ reward_id: reward.rewardId, fulfilment_id: sent.fulfilmentId, organization_id: reward.organizationId, target: payee.stripeId },
    },
  });
  const obstacles = file.obstacle === null ? {} : { obstacles: [{ reward_id: reward.rewardId, obstacle: null }] };
  return { reward: sent.reward, changes: together(sent.changes, { effects: [effect] }, obstacles) };
}

/** What an effect does beside whom it is for. Amounts are decimal text. */
function frozen({ reward, details, referral, side, rule }: RewardFile, amountMinor: bigint, given: Given): object {
  const promised = promisedThing(reward, details);
  switch (promised?.what) {
    case undefined:
      return { amount_minor: String(amountMinor), currency: reward.currency, referral_id: referral.referralId };
    case 'discount':
      return { percent_bps: promised.percentBps, months: promised.months, given_at_checkout: side === 'referee' ? rule : null };
    case 'credits': {
      const { valueMinor, currency, units, unit, expiresDays } = promised;
      const value = amountMinor > 0n ? amountMinor : valueMinor;
      return { value_minor: String(wireAmount(value)), currency, units, unit, expires_at: inDays(expiresDays, given) };
    }
    case 'unlock':
      return { feature_id: promised.featureId, until: inDays(promised.days, given) };
  }
}

const inDays = (days: number | null, { now }: Given): string | null =>
  days === null ? null : new Date(now.getTime() + days * 86_400_000).toISOString();
