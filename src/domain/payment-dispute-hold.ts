import { type Changes, type Given, together } from './decision.ts';
import type { GivenBack } from './given-back.ts';
import type { ReferralState } from './referral-state.ts';
import { closeHold, openHold } from './referral-step.ts';
import type { Cause } from './reward.ts';

/** A referral that a payment has something to do with, and the payment disputes that hold it. */
export interface ConcernedReferral {
  readonly referralId: string;
  readonly organizationId: string;
  readonly status: ReferralState;
  readonly open: readonly { readonly holdId: string; readonly cause: string }[];
}

/** While a dispute of the payment is undecided, nothing of the referrals that it concerns is released or sent. Once for each dispute. */
export function holdForDisputes(
  disputes: readonly GivenBack[],
  referrals: readonly ConcernedReferral[],
  cause: Cause,
  given: Given,
): Changes {
  const undecided = disputes.filter(({ state }) => state === 'open');
  const missing = referrals
    .filter(({ status }) => status === 'pending' || status === 'qualified' || status === 'rewarded')
    .flatMap((referral) => undecided.map(({ sourceId }) => ({ referral, sourceId })))
    .filter(({ referral, sourceId }) => !referral.open.some((hold) => hold.cause === sourceId));
  return together(
    ...missing.map(({ referral, sourceId }) =>
      openHold(cause.tenant, referral, { kind: 'payment_dispute', cause: sourceId, actor: cause.actor }, given),
    ),
  );
}

/** A decided dispute holds nothing any more: won, it never happened; lost, what it took is taken back before this is asked. */
export function closeDecided(disputes: readonly GivenBack[], referrals: readonly ConcernedReferral[], cause: Cause, given: Given): Changes {
  const parts = referrals.flatMap((referral) =>
    referral.open.flatMap(({ holdId, cause: dispute }) => {
      const decided = disputes.find(({ sourceId, state }) => sourceId === dispute && state !== 'open');
      if (!decided) return [];
      const because = decided.state === 'void' ? 'payment_dispute.won' : 'payment_dispute.lost';
      return [closeHold(cause.tenant, referral, { holdId, kind: 'payment_dispute', actor: cause.actor, because }, given)];
    }),
  );
  return together(...parts);
}
