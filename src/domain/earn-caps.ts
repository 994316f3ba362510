import { type Earning, earningsOf, type Occasion, payable } from './earn-amounts.ts';
import { atLeastZero, least } from './money.ts';
import type { ProgramTerms } from './program.ts';

/** How much of a cap is used, as its counter says. */
export interface CapUse {
  readonly name: string;
  readonly subject: string;
  readonly value: bigint;
}

/** As queries answer it: amounts in JSON are text. */
export function readCapUse(
  stored: readonly { readonly name: string; readonly subject: string; readonly value: string }[],
): readonly CapUse[] {
  return stored.map(({ name, subject, value }) => ({ name, subject, value: BigInt(value) }));
}

/** For whom caps are counted: the referral, and whoever earns, by side. */
export interface CapSubjects {
  readonly referralId: string;
  readonly referrer: string;
  readonly referee: string;
}

/** An earning, cut to what its caps leave, and what it uses of them. */
export interface CappedEarning extends Earning {
  readonly counters: readonly { readonly name: string; readonly subject: string; readonly by: number; readonly limit: number }[];
}

/** What every rule of the terms earns on an occasion, within the caps. Rules take their turn in the order of the terms. */
export function earnedNow(
  terms: Pick<ProgramTerms, 'program_id' | 'reward' | 'hold_days'>,
  occasion: Occasion,
  subjects: CapSubjects,
  capUse: readonly CapUse[],
): readonly CappedEarning[] {
  const earnings = terms.reward.rules.flatMap((rule) => earningsOf(rule, terms, occasion));
  return withinCaps(earnings, terms, subjects, capUse);
}

/** How much of each cap is used once these are earned. */
export function usedBy(earnings: readonly CappedEarning[], capUse: readonly CapUse[]): readonly CapUse[] {
  const used = new Map(capUse.map((use) => [`${use.name} ${use.subject}`, use]));
  for (const { name, subject, by } of earnings.flatMap(({ counters }) => counters)) {
    const before = used.get(`${name} ${subject}`)?.value ?? 0n;
    used.set(`${name} ${subject}`, { name, subject, value: before + BigInt(by) });
  }
  return [...used.values()];
}

/**
 * Each earning cut to what the caps of the terms leave, in their order; those of which nothing is left are left out. A cap counts the
 * worth of everything that is earned in its currency, credits included, on both sides; an organization's own cap is that of whoever
 * earns. It is a counter that the commit may not push over its limit, so that parallel decisions cannot exceed it together; what was seen
 * here is advice. What is reversed later is not given back to a cap: a span's cap says how much is earned in it.
 */
export function withinCaps(
  earnings: readonly Earning[],
  terms: Pick<ProgramTerms, 'program_id' | 'reward'>,
  subjects: CapSubjects,
  capUse: readonly CapUse[],
): readonly CappedEarning[] {
  const used = new Map(capUse.map(({ name, subject, value }) => [`${name} ${subject}`, value]));
  const usedOf = (cap: Cap) => used.get(`${cap.name} ${cap.subject}`) ?? 0n;
  return earnings.flatMap((earning) => {
    if (earning.valueMinor === 0n) return [{ ...earning, counters: [] }];
    const caps = capsOf(earning, terms, subjects);
    const room = caps.map((cap) => atLeastZero(cap.limit - usedOf(cap))).reduce(least, earning.valueMinor);
    const valueMinor = payable(room, earning.currency);
    if (valueMinor === 0n || (earning.isWhole && valueMinor < earning.valueMinor)) return [];
    for (const cap of caps) used.set(`${cap.name} ${cap.subject}`, usedOf(cap) + valueMinor);
    const counters = caps.map(({ name, subject, limit }) => ({ name, subject, by: Number(valueMinor), limit: Number(limit) }));
    return [{ ...earning, valueMinor, counters }];
  });
}

type Cap = Pick<CapUse, 'name' | 'subject'> & { readonly limit: bigint };

/** The counters that stand for the caps of the terms in the earning's currency, for the calendar span (UTC) that it counts in. */
function capsOf(
  { currency, countedAt, side }: Earning,
  terms: Pick<ProgramTerms, 'program_id' | 'reward'>,
  subjects: CapSubjects,
): readonly Cap[] {
  const spans = spansOf(countedAt);
  const subjectOf = { referral: subjects.referralId, organization: subjects[side], program: terms.program_id };
  return terms.reward.caps
    .filter((cap) => cap.currency === currency)
    .map((cap) => ({
      name: `rewards.${cap.per}.${currency}.${spans[cap.period]}`,
      subject: subjectOf[cap.per],
      limit: BigInt(cap.amount_minor),
    }));
}

/** The names of the calendar spans in UTC whose caps may bind at a time. */
export const spansAt = (at: Date): readonly string[] => Object.values(spansOf(at));

function spansOf(at: Date) {
  return { month: at.toISOString().slice(0, 7), year: at.toISOString().slice(0, 4), all_time: 'ever' };
}
