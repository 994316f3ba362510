import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';

/** A stream of repeatable pseudo-random numbers. Not for secrets. */
export interface Random {
  /** An integer in 0 … bound - 1. `bound` is at least 1 and a safe integer. */
  below(bound: number): number;
}

/** A source of streams: one hash of the seed, then a cheap independent stream per (row, field). */
export function seededRandom(seed: string): (row: number, field: number) => Random {
  const digest = sha256(utf8ToBytes(seed));
  const words = new DataView(digest.buffer, digest.byteOffset, digest.byteLength);
  return (row, field) =>
    sfc32(words.getUint32(0), words.getUint32(4) ^ Math.imul(row + 1, 0x9e3779b1), words.getUint32(8) ^ Math.imul(field + 1, 0x85ebca6b));
}

export function pick<T>(random: Random, choices: readonly [T, ...T[]]): T {
  return choices[random.below(choices.length)] ?? choices[0];
}

/** Chris Doty-Humphrey's sfc32 (PractRand): 128 bits of state, one of them a counter. */
function sfc32(first: number, second: number, third: number): Random {
  let [a, b, c, counter] = [first | 0, second | 0, third | 0, 1];
  const next = (): number => {
    const mixed = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + mixed;
    return mixed >>> 0;
  };
  for (let round = 0; round < 15; round += 1) next();
  return { below: (bound) => Math.floor(((next() * 0x200000 + (next() >>> 11)) / 2 ** 53) * bound) };
}
