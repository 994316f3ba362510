import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { invariant } from './result.ts';

/**
 * Merkle trees of RFC 9162 §2.1: an interior node is SHA-256(0x01 ‖ left ‖ right), an unbalanced tree splits at the largest power of
 * two below its size. Hashes are 64 lower-case hex digits, sizes and indexes are safe integers; no arithmetic here is limited to
 * 32 bits. What checks a proof answers false to anything malformed; what makes one throws, because it reads our own rows.
 */
export type Hash = string;

/** A stored hash: the root of the complete subtree of 2^level leaves that begins at leaf `index · 2^level`. */
export interface TreeNode {
  readonly level: number;
  readonly index: number;
  readonly hash: Hash;
}

/** Finds the hash of a complete subtree. */
export type NodeLookup = (level: number, index: number) => Hash | undefined;

/** Root over leaf hashes in their order (§2.1.1); of no leaves at all, the SHA-256 of nothing. */
export function treeRoot(leaves: readonly Hash[]): Hash {
  return levelsOf(leaves).at(-1)?.[0] ?? emptyRoot;
}

/** Inclusion path of one leaf, from its sibling up (§2.1.3.1). `index` is below the number of leaves. */
export function inclusionPath(leaves: readonly Hash[], index: number): Hash[] {
  invariant(isCount(index) && index < leaves.length, 'a path belongs to a leaf of the tree');
  return levelsOf(leaves).flatMap((level, height) => level[siblingOf(ancestorOf(index, height))] ?? []);
}

/** Whether `path` leads from `leaf` at `index` to `root` in a tree of `size` leaves (§2.1.3.2). */
export function verifyInclusion(leaf: Hash, index: number, size: number, path: readonly Hash[], root: Hash): boolean {
  if (!isCount(index) || !isCount(size) || index >= size || !areHashes([leaf, root, ...path.slice(0, longestPath + 1)])) return false;
  let [node, last, hash] = [index, size - 1, leaf];
  for (const other of path) {
    if (last === 0) return false;
    if (isRight(node) || node === last) {
      hash = interior(other, hash);
      while (!isRight(node) && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      hash = interior(hash, other);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && hash === root;
}

/**
 * Whether `path` proves that the tree of `from` leaves is the beginning of the tree of `to` leaves (§2.1.4.2). Trees of the same size
 * need no path, only the same root; every tree continues the empty one.
 */
export function verifyConsistency(from: number, to: number, path: readonly Hash[], fromRoot: Hash, toRoot: Hash): boolean {
  if (!isCount(from) || !isCount(to) || from > to || !areHashes([fromRoot, toRoot, ...path.slice(0, longestPath + 1)])) return false;
  if (from === to) return path.length === 0 && fromRoot === toRoot;
  if (from === 0) return path.length === 0 && fromRoot === emptyRoot;
  const [first, ...rest] = isPowerOfTwo(from) ? [fromRoot, ...path] : path;
  if (first === undefined) return false;
  let [node, last, fromHash, toHash] = [from - 1, to - 1, first, first];
  while (isRight(node)) [node, last] = [half(node), half(last)];
  for (const other of rest) {
    if (last === 0) return false;
    if (isRight(node) || node === last) {
      fromHash = interior(other, fromHash);
      toHash = interior(other, toHash);
      while (!isRight(node) && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      toHash = interior(toHash, other);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && fromHash === fromRoot && toHash === toRoot;
}

/**
 * Adds one leaf to a tree of `size` leaves of which only complete subtrees are kept. `frontier`: the roots of the complete subtrees
 * that make up the tree, biggest first, one for each set bit of `size` (see {@link frontierNodes}). Answers every subtree that the
 * leaf completes, itself at level 0 included, with the frontier and the root of the tree of `size + 1`.
 */
export function appendNodes(
  size: number,
  newLeafHash: Hash,
  frontier: readonly Hash[],
): { readonly nodes: readonly TreeNode[]; readonly frontier: readonly Hash[]; readonly root: Hash } {
  invariant(isCount(size + 1) && frontierNodes(size).length === frontier.length, 'a frontier has one hash for each set bit of the size');
  const nodes = [{ level: 0, index: size, hash: newLeafHash }];
  const kept = [...frontier];
  let [index, hash] = [size, newLeafHash];
  while (isRight(index)) {
    hash = interior(kept.pop() ?? '', hash);
    index = half(index);
    nodes.push({ level: nodes.length, index, hash });
  }
  kept.push(hash);
  return { nodes, frontier: kept, root: frontierRoot(kept) };
}

/** Root of the tree that these complete subtrees make up, biggest first; of none, the root of the empty tree. */
export function frontierRoot(frontier: readonly Hash[]): Hash {
  return frontier.length === 0 ? emptyRoot : frontier.reduceRight((right, left) => interior(left, right));
}

/** Where the complete subtrees of a tree of `size` leaves are, biggest first: `(k, 2 · ⌊size / 2^(k+1)⌋)` for every set bit k of `size`. */
export function frontierNodes(size: number): { readonly level: number; readonly index: number }[] {
  const places: { level: number; index: number }[] = [];
  for (let level = 0, rest = size; rest > 0; level++, rest = half(rest)) if (isRight(rest)) places.unshift({ level, index: rest - 1 });
  return places;
}

/**
 * Inclusion path of leaf `index` in the tree of `size` leaves (§2.1.3.1), read from stored subtrees. Looks up only these: the siblings
 * `(k, ⌊index / 2^k⌋ xor 1)` and {@link frontierNodes} of `size`; what the tree of `size` does not hold is never asked for. Throws when
 * one of them is missing.
 */
export function inclusionPathFromNodes(index: number, size: number, nodes: NodeLookup): Hash[] {
  invariant(isCount(index) && isCount(size) && index < size, 'a path belongs to a leaf of the tree');
  const path: Hash[] = [];
  for (let [start, end] = [0, size]; end - start > 1; ) {
    const split = start + splitOf(end - start);
    if (index < split) {
      path.unshift(rangeRoot(split, end, nodes));
      end = split;
    } else {
      path.unshift(rangeRoot(start, split, nodes));
      start = split;
    }
  }
  return path;
}

/**
 * Consistency path between the trees of `from` and of `to` leaves, 0 < from ≤ to (§2.1.4.1), read from stored subtrees. Looks up only
 * these: with i = from − 1, the ancestors `(k, ⌊i / 2^k⌋)` and their siblings `(k, ⌊i / 2^k⌋ xor 1)`, and {@link frontierNodes} of `to`.
 * Throws when one of them is missing.
 */
export function consistencyPathFromNodes(from: number, to: number, nodes: NodeLookup): Hash[] {
  invariant(isCount(from) && isCount(to) && from > 0 && from <= to, 'a tree of at least one leaf grows');
  const path: Hash[] = [];
  let [start, end] = [0, to];
  while (from < end) {
    const split = start + splitOf(end - start);
    if (from <= split) {
      path.unshift(rangeRoot(split, end, nodes));
      end = split;
    } else {
      path.unshift(rangeRoot(start, split, nodes));
      start = split;
    }
  }
  // The verifier has the root of `from` already when its last subtree is all of it.
  return start === 0 ? path : [rangeRoot(start, end, nodes), ...path];
}

/** Whether this is a SHA-256 as it is written here: 64 lower-case hex digits. */
export function isHash(value: unknown): value is Hash {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}

/** SHA-256 of nothing: the root of a tree without leaves. */
export const emptyRoot: Hash = bytesToHex(sha256(new Uint8Array()));

/** A tree of 2^53 leaves is 53 levels high; a consistency path may have one hash more. */
const longestPath = 54;

/** Every level from the leaves to the root. The odd node of a level is its own parent, which gives the tree of §2.1.1. */
function levelsOf(leaves: readonly Hash[]): readonly (readonly Hash[])[] {
  const levels = [leaves];
  for (let level = leaves; level.length > 1; levels.push(level)) level = parentsOf(level);
  return levels;
}

function parentsOf(level: readonly Hash[]): Hash[] {
  const parents: Hash[] = [];
  for (let at = 0; at < level.length; at += 2) {
    const [left = '', right] = [level[at], level[at + 1]];
    parents.push(right === undefined ? left : interior(left, right));
  }
  return parents;
}

/** Root of the leaves [start, end), where `start` is a multiple of the largest power of two in the range. */
function rangeRoot(start: number, end: number, nodes: NodeLookup): Hash {
  return frontierRoot(frontierNodes(end - start).map(({ level, index }) => stored(level, start / 2 ** level + index, nodes)));
}

function stored(level: number, index: number, nodes: NodeLookup): Hash {
  const hash = nodes(level, index);
  invariant(hash !== undefined, 'every complete subtree of a sealed tree is stored');
  return hash;
}

const pair = new Uint8Array(65).fill(1, 0, 1);

function interior(left: Hash, right: Hash): Hash {
  pair.set(hexToBytes(left), 1);
  pair.set(hexToBytes(right), 33);
  return bytesToHex(sha256(pair));
}

/** The largest power of two below `size`, for sizes above one. */
function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
const areHashes = (values: readonly string[]): boolean => values.length <= longestPath + 2 && values.every(isHash);
const isPowerOfTwo = (value: number): boolean => splitOf(value * 2) === value;
const half = (value: number): number => Math.floor(value / 2);
const isRight = (index: number): boolean => index % 2 === 1;
const siblingOf = (index: number): number => (isRight(index) ? index - 1 : index + 1);
const ancestorOf = (index: number, height: number): number => Math.floor(index / 2 ** height);
