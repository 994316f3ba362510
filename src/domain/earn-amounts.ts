import { minorUnitDigits, settlementProblem } from './currency.ts';
import { atLeastZero, least } from './money.ts';
import type { ProgramTerms } from './program.ts';
import { inOrder, isGivenBack, type PaidInvoice } from './qualification.ts';
import { noCurrency } from './reward.ts';

export type RewardRule = ProgramTerms['reward']['rules'][number];

/** What a rule comes to on one occasion. */
export interface Earning {
  readonly rule: string;
  readonly side: 'referrer' | 'referee';
  readonly kind: RewardRule['kind'];
  /** `once`, an invoice, or `month:<k>`: a rule earns once on each. */
  readonly occasion: string;
  /** `xxx` where no currency is involved. */
  readonly currency: string;
  /** What it is worth, in the currency's smallest unit; zero for a discount or an unlock, whose worth nobody knows yet. */
  readonly valueMinor: bigint;
  /** What is promised where no money moves; its value stands in `valueMinor`, so that caps can cut it. */
  readonly promise: Readonly<Record<string, unknown>> | null;
  /** Units cannot be cut: caps leave room for all of it, or it is not earned. */
  readonly isWhole: boolean;
  readonly bases: readonly PaidInvoice[];
  readonly availableAt: Date;
  /** The calendar span of its caps is the one that this lies in. */
  readonly countedAt: Date;
}

/** What has happened when a rule is asked what it comes to. */
export interface Occasion {
  readonly now: Date;
  /** Set when the referral qualifies: the organization's qualified referrals, this one included, and the payments that it qualified by. */
  readonly qualified: { readonly number: number; readonly by: readonly PaidInvoice[] } | null;
  /** What the customer paid from the moment on that was judged. */
  readonly payments: readonly PaidInvoice[];
  /** What the referral has earned before. */
  readonly earned: readonly Earned[];
}

/** A reward that is there. `valueMinor`: what it was worth when it was earned, whatever became of it. */
export interface Earned {
  readonly side: 'referrer' | 'referee';
  readonly rule: string;
  readonly occasion: string;
  readonly currency: string;
  readonly valueMinor: bigint;
  /** Whether it was never sent: accrued or available. */
  readonly isUnsent: boolean;
}

/** Everything that a rule earns now and has not earned before, caps of the program aside. In the order in which it happened. */
export function earningsOf(rule: RewardRule, { hold_days }: Pick<ProgramTerms, 'hold_days'>, occasion: Occasion): readonly Earning[] {
  // What a refund that failed had to give anew stands for what was earned before, and counts with it.
  const own = occasion.earned.filter((each) => each.rule === rule.id && each.side === rule.side);
  const before = own.filter((each) => !each.occasion.startsWith('restored:'));
  const known = new Set(before.map((each) => each.occasion));
  const availableAt = new Date(occasion.now.getTime() + hold_days * day);
  const found =
    rule.model === 'percent' || rule.model === 'recurring_percent'
      ? sharesOf(rule, occasion.payments, before, availableAt)
      : fixedOf(rule, occasion, availableAt);
  return found.filter((each) => !known.has(each.occasion));
}

type FixedRule = Exclude<RewardRule, { readonly model: 'percent' | 'recurring_percent' }>;
type PercentRule = Extract<RewardRule, { readonly model: 'percent' | 'recurring_percent' }>;

/** What qualifying alone earns. */
function fixedOf(rule: FixedRule, { now, qualified }: Occasion, availableAt: Date): readonly Earning[] {
  if (qualified === null) return [];
  const once = { ...named(rule), occasion: 'once', bases: qualified.by, availableAt, countedAt: now, isWhole: false };
  switch (rule.model) {
    case 'flat':
      return [{ ...once, ...moneyOf(rule.kind, rule.currency, BigInt(rule.amount_minor)) }];
    case 'tiered': {
      const step = rule.steps.findLast(({ from_referrals }) => from_referrals <= qualified.number);
      return step ? [{ ...once, ...moneyOf(rule.kind, rule.currency, BigInt(step.amount_minor)) }] : [];
    }
    case 'discount':
      return [{ ...once, currency: noCurrency, valueMinor: 0n, promise: { percent_bps: rule.percent_bps, months: rule.months } }];
    case 'unlock':
      return [{ ...once, currency: noCurrency, valueMinor: 0n, promise: { feature_id: rule.feature_id, days: rule.days } }];
    case 'unit_credits':
      return Array.from({ length: rule.periods }, (_, k) => ({
        ...{ ...once, occasion: `month:${k + 1}`, availableAt: monthsLater(availableAt, k), isWhole: true },
        ...{ currency: rule.currency, valueMinor: BigInt(rule.amount_minor) },
        promise: creditsOf(rule.units, rule.unit, rule.expires_days),
      }));
  }
}

/** A share of each of the first payments in the rule's currency: of one, of several, or of all. */
function sharesOf(rule: PercentRule, payments: readonly PaidInvoice[], before: readonly Earned[], availableAt: Date): readonly Earning[] {
  const known = new Set(before.map(({ occasion }) => occasion));
  const most = rule.model === 'percent' ? 1 : (rule.periods ?? Number.POSITIVE_INFINITY);
  const counted = inOrder(payments).filter(
    (payment) =>
      payment.collectedMinor > 0n &&
      (rule.currency === null || payment.currency === rule.currency) &&
      // One that earned before keeps its place, whatever was given back of it since.
      (known.has(payment.invoiceId) || !isGivenBack(payment)),
  );
  let left = atLeastZero(BigInt(rule.cap_minor ?? 0) - before.reduce((sum, { valueMinor }) => sum + valueMinor, 0n));
  const shares: Earning[] = [];
  for (const payment of counted.slice(0, most)) {
    if (known.has(payment.invoiceId) || before.length + shares.length >= most) continue;
    const share = shareOf(payment.collectedMinor, rule.percent_bps);
    const amount = payable(rule.cap_minor === null ? share : least(share, left), payment.currency);
    if (amount === 0n) continue;
    left -= amount;
    shares.push({
      ...{ ...named(rule), occasion: payment.invoiceId, bases: [payment], availableAt, countedAt: payment.paidAt, isWhole: false },
      ...moneyOf(rule.kind, payment.currency, amount),
    });
  }
  return shares;
}

/** Hundredths of a percent of an amount, rounded down to the currency's smallest unit. */
export function shareOf(amountMinor: bigint, percentBps: number): bigint {
  return (amountMinor * BigInt(percentBps)) / 10_000n;
}

/**
 * What of an amount can be paid exactly: rounded down to what Stripe moves of the currency (the last digit of three must be zero). Nothing
 * of a currency that Stripe counts in another unit, or that nobody knows.
 */
export function payable(amountMinor: bigint, currency: string): bigint {
  if (minorUnitDigits(currency) === undefined || settlementProblem(0, currency) === 'unit_differs') return 0n;
  return minorUnitDigits(currency) === 3 ? amountMinor - (amountMinor % 10n) : amountMinor;
}

/** Credits are promised: no money moves until they are used. */
function moneyOf(kind: RewardRule['kind'], currency: string, valueMinor: bigint): Pick<Earning, 'currency' | 'valueMinor' | 'promise'> {
  return { currency, valueMinor, promise: kind === 'stripe_credit_grant' ? creditsOf(null, null, null) : null };
}

const creditsOf = (units: number | null, unit: string | null, expires_days: number | null) => ({ units, unit, expires_days });

const named = ({ id, side, kind }: RewardRule) => ({ rule: id, side, kind });

/** The same day and time of a later month (UTC), or that month's last day. */
export function monthsLater(at: Date, months: number): Date {
  const [year, month] = [at.getUTCFullYear(), at.getUTCMonth() + months];
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return new Date(Date.UTC(year, month, Math.min(at.getUTCDate(), lastDay)) + (at.getTime() % day));
}

const day = 86_400_000;
