import { type CastAgent, type CurrencyCode, castAgents, castOrganizations } from './cast.ts';
import type { Dice } from './dice.ts';
import { days } from './eras.ts';
import type { Company } from './names.ts';

export type Fate = 'signs_up' | 'pays' | 'existing' | 'waits';

/** A referral of the plan: who brings whom on which day, and what becomes of it. */
export interface Planned {
  readonly agent: CastAgent;
  readonly company: Company;
  readonly day: number;
  readonly fate: Fate;
  /** The day of what becomes of it; null for what only waits. */
  readonly turns: number | null;
  readonly currency: CurrencyCode;
}

interface Share {
  readonly fate: Fate;
  readonly count: number;
  /** The days on which it is brought: first and last. */
  readonly days: readonly [number, number];
  readonly currency?: CurrencyCode;
}

/** How many referrals end how. What waits in the first two eras expires after 45 days. */
const shares: readonly Share[] = [
  { fate: 'signs_up', count: 30, days: [1, 32] },
  { fate: 'existing', count: 8, days: [2, 38] },
  { fate: 'waits', count: 34, days: [1, 39] },
  { fate: 'pays', count: 20, days: [40, 79], currency: 'usd' },
  { fate: 'pays', count: 15, days: [41, 79], currency: 'eur' },
  { fate: 'pays', count: 11, days: [41, 79], currency: 'jpy' },
  { fate: 'existing', count: 10, days: [40, 84] },
  { fate: 'waits', count: 48, days: [40, 71] },
  { fate: 'waits', count: 26, days: [77, 84] },
  { fate: 'pays', count: 26, days: [85, 113], currency: 'usd' },
  { fate: 'existing', count: 8, days: [86, 116] },
  { fate: 'waits', count: 128, days: [85, days - 1] },
];

/** Everything but the farm and what two organizations claim. `weekdayOf`: 0 is Sunday. */
export function plannedReferrals(dice: Dice, company: (currency: CurrencyCode) => Company, weekdayOf: WeekdayOf): readonly Planned[] {
  return shares.flatMap((share) => Array.from({ length: share.count }, () => planned(share, dice, company, weekdayOf)));
}

export type WeekdayOf = (day: number) => number;

function planned(share: Share, dice: Dice, company: (currency: CurrencyCode) => Company, weekdayOf: WeekdayOf): Planned {
  const { fate } = share;
  const [first, last] = share.days;
  const wanted = dice.weighted(range(first, last), (day) => busyness(day, weekdayOf));
  const agent = dice.weighted(castAgents, (one) => chance(one, share, wanted));
  const day = sentOn(agent, wanted, share, weekdayOf);
  const currency = currencyOf(agent);
  const turns = { signs_up: [2, 6], pays: [2, 6], existing: [1, 3], waits: null }[fate];
  const turned = turns && Math.min(days - 1, atWork(day + dice.between(turns[0] ?? 1, turns[1] ?? 1), weekdayOf));
  return { agent, company: company(currency), day, fate, turns: turned, currency };
}

/** Growth over the whole time, and quiet weekends. */
function busyness(day: number, weekdayOf: WeekdayOf): number {
  return (0.6 + (1.4 * day) / days) * (isWeekend(weekdayOf(day)) ? 0.12 : 1);
}

function chance(agent: CastAgent, { fate, currency, days: [first] }: Share, day: number): number {
  const joined = Math.max(agent.joins, first - 1) <= day && agent.joins < day;
  if (!joined || (currency !== undefined && currency !== currencyOf(agent))) return 0;
  return fate === 'pays' || fate === 'signs_up' ? agent.volume * agent.skill : agent.volume;
}

/** The next day on which the agent sends, or the one before where that is too late. */
function sentOn({ sendsOn, joins }: CastAgent, wanted: number, { days: [first, last] }: Share, weekdayOf: WeekdayOf): number {
  if (sendsOn === undefined) return wanted;
  const isOne = (day: number) => day > joins && sendsOn.includes(weekdayOf(day));
  return range(wanted, last).find(isOne) ?? range(first, wanted).findLast(isOne) ?? wanted;
}

/** That day, or the Monday after it. */
export function atWork(day: number, weekdayOf: WeekdayOf): number {
  return range(day, day + 2).find((one) => !isWeekend(weekdayOf(one))) ?? day;
}

export const currencyOf = ({ domain }: CastAgent): CurrencyCode =>
  castOrganizations.find((organization) => organization.domain === domain)?.currency ?? 'usd';

const isWeekend = (weekday: number): boolean => weekday === 0 || weekday === 6;

export const range = (first: number, last: number): readonly number[] =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, n) => first + n);
