import type { State } from './state.ts';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** A fresh id `{prefix}_{14 characters}`: the same seed and the same calls give the same ids. */
export function freshId(state: State, prefix: string): string {
  state.counter += 1;
  return `${prefix}_${scrambled(state.seed, state.counter, 8)}${state.counter.toString(36).padStart(6, '0')}`;
}

/** A text of `length` letters and digits that depends on nothing but `seed` and `counter`. Not a secret anywhere else. */
export function scrambled(seed: number, counter: number, length: number): string {
  const next = sequence(Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(counter, 0x85ebca6b));
  return Array.from({ length }, () => alphabet[Math.floor(next() * alphabet.length)]).join('');
}

/** A sequence of numbers in [0, 1) (mulberry32). */
export function sequence(seed: number): () => number {
  let current = seed | 0;
  return () => {
    current = (current + 0x6d2b79f5) | 0;
    let mixed = Math.imul(current ^ (current >>> 15), 1 | current);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
