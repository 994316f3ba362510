import { emptyRoot } from '../merkle.ts';
import type { Hashing } from './primitives.ts';

/**
 * A tree of RFC 9162 §2.1.1 that takes its leaves one by one and keeps one hash for each level. Written apart from
 * `src/domain/merkle.ts`, so that the verifier does not repeat a mistake of the sealer.
 */
export class IncrementalTree {
  /** The complete subtrees so far, by level. */
  readonly #levels: string[] = [];
  #size = 0;
  readonly #hashing: Hashing;

  constructor(hashing: Hashing) {
    this.#hashing = hashing;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds a leaf hash (64 hex digits). */
  add(leaf: string): void {
    let carried = leaf;
    let level = 0;
    for (let rest = this.#size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
      carried = this.#hashing.interior(this.#levels[level] ?? '', carried);
      level++;
    }
    this.#levels[level] = carried;
    this.#size++;
  }

  /** Root over all leaves so far. */
  root(): string {
    let right: string | undefined;
    for (let [level, rest] = [0, this.#size]; rest > 0; level++, rest = Math.floor(rest / 2)) {
      const left = this.#levels[level] ?? '';
      if (rest % 2 === 1) right = right === undefined ? left : this.#hashing.interior(left, right);
    }
    return right ?? emptyRoot;
  }

  /** Empties the tree. */
  clear(): void {
    this.#size = 0;
  }
}
