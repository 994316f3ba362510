import type { Tier } from './actor.ts';
import type { Obstacle } from './obstacle.ts';
import { type HeldReason, isPayable, mayRelease, neededTier, type ReleaseFile } from './release.ts';
import type { RewardState, RewardStatus } from './reward-state.ts';

/** What decides how callers see a reward. */
export interface Standing extends ReleaseFile {
  readonly status: RewardState;
  /** Why it cannot be sent although nothing holds it. */
  readonly obstacle: Obstacle | null;
}

/** `held`: accrued and not released, or available while a hold is open, the domain is disputed or something is in its way. */
export function shownStatus(standing: Pick<Standing, 'status' | 'holds' | 'isDomainDisputed' | 'obstacle' | 'payee'>): RewardStatus {
  const { status, holds, isDomainDisputed } = standing;
  if (status === 'accrued') return 'held';
  const isStopped = holds.length > 0 || isDomainDisputed || obstacleOf(standing) !== null;
  return status === 'available' && isStopped ? 'held' : status;
}

/** Why it is held: an open hold before anything else, then time, then what its organization is not yet. Null: it is not held. */
export function heldReason(standing: Standing, now: Date): HeldReason | null {
  if (shownStatus(standing) !== 'held') return null;
  const may = mayRelease(standing, now);
  if (may !== 'yes') return may.reason;
  // Due and not released yet: the schedule comes.
  return standing.status === 'accrued' ? 'hold_period' : obstacleOf(standing);
}

/** What the organization has to become before it is released: the tier it needs and, as far as is known, has not reached. */
export function requirements({ status, kind, tier }: Pick<Standing, 'status' | 'kind' | 'tier'>): readonly Tier[] {
  if (status !== 'accrued') return [];
  return tier !== null && isPayable(kind, tier) ? [] : [neededTier(kind)];
}

function obstacleOf({ obstacle, payee }: Pick<Standing, 'obstacle' | 'payee'>): Obstacle | null {
  return obstacle ?? (payee === null || payee === 'none' ? null : payee.obstacle);
}
