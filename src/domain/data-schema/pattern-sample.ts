import { type CharSet, contains, rangesOf } from './char-set.ts';
import { matchesPattern, type Pattern, type Work } from './pattern.ts';
import type { PatternNode } from './pattern-parse.ts';
import type { Random } from './random.ts';

/** Inclusive, in code points. */
export interface LengthRange {
  readonly min: number;
  readonly max: number;
}

/**
 * Make a string that contains a match of the pattern and has a length in the range. Searches by making and checking, so it may miss one
 * that exists: then, or when `work` runs out, `undefined`. Never returns a string that does not match.
 */
export function samplePattern(pattern: Pattern, range: LengthRange, random: Random, work: Work): string | undefined {
  const least = leastLength(pattern.root);
  if (least > range.max) return undefined;
  for (let attempt = 0; attempt < 10 && work.steps > 0; attempt += 1) {
    const generous = Math.min(range.max, Math.max(range.min, least + 8));
    const target =
      attempt % 3 === 2 ? Math.max(range.min, least) : Math.max(range.min, least + random.below(Math.max(1, generous - least + 1)));
    const writer: Writer = { random, extra: Math.min(target, range.max) - least, fill: attempt % 3 !== 0, pieces: [], work };
    if (!write(pattern.root, writer)) continue;
    const made = writer.pieces.join('');
    for (const candidate of padded(made, range.min)) {
      const length = [...candidate].length;
      if (length >= range.min && length <= range.max && matchesPattern(pattern, candidate, work) === true) return candidate;
    }
  }
  return undefined;
}

interface Writer {
  readonly random: Random;
  /** Code points that may still be written beyond the least. */
  extra: number;
  /** Let the first repeat that can take all of `extra`. */
  readonly fill: boolean;
  readonly pieces: string[];
  readonly work: Work;
}

/** False when the node can match nothing at all (an empty class), or when the work is used up. */
function write(node: PatternNode, writer: Writer): boolean {
  writer.work.steps -= node.kind === 'choice' ? node.options.length : 1;
  if (writer.work.steps <= 0) return false;
  if (node.kind === 'assert') return true;
  if (node.kind === 'sequence') return node.parts.every((part) => write(part, writer));
  if (node.kind === 'set') {
    const character = pickCharacter(node.set, writer.random);
    if (character !== undefined) writer.pieces.push(character);
    return character !== undefined;
  }
  if (node.kind === 'choice') {
    const least = leastLength(node);
    const affordable = node.options.filter((option) => leastLength(option) - least <= writer.extra);
    const option = affordable[writer.random.below(affordable.length)];
    if (option === undefined) return false;
    writer.extra -= leastLength(option) - least;
    return write(option, writer);
  }
  const each = leastLength(node.of);
  const spare = Math.max(0, Math.min(node.max - node.min, Math.floor(writer.extra / Math.max(1, each))));
  const more = writer.fill ? spare : writer.random.below(spare + 1);
  writer.extra -= more * Math.max(1, each);
  for (let count = 0; count < node.min + more; count += 1) if (!write(node.of, writer)) return node.min === 0 && count === 0;
  return true;
}

function leastLength(node: PatternNode): number {
  const known = leastLengths.get(node) ?? sumLeastLength(node);
  leastLengths.set(node, known);
  return known;
}

const leastLengths = new WeakMap<PatternNode, number>();

function sumLeastLength(node: PatternNode): number {
  if (node.kind === 'set') return 1;
  if (node.kind === 'assert') return 0;
  if (node.kind === 'sequence') return node.parts.reduce((sum, part) => sum + leastLength(part), 0);
  if (node.kind === 'choice') return Math.min(...node.options.map(leastLength));
  return node.min * leastLength(node.of);
}

/** A search is unanchored, so a match that is too short may stand among other characters. */
function padded(made: string, min: number): string[] {
  const missing = min - [...made].length;
  if (missing <= 0) return [made];
  const [letters, spaces, zeros] = ['a'.repeat(missing), ' '.repeat(missing), '0'.repeat(missing)];
  return [`${made}${letters}`, `${letters}${made}`, `${made}${spaces}`, `${spaces}${made}`, `${made}${zeros}`];
}

function pickCharacter(set: CharSet, random: Random): string | undefined {
  const known = choices.get(set) ?? pleasantCharacters(set);
  choices.set(set, known);
  return known[random.below(Math.max(1, known.length))];
}

const choices = new WeakMap<CharSet, readonly string[]>();

/** The most readable characters of the set; failing those, its first one that can be stored. */
function pleasantCharacters(set: CharSet): string[] {
  for (const pleasant of pleasantSets) {
    const members = pleasant.filter((codePoint) => contains(set, codePoint));
    if (members.length > 0) return members.map((codePoint) => String.fromCodePoint(codePoint));
  }
  for (const [from, to] of rangesOf(set)) {
    const first = from >= 0xd800 && from <= 0xdfff ? 0xe000 : Math.max(1, from);
    if (first <= to) return [String.fromCodePoint(first)];
  }
  return [];
}

const codePointsOf = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const lower = codePointsOf(0x61, 0x7a);
const digit = codePointsOf(0x30, 0x39);
const pleasantSets = [[...lower, ...digit], codePointsOf(0x41, 0x5a), codePointsOf(0x20, 0x7e)];
