import { appliedTo, type Credit, type CreditUse } from './credit-use.ts';
import type { Changes, Given } from './decision.ts';
import { enterMovement } from './ledger.ts';
import { atLeastZero, type Flow, least } from './money.ts';
import { type Cause, type Reward, settledAccount } from './reward.ts';
import { stageEffect } from './stage.ts';
import type { StagedEffect } from './work-changes.ts';

/** A reward that was handed over, as far as something of it may have to come back. Amounts in the currency's smallest unit. */
export interface HandedOver {
  readonly rewardId: string;
  readonly referralId: string;
  readonly organizationId: string;
  readonly kind: string;
  readonly currency: string;
  readonly accruedMinor: bigint;
  readonly reversedMinor: bigint;
  readonly nettedMinor: bigint;
  /** What of it stands as credited or paid. */
  readonly settledMinor: bigint;
  /** What its organization owes in this currency. */
  readonly owedMinor: bigint;
}

/** How much of what was handed over is not earned any more, and not paid back in another way yet. */
export function reclaimable(given: HandedOver): bigint {
  const earned = atLeastZero(given.accruedMinor - given.reversedMinor - given.nettedMinor);
  return least(atLeastZero(given.settledMinor - earned), atLeastZero(given.owedMinor));
}

/**
 * How much of a reward's credit no bill has consumed, as far as bills were read back. `standingMinor`: what of it was credited and not
 * taken back; `credits` and `uses` as `appliedTo` takes them. What others put on the same balance is not in it.
 */
export function unconsumed(rewardId: string, standingMinor: bigint, credits: readonly Credit[], uses: readonly CreditUse[]): bigint {
  const standing = credits.map((credit) => (credit.rewardId === rewardId ? { rewardId, amountMinor: standingMinor } : credit));
  const consumed = appliedTo(rewardId, standing, uses).reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  return atLeastZero(standingMinor - consumed);
}

/**
 * What has to be done at the provider about a reward that was handed over and is not, or not wholly, earned any more: money is taken back
 * as far as it is still there, a promise is ended. Null: nothing of this kind comes back. How much money is decided for one reward after
 * the other, whoever asks; `target`: what it went to, where that is known.
 */
export function undoEffect(
  { rewardId, organizationId, kind }: Pick<Reward, 'rewardId' | 'organizationId' | 'kind'>,
  target: string | undefined,
  given: Pick<Given, 'now' | 'newId'>,
): StagedEffect | null {
  const way = ways[kind];
  if (way === undefined) return null;
  const aggregate = decided.has(way) ? `take-back:${rewardId}` : `stripe:${target ?? rewardId}`;
  return stageEffect(given, {
    kind: way,
    aggregate,
    destination: 'stripe',
    organization_id: organizationId,
    payload: { reward_id: rewardId },
  });
}

const ways: Readonly<Record<string, string>> = {
  stripe_balance_credit: 'stripe.balance.take_back',
  stripe_transfer: 'stripe.transfer.reverse',
  stripe_subscription_discount: 'stripe.discount.end',
  stripe_credit_grant: 'stripe.credit_grant.end',
  entitlement_unlock: 'stripe.entitlement.revoke',
};

/** These only decide, and leave the deed to another effect, in the order of whom it touches. */
const decided: ReadonlySet<string> = new Set(['stripe.balance.take_back', 'stripe.transfer.reverse']);

/** What is taken back by one effect, everything frozen. */
export interface TakingBack extends Pick<HandedOver, 'rewardId' | 'referralId' | 'organizationId' | 'kind' | 'currency'> {
  readonly effectId: string;
  readonly amountMinor: bigint;
}

/**
 * What is taken back stops being owed before it is asked for, so that no later reward pays the same debt meanwhile; it is owed again if
 * the provider refuses.
 */
export const takeBackSent = (taking: TakingBack, cause: Cause, given: Given): Changes =>
  enter(taking, 'reward.take_back_sent', 'receivable', { id: taking.effectId, cumulativeMinor: taking.amountMinor }, cause, given);

/** The provider says that it came back, under a name of its own. */
export const takenBack = (taking: TakingBack, reference: string, cause: Cause, given: Given): Changes =>
  enter(taking, 'reward.taken_back', null, { id: reference, cumulativeMinor: taking.amountMinor }, cause, given);

/** The provider will not give it back: it is owed as before. */
export const takeBackFailed = (taking: TakingBack, cause: Cause, given: Given): Changes =>
  enter(taking, 'reward.take_back_failed', 'settled', { id: taking.effectId, cumulativeMinor: 0n }, cause, given);

/** Somebody else had it given back, under the provider's name of it: it is not owed any more. */
export const takenBackByOthers = (taking: Omit<TakingBack, 'effectId'>, reference: string, cause: Cause, given: Given): Changes =>
  enter(taking, 'reward.taken_back', 'receivable', { id: reference, cumulativeMinor: taking.amountMinor }, cause, given);

function enter(
  taking: Omit<TakingBack, 'effectId'>,
  kind: string,
  to: 'receivable' | 'settled' | null,
  source: { readonly id: string; readonly cumulativeMinor: bigint },
  cause: Cause,
  given: Given,
): Changes {
  const { rewardId, referralId, organizationId, currency, amountMinor } = taking;
  const settled = settledAccount(taking.kind);
  const flows: readonly Flow[] =
    to === null
      ? []
      : to === 'receivable'
        ? [{ from: settled, to: 'receivable', amountMinor }]
        : [{ from: 'receivable', to: settled, amountMinor }];
  const facts = { amount_minor: String(amountMinor), currency };
  return enterMovement(given, cause.tenant, { kind, organizationId, referralId, rewardId, currency, flows, facts, source }).changes;
}
