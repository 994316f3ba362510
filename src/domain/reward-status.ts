import { reaches, type Tier } from './actor.ts';
import type { HoldKind } from './ledger-changes.ts';
import type { RewardState, RewardStatus } from './reward-state.ts';

/** What decides how callers see a reward. */
export interface Standing {
  readonly status: RewardState;
  readonly kind: string;
  readonly availableAt: Date;
  /** Kinds of the holds that are open on its referral. */
  readonly holds: readonly HoldKind[];
  /** Of the organization that earns it; null where the caller cannot know it. */
  readonly tier: Tier | null;
}

export const heldReasons = ['risk', 'dispute', 'payment_dispute', 'review', 'hold_period', 'organization_not_payable'] as const;
export type HeldReason = (typeof heldReasons)[number];

/** `held`: accrued and not released, or available while a hold is open. */
export function shownStatus({ status, holds }: Pick<Standing, 'status' | 'holds'>): RewardStatus {
  if (status === 'accrued') return 'held';
  return status === 'available' && holds.length > 0 ? 'held' : status;
}

/** Why it is held: an open hold before anything else, then time, then what its organization is not yet. Null: it is not held. */
export function heldReason(standing: Standing, now: Date): HeldReason | null {
  if (shownStatus(standing) !== 'held') return null;
  const hold = heldReasons.find((reason) => standing.holds.some((kind) => kind === reason));
  if (hold) return hold;
  const isDue = standing.availableAt <= now;
  return isDue && standing.tier !== null && !isPayable(standing.kind, standing.tier) ? 'organization_not_payable' : 'hold_period';
}

/** What the organization has to become before it is released: the tier it needs and, as far as is known, has not reached. */
export function requirements({ status, kind, tier }: Pick<Standing, 'status' | 'kind' | 'tier'>): readonly Tier[] {
  if (status !== 'accrued') return [];
  return tier !== null && isPayable(kind, tier) ? [] : [neededTier(kind)];
}

/** What the vendor pays by itself needs a company that it can name; what a payment provider pays, an account there. */
export function neededTier(kind: string): Tier {
  return kind === 'external' ? 'domain_verified' : 'payout_bound';
}

export const isPayable = (kind: string, tier: Tier): boolean => reaches(tier, neededTier(kind));
