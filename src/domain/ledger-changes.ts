import type { ReferralState } from './referral-state.ts';
import type { RewardState } from './reward-state.ts';

/**
 * What the ledger's part of a decision wants written: rows in the database's own column names (`db/migrations/0006_ledger_functions.sql`).
 * Money is decimal text of the currency's smallest unit, because JSON numbers are not exact; times are RFC 3339 UTC.
 */
export interface LedgerChanges {
  readonly referral_moves?: readonly ReferralMove[];
  readonly evidence?: readonly {
    evidence_id: string;
    referral_id: string;
    organization_id: string;
    prospect_id: string;
    kind: 'workspace_claimed' | 'report' | 'prospect_redeemed' | 'checkout' | 'stripe_metadata';
    source: string;
    occurred_at: string;
    entry_id: string;
    created_at: string;
  }[];
  /** Referrals that have their first evidence now. `status`: what the decision saw; none for one that it opens. */
  readonly evidenced?: readonly { referral_id: string; evidenced_at: string; status?: ReferralState }[];
  readonly attributions?: readonly {
    program_id: string;
    prospect_id: string;
    seq: number;
    referral_id: string;
    organization_id: string;
    rule: string;
    trace: object;
    dispute_id: string | null;
    entry_id: string;
    decided_at: string;
  }[];
  readonly holds?: readonly {
    hold_id: string;
    referral_id: string;
    organization_id: string;
    kind: HoldKind;
    cause: string;
    opened_at: string;
    opened_by: string;
  }[];
  readonly closed_holds?: readonly { hold_id: string; closed_at: string; closed_by: string; closed_because: string }[];
  readonly disputes?: readonly {
    dispute_id: string;
    organization_id: string;
    agent_id: string | null;
    program_id: string;
    prospect_id: string;
    claim_referral_id: string | null;
    contested_referral_id: string | null;
    opened_at: string;
    decide_by: string;
  }[];
  readonly dispute_evidence?: readonly {
    evidence_id: string;
    dispute_id: string;
    organization_id: string | null;
    added_by: string;
    content: object;
    created_at: string;
  }[];
  readonly decided_disputes?: readonly {
    dispute_id: string;
    status: 'upheld' | 'denied' | 'withdrawn';
    decided_at: string;
    decided_by: string;
    because: string;
    trace: object;
  }[];
  readonly rewards?: readonly {
    reward_id: string;
    referral_id: string;
    organization_id: string;
    side: 'referrer' | 'referee';
    rule: string;
    occasion: string;
    kind: string;
    currency: string;
    /** Zero for a promise that is no money; `details` says of what. */
    amount_minor: string;
    details?: object;
    /** The payments that it was earned by, and how much of each counted, net of tax. */
    bases?: readonly { invoice_id: string; base_minor: string }[];
    program_id: string;
    program_version: number;
    terms_sha256: string;
    available_at: string;
    entry_id: string;
    created_at: string;
  }[];
  readonly reward_moves?: readonly RewardMove[];
  /**
   * Parts of rewards that are no longer owed, or owed again. `reversed_before_minor` and `seq` (where the step matters) are what the decision
   * saw before its own steps.
   */
  readonly reductions?: readonly { reward_id: string; seq?: number; reversed_before_minor: string; reversed_minor: string; at: string }[];
  readonly fulfilments?: readonly {
    fulfilment_id: string;
    reward_id: string;
    referral_id: string;
    organization_id: string;
    attempt: number;
    kind: string;
    currency: string;
    amount_minor: string;
    /** What at the provider it goes to; absent where the vendor pays by itself. */
    target?: string;
    sent_at: string;
  }[];
  readonly settled_fulfilments?: readonly {
    fulfilment_id: string;
    status: 'confirmed' | 'failed';
    reference: string | null;
    settled_at: string;
  }[];
  /** Why rewards cannot be sent although nothing holds them; null: that is over. */
  readonly obstacles?: readonly { reward_id: string; obstacle: string | null }[];
  readonly entries?: readonly Entry[];
}

export type HoldKind = 'risk' | 'dispute' | 'payment_dispute' | 'review';

/** One step of a referral; steps of one referral in one decision follow one another. */
export interface ReferralMove {
  readonly referral_id: string;
  readonly organization_id: string;
  readonly seq: number;
  readonly from_state: ReferralState;
  readonly to_state: ReferralState;
  readonly because: string;
  readonly actor: string;
  readonly dispute_id: string | null;
  readonly entry_id: string;
  readonly at: string;
  /** What the decision saw, its own evidence included. */
  readonly evidenced?: boolean;
}

/** One step of a reward. `netted_minor`: what of it pays back a debt by this step. */
export interface RewardMove {
  readonly reward_id: string;
  readonly referral_id: string;
  readonly organization_id: string;
  readonly seq: number;
  readonly from_state: RewardState;
  readonly to_state: RewardState;
  readonly because: string;
  readonly actor: string;
  readonly netted_minor: string;
  /** What was reversed of it when the step was decided, the decision's own reductions included. */
  readonly reversed_minor?: string;
  readonly entry_id: string;
  readonly at: string;
}

/** A ledger event that moves money. `entry_id` is the event's id; the event's body holds the same postings. */
export interface Entry {
  readonly entry_id: string;
  readonly kind: string;
  readonly organization_id: string;
  readonly referral_id: string | null;
  readonly reward_id: string | null;
  readonly source: string | null;
  readonly cumulative_minor: string | null;
  readonly recorded_at: string;
  readonly postings: readonly Posting[];
}

/** One side of an entry, as it stands in the leaf and in the table. Positive: the account gains. */
export interface Posting {
  readonly account: Account;
  readonly organization: string | null;
  readonly currency: string;
  readonly amount_minor: string;
}

export type Account =
  | 'escrow'
  | 'payable'
  | 'clearing'
  | 'credit_settled'
  | 'payout_settled'
  | 'receivable'
  | 'expense'
  | 'breakage'
  | 'write_off'
  | 'discount_settled';
