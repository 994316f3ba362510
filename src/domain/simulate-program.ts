import { type Earned, earningsOf, monthsLater, type Occasion } from './earn-amounts.ts';
import { type CappedEarning, type CapUse, earnedNow, usedBy } from './earn-caps.ts';
import { takenBackMinor } from './given-back.ts';
import type { ProgramTerms } from './program.ts';
import { isGivenBack, type PaidInvoice, qualifyingPayments } from './qualification.ts';

/** What is supposed to happen. Chances from 0 to 1; amounts in the currency's smallest unit, net of tax. */
export interface Scenario {
  readonly months: number;
  readonly referralsPerMonth: number;
  readonly organizations: number;
  readonly invoiceMinor: number;
  readonly currency: string;
  /** That a customer stops paying, each month. */
  readonly churn: number;
  /** That a payment is given back whole in the month after. */
  readonly refunds: number;
  readonly seed: number;
}

/** What one month comes to. Amounts are worth in the scenario's currency; `promises`: discounts and unlocks, whose worth nobody knows. */
export interface SimulatedMonth {
  readonly month: number;
  readonly paying: number;
  readonly qualified: number;
  readonly accruedMinor: bigint;
  readonly promises: number;
  readonly releasedMinor: bigint;
  readonly reversedMinor: bigint;
  /** What caps have cut off. */
  readonly cutMinor: bigint;
}

interface Customer {
  readonly id: string;
  readonly organization: string;
  isPaying: boolean;
  /** The payment that it qualified by. */
  from: Date | null;
  payments: PaidInvoice[];
  rewards: SimulatedReward[];
  /** Occasions that were looked at, so that what a cap cuts off is counted once. */
  readonly seen: Set<string>;
}

interface SimulatedReward extends CappedEarning {
  reversedMinor: bigint;
  isReleased: boolean;
}

/**
 * Plays a program month by month by the functions that rewards are made by. The same scenario comes to the same figures. Conditions other
 * than payment are taken to hold with the first payment; everybody is evidenced, and nobody disputes.
 */
export function simulateProgram(terms: ProgramTerms, scenario: Scenario, start: Date): readonly SimulatedMonth[] {
  const chance = randomFrom(scenario.seed);
  const qualifiedOf = new Map<string, number>();
  const customers: Customer[] = [];
  let capUse: readonly CapUse[] = [];
  return Array.from({ length: scenario.months }, (_, month) => {
    const now = monthsLater(start, month);
    for (const customer of customers) customer.isPaying &&= chance() >= scenario.churn;
    let reversedMinor = 0n;
    for (const customer of customers) reversedMinor += giveBack(customer, scenario, chance);
    customers.push(...newcomers(month, customers.length, scenario));
    const total = { qualified: 0, accruedMinor: 0n, promises: 0, cutMinor: 0n };
    for (const customer of customers) {
      if (customer.isPaying) customer.payments.push(paymentOf(customer, scenario, now));
      const occasion = occasionOf(terms, customer, qualifiedOf, now);
      if (occasion === null) continue;
      if (occasion.qualified) total.qualified += 1;
      const subjects = { referralId: customer.id, referrer: customer.organization, referee: `${customer.id}:referee` };
      const earned = earnedNow(terms, occasion, subjects, capUse);
      capUse = usedBy(earned, capUse);
      const inCurrency = earned.filter(({ currency }) => currency === scenario.currency);
      total.accruedMinor += sumOf(inCurrency);
      total.promises += earned.filter(({ valueMinor }) => valueMinor === 0n).length;
      total.cutMinor += wantedOf(terms, customer, occasion, scenario.currency) - sumOf(inCurrency);
      customer.rewards.push(...earned.map((each) => ({ ...each, reversedMinor: 0n, isReleased: false })));
    }
    const paying = customers.filter(({ isPaying }) => isPaying).length;
    return { month: month + 1, paying, ...total, releasedMinor: release(customers, scenario.currency, now), reversedMinor };
  });
}

const sumOf = (all: readonly { readonly valueMinor: bigint }[]): bigint => all.reduce((sum, { valueMinor }) => sum + valueMinor, 0n);

function newcomers(month: number, before: number, { referralsPerMonth, organizations }: Scenario): readonly Customer[] {
  return Array.from({ length: referralsPerMonth }, (_, n) => ({
    ...{ id: `referral:${month}:${n}`, organization: `organization:${(before + n) % organizations}`, isPaying: true, from: null },
    ...{ payments: [], rewards: [], seen: new Set<string>() },
  }));
}

function paymentOf({ id, payments }: Customer, { invoiceMinor, currency }: Scenario, paidAt: Date): PaidInvoice {
  const amount = BigInt(invoiceMinor);
  return {
    ...{ invoiceId: `${id}:${payments.length + 1}`, currency, paidAt },
    ...{ collectedMinor: amount, paidMinor: amount, givenBackMinor: 0n },
  };
}

/** Gives the last payment back whole, perhaps: what was earned by it is reversed. */
function giveBack(customer: Customer, { refunds, currency }: Scenario, chance: () => number): bigint {
  const last = customer.payments.at(-1);
  if (!last || isGivenBack(last) || chance() >= refunds) return 0n;
  customer.payments[customer.payments.length - 1] = { ...last, givenBackMinor: last.paidMinor };
  const returned = new Set(customer.payments.filter(isGivenBack).map(({ invoiceId }) => invoiceId));
  let reversed = 0n;
  for (const reward of customer.rewards) {
    if (reward.currency !== currency || reward.bases.length === 0) continue;
    const lost = takenBackMinor(
      reward.valueMinor,
      reward.currency,
      reward.bases.map((base) => baseOf(base, returned.has(base.invoiceId))),
    );
    reversed += lost - reward.reversedMinor;
    reward.reversedMinor = lost;
  }
  return reversed;
}

const baseOf = (base: PaidInvoice, isReturned: boolean) => ({
  ...{ invoiceId: base.invoiceId, baseMinor: base.collectedMinor, paidMinor: base.paidMinor, currency: base.currency },
  ...{ status: isReturned ? ('void' as const) : ('paid' as const), givenBack: [] },
});

/** Null: the customer has not qualified anybody yet. */
function occasionOf(terms: ProgramTerms, customer: Customer, qualifiedOf: Map<string, number>, now: Date): Occasion | null {
  const earned = customer.rewards.map((each): Earned => ({ ...each, isUnsent: !each.isReleased }));
  const since = (from: Date) => customer.payments.filter(({ paidAt }) => paidAt >= from);
  if (customer.from !== null) return { now, qualified: null, earned, payments: since(customer.from) };
  const by = qualifyingPayments(terms, customer.payments);
  const needsPayment = terms.qualification.filter(({ kind }) => kind === 'invoice_paid');
  const at = needsPayment.length === 0 ? customer.payments[0]?.paidAt : lastOf(terms, needsPayment, customer.payments);
  if (at === undefined) return null;
  customer.from = at;
  const number = (qualifiedOf.get(customer.organization) ?? 0) + 1;
  qualifiedOf.set(customer.organization, number);
  return { now, qualified: { number, by }, earned, payments: since(at) };
}

/** When the last of these conditions came to hold; undefined: one does not. */
function lastOf(terms: ProgramTerms, conditions: ProgramTerms['qualification'], payments: readonly PaidInvoice[]): Date | undefined {
  const held = conditions.map((condition) => qualifyingPayments({ ...terms, qualification: [condition] }, payments).at(-1)?.paidAt);
  const times = held.flatMap((at) => at?.getTime() ?? []);
  return times.length < held.length ? undefined : new Date(Math.max(...times));
}

/** What the rules alone would have earned on occasions that are new. */
function wantedOf(terms: ProgramTerms, { seen }: Customer, occasion: Occasion, currency: string): bigint {
  let wanted = 0n;
  for (const each of terms.reward.rules.flatMap((rule) => earningsOf(rule, terms, occasion))) {
    const key = `${each.rule} ${each.side} ${each.occasion}`;
    if (seen.has(key)) continue;
    seen.add(key);
    if (each.currency === currency) wanted += each.valueMinor;
  }
  return wanted;
}

function release(customers: readonly Customer[], currency: string, now: Date): bigint {
  let released = 0n;
  for (const reward of customers.flatMap(({ rewards }) => rewards)) {
    if (reward.isReleased || reward.availableAt > now) continue;
    reward.isReleased = true;
    if (reward.currency === currency) released += reward.valueMinor - reward.reversedMinor;
  }
  return released;
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32): for scenarios, never for secrets. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
