import { minorUnitDigits } from './currency.ts';
import { least } from './money.ts';
import { invariant } from './result.ts';

/** A refund, credit note or payment dispute of an invoice, as the provider showed it last. Tax included. */
export interface GivenBack {
  readonly sourceId: string;
  readonly kind: 'refund' | 'credit_note' | 'dispute';
  readonly currency: string;
  readonly amountMinor: bigint;
  /** `open`: a dispute that is not decided; `void`: a failed refund, a voided credit note, a won dispute. */
  readonly state: 'open' | 'effective' | 'void';
  readonly at: Date;
}

/** A payment that a reward was earned by: how much of it counted, net of tax, and what was given back of it since. */
export interface PaidBase {
  readonly invoiceId: string;
  readonly baseMinor: bigint;
  /** Cash collected, tax included: what refunds are a part of. */
  readonly paidMinor: bigint;
  readonly currency: string;
  readonly status: 'paid' | 'void' | 'uncollectible';
  readonly givenBack: readonly GivenBack[];
}

/**
 * What of a reward is not earned any more: its part of what was given back of the payments that it was earned by, each in proportion to
 * what was collected of it, rounded down once, at the end. It depends on what stands now and on nothing before, so that any number of
 * partial refunds in any order comes to the same cent. At most `accruedMinor`. In currencies of three digits it is rounded so that what
 * stays ends in zero, for the same reason: Stripe moves nothing else (https://docs.stripe.com/currencies, special cases).
 * @param currency of the reward; its payments may be in another one
 */
export function takenBackMinor(accruedMinor: bigint, currency: string, bases: readonly PaidBase[]): bigint {
  invariant(bases.length > 0 && bases.every(({ baseMinor }) => baseMinor > 0n), 'a reward is earned by something');
  let [numerator, denominator] = [0n, 1n];
  for (const base of bases) {
    const [part, whole] = shareOf(base);
    [numerator, denominator] = reduced(numerator * whole + base.baseMinor * part * denominator, denominator * whole);
  }
  const counted = bases.reduce((sum, { baseMinor }) => sum + baseMinor, 0n);
  const taken = (accruedMinor * numerator) / (denominator * counted);
  return accruedMinor - least(accruedMinor, movable(accruedMinor - taken, currency));
}

/** Rounded up: in favour of whoever earned it, as everything here. */
const movable = (amountMinor: bigint, currency: string): bigint =>
  minorUnitDigits(currency) === 3 ? ((amountMinor + 9n) / 10n) * 10n : amountMinor;

/** Whether nothing is left of any of the payments. */
export function isAllGivenBack(bases: readonly PaidBase[]): boolean {
  return bases.every((base) => {
    const [part, whole] = shareOf(base);
    return part === whole;
  });
}

/** Which part of a payment was given back. */
function shareOf(base: PaidBase): readonly [part: bigint, whole: bigint] {
  const { paidMinor, status } = base;
  if (status !== 'paid') return [1n, 1n];
  return paidMinor > 0n ? [returnedMinor(base), paidMinor] : [0n, 1n];
}

/** Never more than was paid, however many say that they gave it back. In another currency nobody can tell the part: it counts as all. */
function returnedMinor({ paidMinor, currency, givenBack }: PaidBase): bigint {
  const effective = givenBack.filter(({ state, amountMinor }) => state === 'effective' && amountMinor > 0n);
  if (effective.some((one) => one.currency !== currency)) return paidMinor;
  return least(
    paidMinor,
    effective.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
  );
}

/** Smaller numbers for the same fraction: a reward may hang on many payments. */
function reduced(numerator: bigint, denominator: bigint): [bigint, bigint] {
  let [a, b] = [numerator, denominator];
  while (b !== 0n) [a, b] = [b, a % b];
  return a === 0n ? [0n, 1n] : [numerator / a, denominator / a];
}
