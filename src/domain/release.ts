import { reaches, type Tier } from './actor.ts';
import type { HoldKind } from './ledger-changes.ts';
import { type Obstacle, obstacles } from './obstacle.ts';
import type { ReferralState } from './referral-state.ts';

/** Why a reward may not be released, or not be sent, the first that holds. */
const stops = [
  'risk',
  'dispute',
  'payment_dispute',
  'review',
  'referral_not_qualified',
  'hold_period',
  'domain_disputed',
  'organization_not_payable',
  'no_payee',
  'organization_frozen',
] as const;
export const heldReasons = [...stops, ...obstacles] as const;
export type HeldReason = (typeof heldReasons)[number];

/** Where the money of an organization goes, as far as it decides whether something may go there. */
export interface PayeeStanding {
  /** It was changed: nothing is released or sent to it before. */
  readonly frozenUntil: Date | null;
  readonly obstacle: Obstacle | null;
}

/** What decides whether a reward may be released or sent. Null where whoever asks cannot know it. */
export interface ReleaseFile {
  readonly kind: string;
  readonly availableAt: Date;
  /** Kinds of the holds that are open on its referral. */
  readonly holds: readonly HoldKind[];
  readonly referral: ReferralState | null;
  /** Of the organization that earns it. */
  readonly tier: Tier | null;
  /** Somebody else proved the organization's domain as well, and nobody decided yet. */
  readonly isDomainDisputed: boolean;
  readonly payee: PayeeStanding | 'none' | null;
}

/**
 * Whether a reward may be released and, once it is available, sent: by attribution's verdict on its referral, open holds, its hold period,
 * what is known of its organization, and where the money goes. Nobody scores risk yet, and answers say so (`risk: not_assessed`).
 */
export function mayRelease(file: ReleaseFile, now: Date): 'yes' | { readonly reason: HeldReason } {
  const hold = stops.find((reason) => file.holds.some((kind) => kind === reason));
  if (hold) return { reason: hold };
  if (file.referral !== null && file.referral !== 'qualified' && file.referral !== 'rewarded') return { reason: 'referral_not_qualified' };
  if (file.availableAt > now) return { reason: 'hold_period' };
  if (file.isDomainDisputed) return { reason: 'domain_disputed' };
  if (file.tier !== null && !isPayable(file.kind, file.tier)) return { reason: 'organization_not_payable' };
  if (payeeKind(file.kind) === null || file.payee === null) return 'yes';
  if (file.payee === 'none') return { reason: 'no_payee' };
  const { frozenUntil, obstacle } = file.payee;
  if (frozenUntil !== null && frozenUntil > now) return { reason: 'organization_frozen' };
  return obstacle === null ? 'yes' : { reason: obstacle };
}

/** Which of an organization's payees a kind of reward goes to; null: the vendor pays by itself. */
export function payeeKind(kind: string): 'customer' | 'account' | null {
  if (kind === 'external') return null;
  return kind === 'stripe_transfer' ? 'account' : 'customer';
}

/** What the vendor pays by itself needs a company that it can name; what a payment provider pays, an account there. */
export function neededTier(kind: string): Tier {
  return kind === 'external' ? 'domain_verified' : 'payout_bound';
}

export const isPayable = (kind: string, tier: Tier): boolean => reaches(tier, neededTier(kind));
