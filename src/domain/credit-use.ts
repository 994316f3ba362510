import { least } from './money.ts';

/** Credit that a customer was given by a reward, in the order in which it arrived; what was taken back of it is not in the amount. */
export interface Credit {
  readonly rewardId: string;
  readonly amountMinor: bigint;
}

/** What a bill consumed of the customer's balance, in the order in which the bills were paid. */
export interface CreditUse {
  readonly invoiceId: string;
  readonly amountMinor: bigint;
}

/**
 * Which bills consumed the credit of a reward, and how much each: the first credit is used first. The provider keeps one balance and does
 * not say. All in one currency; credit that others put on the balance is counted as ours as far as ours goes.
 */
export function appliedTo(rewardId: string, credits: readonly Credit[], uses: readonly CreditUse[]): readonly CreditUse[] {
  const at = credits.findIndex((credit) => credit.rewardId === rewardId);
  const credit = credits[at];
  if (credit === undefined) return [];
  let before = credits.slice(0, at).reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  let left = credit.amountMinor;
  const applied: CreditUse[] = [];
  for (const { invoiceId, amountMinor } of uses) {
    const ofEarlier = least(before, amountMinor);
    before -= ofEarlier;
    const mine = least(left, amountMinor - ofEarlier);
    left -= mine;
    if (mine > 0n) applied.push({ invoiceId, amountMinor: mine });
  }
  return applied;
}
