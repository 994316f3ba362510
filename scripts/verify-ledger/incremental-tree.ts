import { hash } from 'node:crypto';
import { emptyRoot } from '../../src/domain/merkle.ts';

/**
 * A tree of RFC 9162 §2.1.1 that takes its leaves one by one and keeps one hash for each level. Written apart from
 * `src/domain/merkle.ts`, so that the verifier does not repeat a mistake of the sealer, and over OpenSSL for its speed.
 */
export class IncrementalTree {
  /** The complete subtrees so far, by level. */
  readonly #levels: string[] = [];
  #size = 0;
  readonly #pair = Buffer.alloc(65, 1);

  get size(): number {
    return this.#size;
  }

  /** Adds a leaf hash (64 hex digits). */
  add(leaf: string): void {
    let carried = leaf;
    let level = 0;
    for (let rest = this.#size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
      carried = this.#interior(this.#levels[level] ?? '', carried);
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
      if (rest % 2 === 1) right = right === undefined ? left : this.#interior(left, right);
    }
    return right ?? emptyRoot;
  }

  /** Empties the tree. */
  clear(): void {
    this.#size = 0;
  }

  #interior(left: string, right: string): string {
    this.#pair.write(left, 1, 32, 'hex');
    this.#pair.write(right, 33, 32, 'hex');
    return hash('sha256', this.#pair, 'hex');
  }
}

/** Leaf hash of RFC 9162 §2.1.1 over the UTF-8 of a text, in hex. */
export function leafHashOf(text: string): string {
  return hash('sha256', `\0${text}`, 'hex');
}
