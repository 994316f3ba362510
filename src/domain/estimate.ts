import { type Earned, monthsLater, type RewardRule } from './earn-amounts.ts';
import { type CappedEarning, type CapUse, earnedNow, usedBy } from './earn-caps.ts';
import type { ProgramTerms } from './program.ts';
import { type PaidInvoice, qualifyingPayments } from './qualification.ts';

/** What a customer is supposed to pay, and how many qualified referrals the organization has before. Amounts net of tax. */
export interface Supposed {
  readonly payments: readonly { readonly amountMinor: number; readonly currency: string }[];
  readonly qualifiedBefore: number;
}

/** What one rule would earn. Amounts in the currency's smallest unit; days count from the first payment. */
export interface RuleEstimate {
  readonly rule: string;
  readonly side: 'referrer' | 'referee';
  readonly model: RewardRule['model'];
  readonly kind: RewardRule['kind'];
  /** How many rewards it comes to. */
  readonly times: number;
  /** Null where no money is involved, or nothing is earned. */
  readonly currency: string | null;
  readonly amountMinor: number | null;
  /** The same without the caps of the program. */
  readonly beforeCapsMinor: number | null;
  /** What is promised where no money moves. */
  readonly promised: Readonly<Record<string, unknown>> | null;
  readonly firstAvailableDay: number | null;
  readonly lastAvailableDay: number | null;
}

export interface Estimate {
  /** The payment, counted from one, by which the referral qualifies; null: these payments do not suffice. */
  readonly qualifiesBy: number | null;
  readonly rewards: readonly RuleEstimate[];
}

/**
 * What a referral under these terms would earn, if its customer paid this much a month from `start` on, by the functions that rewards are
 * made by. Conditions other than payment are taken to hold by then, caps to be unused, no payment to be given back.
 */
export function estimateReward(terms: ProgramTerms, supposed: Supposed, start: Date): Estimate {
  const payments = supposed.payments.map(
    ({ amountMinor, currency }, n): PaidInvoice => ({
      ...{ invoiceId: `payment:${n + 1}`, currency, paidAt: monthsLater(start, n) },
      ...{ collectedMinor: BigInt(amountMinor), paidMinor: BigInt(amountMinor), givenBackMinor: 0n },
    }),
  );
  const at = qualifiesAt(terms, payments);
  const { reward } = terms;
  const within = at === null ? [] : earnedOverTime(terms, payments, at, supposed.qualifiedBefore);
  const without = at === null ? [] : earnedOverTime({ ...terms, reward: { ...reward, caps: [] } }, payments, at, supposed.qualifiedBefore);
  return {
    qualifiesBy: at === null ? null : at + 1,
    rewards: reward.rules.flatMap((rule) => {
      const now = within.filter((each) => each.rule === rule.id);
      const uncapped = without.filter((each) => each.rule === rule.id);
      return currenciesOf(uncapped).map((currency) => told(rule, currency, now, uncapped, start));
    }),
  };
}

type Earnings = readonly CappedEarning[];

/** The index of the payment by which all conditions about payments hold: the first one, where there is none. */
function qualifiesAt(terms: ProgramTerms, payments: readonly PaidInvoice[]): number | null {
  const conditions = terms.qualification.filter(({ kind }) => kind === 'invoice_paid');
  const at = conditions.map((condition) => {
    const last = qualifyingPayments({ qualification: [condition] }, payments).at(-1);
    return last === undefined ? null : payments.indexOf(last);
  });
  return at.reduce<number | null>((latest, each) => (latest === null || each === null ? null : Math.max(latest, each)), 0);
}

function earnedOverTime(terms: ProgramTerms, payments: readonly PaidInvoice[], from: number, qualifiedBefore: number): Earnings {
  const subjects = { referralId: 'referral', referrer: 'referrer', referee: 'referee' };
  let [all, capUse]: [Earnings, readonly CapUse[]] = [[], []];
  for (const [n, { paidAt: now }] of payments.entries()) {
    if (n < from) continue;
    const qualified = n === from ? { number: qualifiedBefore + 1, by: qualifyingPayments(terms, payments.slice(0, n + 1)) } : null;
    const occasion = { now, qualified, payments: payments.slice(from, n + 1), earned: all.map(asEarned) };
    const found = earnedNow(terms, occasion, subjects, capUse);
    capUse = usedBy(found, capUse);
    all = [...all, ...found];
  }
  return all;
}

const asEarned = ({ rule, side, occasion, currency, valueMinor }: CappedEarning): Earned => ({
  ...{ rule, side, occasion, currency, valueMinor, isUnsent: true },
});

/** One line for each currency that the rule would earn in; one all the same where it earns nothing. */
function currenciesOf(uncapped: Earnings): readonly (string | null)[] {
  const found = [...new Set(uncapped.map(({ currency }) => currency))];
  return found.length > 0 ? found : [null];
}

function told(rule: RewardRule, currency: string | null, within: Earnings, without: Earnings, start: Date): RuleEstimate {
  const now = within.filter((each) => each.currency === currency);
  const days = now.map(({ availableAt }) => Math.ceil((availableAt.getTime() - start.getTime()) / 86_400_000));
  const isMoney = 'currency' in rule && currency !== null;
  const sum = (all: Earnings) => Number(all.reduce((total, each) => total + each.valueMinor, 0n));
  return {
    ...{ rule: rule.id, side: rule.side, model: rule.model, kind: rule.kind, times: now.length, currency: isMoney ? currency : null },
    amountMinor: isMoney ? sum(now) : null,
    beforeCapsMinor: isMoney ? sum(without.filter((each) => each.currency === currency)) : null,
    promised: now[0]?.promise ?? null,
    firstAvailableDay: days.length === 0 ? null : Math.min(...days),
    lastAvailableDay: days.length === 0 ? null : Math.max(...days),
  };
}
