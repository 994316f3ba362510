/** What the oracle of a ledger run knows: organizations, prospects, referrals, rewards and disputes, as plain as they can be. */

export type RefState = 'pending' | 'qualified' | 'rewarded' | 'rejected' | 'reversed' | 'expired';
export type RewState = 'accrued' | 'available' | 'fulfilling' | 'fulfilled' | 'reversed';

export interface Org {
  readonly id: string;
  readonly domain: string;
  /** Whether its domain is verified: it may dispute, and be paid. */
  readonly verified: boolean;
}

export interface Ref {
  readonly id: string;
  readonly org: Org;
  readonly prospect: Prospect;
  status: RefState;
  evidenced: boolean;
  readonly touches: { at: number; evidenced: boolean }[];
  /** Times at which something was linked, by source. */
  readonly links: Map<string, number>;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** Holds that are open: ids of disputes, and `kind reason` of people. */
  readonly holds: Set<string>;
  readonly rewards: Rew[];
}

export interface Rew {
  readonly id: string;
  readonly ref: Ref;
  status: RewState;
  readonly accrued: number;
  reversed: number;
  netted: number;
  payable: number;
  /** What is on its way. */
  sent: number;
  readonly availableAt: number;
  readonly settled: { outcome: 'paid' | 'failed'; reference: string; at: number }[];
}

export interface Prospect {
  readonly domain: string;
  readonly refs: Ref[];
  readonly reports: Report[];
  /** Whoever was credited, the newest last. */
  readonly credited: { ref: Ref; losers: readonly Ref[] }[];
}

export interface Report {
  readonly id: string;
  readonly type: string;
  readonly at: number;
  readonly ref: Ref | null;
  readonly tokenOrg: Org | null;
}

export interface Dispute {
  readonly id: string;
  readonly org: Org;
  readonly prospect: Prospect;
  readonly claim: Ref | null;
  readonly contested: Ref | null;
  /** When the claim's ground connected the two. */
  readonly touchedAt: number;
  status: 'open' | 'upheld' | 'denied' | 'withdrawn';
  readonly decideBy: number;
}

/** What the database made during a round of which the oracle cannot know the ids. */
export interface Made {
  readonly referral: (org: Org, prospect: Prospect) => string;
  /** Which of several that touched at the very same moment was credited. */
  readonly winner: (prospect: Prospect) => string | null;
  readonly rewards: (ref: Ref) => readonly { id: string; amount: number; availableAt: number }[];
}

export const day = 86_400_000;
export const rules = { ttlDays: 180, graceDays: 4, windowDays: 90, bounty: 5000, bonus: 1500, capMonth: 30_000, maxDeclared: 80 };
