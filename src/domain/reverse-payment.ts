import { type GivenBack, isAllGivenBack, type PaidBase, takenBackMinor } from './given-back.ts';
import { least } from './money.ts';
import { invariant } from './result.ts';
import { isPromise, type Source } from './reward.ts';
import type { RewardState } from './reward-state.ts';

/** Something that was taken from a reward, or given back to it. */
export interface Taking {
  /** The refund, credit note, dispute or invoice that it was for; null: a person's own decision. */
  readonly source: string | null;
  readonly cumulativeMinor: bigint | null;
  /** Below zero where it was given back. */
  readonly takenMinor: bigint;
}

/** A reward as it stands, with what was taken from it so far, oldest first. */
export interface Earned {
  readonly rewardId: string;
  readonly status: RewardState;
  readonly seq: number;
  readonly accruedMinor: bigint;
  readonly reversedMinor: bigint;
  /** Where it stood before it was reversed whole; null where it is not. */
  readonly before: RewardState | null;
  readonly takings: readonly Taking[];
}

/** A reward that payments earned, and what was earned anew in its place since, oldest first. They stand and fall together. */
export interface RewardFamily {
  readonly first: Earned;
  readonly anew: readonly Earned[];
  /** Theirs. Payments may be in another one. */
  readonly currency: string;
  readonly bases: readonly PaidBase[];
}

/**
 * What is to be done next about one reward of a family. `reduce` and `restore` name what of it is reversed in all afterwards; `renew`
 * promises again what was withdrawn; `wait`: a promise that is on its way has to arrive before it can be withdrawn.
 */
export type ReversalStep =
  | { readonly kind: 'reduce'; readonly reward: Earned; readonly totalMinor: bigint; readonly source: Source }
  | { readonly kind: 'restore'; readonly reward: Earned; readonly totalMinor: bigint; readonly source: Source }
  | { readonly kind: 'withdraw' | 'renew'; readonly reward: Earned; readonly source: Source }
  | { readonly kind: 'wait' };

/**
 * Holds what a family of rewards stands at against what its payments are still worth, and says the next step between the two; null: there
 * is none. Steps are taken one at a time, each from a fresh look, until there is none.
 */
export function nextReversalStep(family: RewardFamily): ReversalStep | null {
  return isPromise(family.first) ? promiseStep(family) : moneyStep(family);
}

function moneyStep(family: RewardFamily): ReversalStep | null {
  const { first, currency, bases } = family;
  const lost = takenByPeople(family) + takenBackMinor(first.accruedMinor, currency, bases);
  const wanted = first.accruedMinor - least(first.accruedMinor, lost);
  const standing = membersOf(family).reduce((sum, one) => sum + one.accruedMinor - one.reversedMinor, 0n);
  // What came last goes first, and comes back first.
  const newestFirst = membersOf(family).toReversed();
  if (standing > wanted) {
    const reward = newestFirst.find((one) => !isOver(one) && one.accruedMinor > one.reversedMinor);
    if (!reward) return null;
    const totalMinor = reward.reversedMinor + least(standing - wanted, reward.accruedMinor - reward.reversedMinor);
    return { kind: 'reduce', reward, totalMinor, source: sourceOf(family, reward, 'effective', totalMinor) };
  }
  const reward = newestFirst.find(({ status, reversedMinor }) => status !== 'expired' && reversedMinor > 0n);
  if (standing === wanted || !reward) return null;
  const totalMinor = reward.reversedMinor - least(wanted - standing, reward.reversedMinor);
  return { kind: 'restore', reward, totalMinor, source: sourceOf(family, reward, 'void', totalMinor) };
}

function promiseStep(family: RewardFamily): ReversalStep | null {
  const newest = family.anew.at(-1) ?? family.first;
  const isGone = isAllGivenBack(family.bases);
  if (isGone && newest.status === 'fulfilling') return { kind: 'wait' };
  if (isGone && !isOver(newest)) return { kind: 'withdraw', reward: newest, source: sourceOf(family, newest, 'effective', 0n) };
  const last = newest.takings.at(-1);
  const isOurs = last !== undefined && sourceIdsOf(family).has(originOf(last.source));
  if (isGone || newest.status !== 'reversed' || !isOurs) return null;
  return { kind: 'renew', reward: newest, source: sourceOf(family, newest, 'void', 0n) };
}

/** What is earned anew in the place of a reward says so; the number keeps it apart from what was before. */
export const anewOccasion = (firstId: string, number: number): string => `restored:${firstId}:${number}`;

/** Why a reward is taken back, as the ledger says it. */
export function reasonOf({ bases }: RewardFamily, source: Source): string {
  const found = allGivenBack(bases).find(({ sourceId }) => sourceId === originOf(source.id));
  return found ? reasons[found.kind] : 'payment.voided';
}

const reasons = { refund: 'payment.refunded', credit_note: 'payment.credited', dispute: 'payment_dispute.lost' } as const;

/**
 * What people took by themselves stays taken, whatever becomes of the payments. Taken whole, nothing of it comes back by a refund that
 * fails either.
 */
function takenByPeople(family: RewardFamily): bigint {
  const sources = sourceIdsOf(family);
  const ofOne = (one: Earned): bigint => {
    let [running, byPeople] = [0n, 0n];
    for (const { source, takenMinor } of one.takings) {
      running += takenMinor;
      // An entry that moves nothing only says that it is over.
      if (takenMinor === 0n || sources.has(originOf(source))) continue;
      byPeople += takenMinor;
      if (running === one.accruedMinor && family.anew.length === 0) byPeople = running;
    }
    return byPeople;
  };
  return membersOf(family).reduce((sum, one) => sum + ofOne(one), 0n);
}

/**
 * The refund, credit note, dispute or invoice that a step is entered under: one that nothing was entered under yet, the newest. Once it
 * was used for the same amount (taken, given back, taken again) it gets a number.
 */
function sourceOf({ bases }: RewardFamily, reward: Earned, state: GivenBack['state'], cumulativeMinor: bigint): Source {
  const used = new Set(reward.takings.map(({ source }) => originOf(source)));
  // What is taken back comes from something new; what is given back, from something that took.
  const isLikely = ({ sourceId }: GivenBack): boolean => used.has(sourceId) === (state === 'void');
  const found = allGivenBack(bases).filter((one) => one.state === state);
  const newest = found.sort((a, b) => Number(isLikely(b)) - Number(isLikely(a)) || b.at.getTime() - a.at.getTime())[0];
  const voided = bases.find(({ status }) => status !== 'paid') ?? bases[0];
  invariant(voided, 'a reward is earned by something');
  const id = newest && bases.every(({ status }) => status === 'paid') ? newest.sourceId : voided.invoiceId;
  const times = reward.takings.filter((one) => originOf(one.source) === id && one.cumulativeMinor === cumulativeMinor).length;
  return { id: times === 0 ? id : `${id}#${times + 1}`, cumulativeMinor };
}

const membersOf = ({ first, anew }: RewardFamily): readonly Earned[] => [first, ...anew];
const isOver = ({ status }: Earned): boolean => status === 'expired' || status === 'reversed';
const allGivenBack = (bases: readonly PaidBase[]): GivenBack[] => bases.flatMap(({ givenBack }) => givenBack);
const originOf = (source: string | null): string => source?.split('#')[0] ?? '';

function sourceIdsOf({ bases }: RewardFamily): ReadonlySet<string> {
  return new Set([...bases.map(({ invoiceId }) => invoiceId), ...allGivenBack(bases).map(({ sourceId }) => sourceId)]);
}
