import { invariant } from '../../domain/result.ts';

/** Chance that is the same wherever it is thrown: everything follows from the seed and the order of the throws. */
export interface Dice {
  /** From 0, below 1. */
  fraction(): number;
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
  pick<T>(items: readonly T[]): T;
  /** Proportional to the weights, of which one at least is above zero. */
  weighted<T>(items: readonly T[], weightOf: (item: T) => number): T;
  /** All of them in another order. */
  shuffled<T>(items: readonly T[]): readonly T[];
}

/** Mulberry32: 32 bits of state, enough for a demo and for nothing else. */
export function dice(seed: number): Dice {
  let state = seed >>> 0;
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (least: number, most: number): number => least + Math.floor(fraction() * (most - least + 1));
  const pick = <T>(items: readonly T[]): T => {
    const item = items[between(0, items.length - 1)];
    invariant(item !== undefined, 'something to pick from');
    return item;
  };
  return {
    fraction,
    between,
    pick,
    weighted(items, weightOf) {
      let left = fraction() * items.reduce((sum, item) => sum + weightOf(item), 0);
      const found = items.find((item) => {
        left -= weightOf(item);
        return left < 0;
      });
      const last = items.findLast((item) => weightOf(item) > 0);
      invariant(last !== undefined, 'something that weighs');
      return found ?? last;
    },
    shuffled: (items) =>
      items
        .map((item) => ({ item, place: fraction() }))
        .sort((a, b) => a.place - b.place)
        .map(({ item }) => item),
  };
}
