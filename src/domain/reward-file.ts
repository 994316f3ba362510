import type { Tier } from './actor.ts';
import type { HoldKind } from './ledger-changes.ts';
import { type Obstacle, readObstacle } from './obstacle.ts';
import type { ReferralState } from './referral-state.ts';
import type { JudgedReferral } from './referral-step.ts';
import type { Reward, Sent } from './reward.ts';
import type { RewardState } from './reward-state.ts';

/** Everything that decides what may become of a reward now. */
export interface RewardFile {
  readonly reward: Reward;
  readonly side: 'referrer' | 'referee';
  /** Of the terms, that it was earned by. */
  readonly rule: string;
  readonly availableAt: Date;
  /** Of the organization that earns it. */
  readonly tier: Tier;
  /** See `ReleaseFile`. */
  readonly isDomainDisputed: boolean;
  /** Kinds of the holds that are open on its referral. */
  readonly holds: readonly HoldKind[];
  /** Where it goes at the payment provider: the organization's payee, for the referred side its customer. Null: nothing is linked. */
  readonly payee: Payee | null;
  /** What kept it from being sent the last time. */
  readonly obstacle: Obstacle | null;
  /** What is promised beside the amount; see `promisedThing`. */
  readonly details: unknown;
  /** Invoices that it was earned by. */
  readonly invoiceIds: readonly string[];
  /** What the organization owes in its currency, as a positive amount. */
  readonly owedMinor: bigint;
  /** The attempt whose outcome is awaited. */
  readonly sent: Sent | null;
  /** Earlier attempts. */
  readonly settled: readonly { readonly outcome: 'paid' | 'failed'; readonly reference: string | null; readonly at: Date }[];
  readonly referral: JudgedReferral;
  /** The other rewards of its referral. */
  readonly siblings: readonly Sibling[];
}

interface Payee {
  readonly stripeId: string;
  readonly frozenUntil: Date | null;
  readonly obstacle: Obstacle | null;
}

interface Sibling {
  readonly rewardId: string;
  readonly status: RewardState;
  readonly reversedMinor: bigint;
  readonly changedAt: string;
}

/** A reward as it is stored, with all that belongs to it; JSON within holds amounts as text. */
export interface StoredRewardFile {
  readonly reward_id: string;
  readonly referral_id: string;
  readonly organization_id: string;
  readonly side: 'referrer' | 'referee';
  readonly rule: string;
  readonly kind: string;
  readonly currency: string;
  readonly status: RewardState;
  readonly seq: number;
  readonly accrued_minor: bigint;
  readonly reversed_minor: bigint;
  readonly netted_minor: bigint;
  readonly payable_minor: bigint;
  readonly available_at: string;
  readonly tier: Tier;
  readonly is_domain_disputed: boolean;
  readonly holds: readonly HoldKind[] | null;
  /** JSON: times as Postgres writes them there. */
  readonly target: { readonly stripe_id: string; readonly frozen_until: string | null; readonly obstacle: string | null } | null;
  readonly obstacle: string | null;
  readonly details: unknown;
  readonly invoice_ids: readonly string[];
  readonly owed_minor: bigint;
  readonly referral_status: ReferralState;
  readonly referral_seq: number;
  readonly referral_evidenced: boolean;
  readonly fulfilments: readonly StoredFulfilment[];
  readonly siblings: readonly {
    readonly reward_id: string;
    readonly status: RewardState;
    readonly reversed_minor: string;
    readonly changed_at: string;
  }[];
}

/** An attempt at handing over. Times are RFC 3339 as Postgres writes them. */
export interface StoredFulfilment {
  readonly id: string;
  readonly attempt: number;
  readonly status: 'sent' | 'confirmed' | 'failed';
  readonly amount_minor: string;
  readonly reference: string | null;
  readonly sent_at: string;
  readonly settled_at: string | null;
}

export function readRewardFile(row: StoredRewardFile): RewardFile {
  const sent = row.fulfilments.find(({ status }) => status === 'sent');
  return {
    reward: {
      ...{ rewardId: row.reward_id, referralId: row.referral_id, organizationId: row.organization_id, kind: row.kind },
      ...{ currency: row.currency, status: row.status, seq: row.seq, accruedMinor: row.accrued_minor, reversedMinor: row.reversed_minor },
      ...{ nettedMinor: row.netted_minor, payableMinor: row.payable_minor },
    },
    ...{ side: row.side, rule: row.rule, availableAt: new Date(row.available_at), tier: row.tier, owedMinor: row.owed_minor },
    isDomainDisputed: row.is_domain_disputed,
    ...{ holds: row.holds ?? [], obstacle: readObstacle(row.obstacle), details: row.details, invoiceIds: row.invoice_ids },
    payee: row.target && {
      stripeId: row.target.stripe_id,
      frozenUntil: row.target.frozen_until === null ? null : new Date(row.target.frozen_until),
      obstacle: readObstacle(row.target.obstacle),
    },
    sent: sent ? { fulfilmentId: sent.id, amountMinor: BigInt(sent.amount_minor) } : null,
    settled: row.fulfilments.flatMap(settledOf),
    referral: {
      ...{ referralId: row.referral_id, organizationId: row.organization_id, status: row.referral_status, seq: row.referral_seq },
      evidenced: row.referral_evidenced,
    },
    siblings: row.siblings.map((sibling) => ({
      ...{ rewardId: sibling.reward_id, status: sibling.status, reversedMinor: BigInt(sibling.reversed_minor) },
      changedAt: sibling.changed_at,
    })),
  };
}

function settledOf({ status, reference, settled_at }: StoredFulfilment): RewardFile['settled'] {
  if (status === 'sent' || settled_at === null) return [];
  return [{ outcome: status === 'confirmed' ? 'paid' : 'failed', reference, at: new Date(settled_at) }];
}
