/** Of how many of an organization's newest referrals and workspaces counts are made: nobody reads them all for a page. */
export const mostCounted = 1000;

export interface Counted {
  readonly referrals: number;
  /** Qualified, and not rewarded yet. */
  readonly qualified: number;
  readonly rewarded: number;
}

/** The share of referrals that is qualified or rewarded, from 0 to 1 to four decimals; null without any. */
export function conversionOf({ referrals, qualified, rewarded }: Counted): number | null {
  return referrals === 0 ? null : Math.round(((qualified + rewarded) / referrals) * 10_000) / 10_000;
}
