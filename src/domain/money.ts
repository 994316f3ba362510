import type { Account, Posting } from './ledger-changes.ts';
import { invariant } from './result.ts';

/** Moves an amount, in the currency's smallest unit, from one account to another: the first loses what the second gains. */
export interface Flow {
  readonly from: Account;
  readonly to: Account;
  readonly amountMinor: bigint;
}

/** Accounts that every organization has of its own, with a balance; the others are the tenant's. */
const ownedByOrganization: ReadonlySet<Account> = new Set([
  'escrow',
  'payable',
  'clearing',
  'credit_settled',
  'payout_settled',
  'receivable',
]);

/** The postings of an entry: one per account that gains or loses, so that they sum to zero. Flows of nothing leave no trace. */
export function postingsOf(organization: string, currency: string, flows: readonly Flow[]): readonly Posting[] {
  const sums = new Map<Account, bigint>();
  for (const { from, to, amountMinor } of flows) {
    invariant(amountMinor >= 0n && from !== to, 'a flow moves an amount from one account to another');
    sums.set(from, (sums.get(from) ?? 0n) - amountMinor);
    sums.set(to, (sums.get(to) ?? 0n) + amountMinor);
  }
  return [...sums]
    .filter(([, sum]) => sum !== 0n)
    .map(([account, sum]) => ({
      account,
      organization: ownedByOrganization.has(account) ? organization : null,
      currency,
      amount_minor: String(sum),
    }));
}

/** What stands on the accounts of an organization in one currency. */
export type Balances = Readonly<Partial<Record<Account, bigint>>>;

/** What the organization owes in this currency, as a positive amount. */
export function owed(balances: Balances): bigint {
  return -(balances.receivable ?? 0n);
}

export const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
export const atLeastZero = (a: bigint): bigint => (a > 0n ? a : 0n);

/** Minor units as a JSON number, which is exact up to 2^53: a larger amount is a bug, not an answer. */
export function wireAmount(amountMinor: bigint): number {
  const amount = Number(amountMinor);
  invariant(Number.isSafeInteger(amount), 'amounts fit a JSON number');
  return amount;
}
