import { type CharSet, contains, wordCharacters } from './char-set.ts';
import { dataSchemaLimits as limits } from './limits.ts';
import { type PatternNode, parsePattern } from './pattern-parse.ts';

/** A pattern ready to run. `size` is its number of instructions. */
export interface Pattern {
  readonly root: PatternNode;
  readonly size: number;
  readonly program: readonly Instruction[];
}

/** Steps still allowed; matching takes from it and stops at zero. */
export interface Work {
  steps: number;
}

/** `undefined` when the pattern is outside the subset of `parsePattern` or larger than `patternProgram` instructions. */
export function compilePattern(source: string): Pattern | undefined {
  const root = parsePattern(source);
  if (root === undefined || programSize(root) >= limits.patternProgram) return undefined;
  const program: Instruction[] = [];
  emit(root, program);
  program.push({ op: 'match' });
  return { root, size: program.length, program };
}

/**
 * Does the pattern occur anywhere in the text (JSON Schema Validation §6.3.3: unanchored)? Simulates all paths at once (Thompson 1968):
 * at most text length × program size steps. `undefined` when `work` ran out first.
 */
export function matchesPattern(pattern: Pattern, text: string, work: Work): boolean | undefined {
  const { program } = pattern;
  const codePoints = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  const seenAt = new Int32Array(program.length).fill(-1);
  let current: CharSetThread[] = [];
  for (let position = 0; position <= codePoints.length; position += 1) {
    const starts = [0];
    work.steps -= current.length;
    // Threads that survived the previous character continue here, and a new search may begin at every position.
    for (const thread of current) if (contains(thread.set, codePoints[position - 1] ?? -1)) starts.push(thread.next);
    const following: CharSetThread[] = [];
    if (follow(program, starts, seenAt, position, codePoints, following, work)) return true;
    if (work.steps <= 0) return undefined;
    current = following;
  }
  return false;
}

type Instruction =
  | { readonly op: 'set'; readonly set: CharSet; readonly next: number }
  | { readonly op: 'split'; first: number; second: number }
  | { readonly op: 'jump'; to: number }
  | { readonly op: 'assert'; readonly at: 'start' | 'end' | 'boundary' | 'inside' }
  | { readonly op: 'match' };

interface CharSetThread {
  readonly set: CharSet;
  readonly next: number;
}

/** Run everything that consumes no character, each instruction at most once per position. True when `match` is reached. */
function follow(
  program: readonly Instruction[],
  pending: number[],
  seenAt: Int32Array,
  position: number,
  codePoints: readonly number[],
  threads: CharSetThread[],
  work: Work,
): boolean {
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (seenAt[at] === position) continue;
    seenAt[at] = position;
    work.steps -= 1;
    const instruction = program[at];
    if (instruction === undefined || instruction.op === 'match') return true;
    if (instruction.op === 'set') threads.push(instruction);
    else if (instruction.op === 'jump') pending.push(instruction.to);
    else if (instruction.op === 'split') pending.push(instruction.first, instruction.second);
    else if (holds(instruction.at, position, codePoints)) pending.push(at + 1);
  }
  return false;
}

function holds(assertion: 'start' | 'end' | 'boundary' | 'inside', position: number, codePoints: readonly number[]): boolean {
  if (assertion === 'start') return position === 0;
  if (assertion === 'end') return position === codePoints.length;
  const isWord = (index: number) => contains(wordCharacters, codePoints[index] ?? -1);
  return (isWord(position - 1) !== isWord(position)) === (assertion === 'boundary');
}

/** An upper bound, counted without building anything; every node counts at least one, so that nested empty repeats stay bounded too. */
function programSize(node: PatternNode): number {
  if (node.kind === 'set' || node.kind === 'assert') return 1;
  if (node.kind === 'sequence') return node.parts.reduce((sum, part) => sum + programSize(part), 0) || 1;
  if (node.kind === 'choice') return node.options.reduce((sum, option) => sum + programSize(option) + 2, 0);
  const once = programSize(node.of);
  return Math.max(1, node.min * once + (Number.isFinite(node.max) ? (node.max - node.min) * (once + 1) : once + 2));
}

function emit(node: PatternNode, program: Instruction[]): void {
  if (node.kind === 'set') program.push({ op: 'set', set: node.set, next: program.length + 1 });
  else if (node.kind === 'assert') program.push({ op: 'assert', at: node.at });
  else if (node.kind === 'sequence') for (const part of node.parts) emit(part, program);
  else if (node.kind === 'choice') emitChoice(node.options, program);
  else emitRepeat(node.of, node.min, node.max, program);
}

function emitChoice(options: readonly PatternNode[], program: Instruction[]): void {
  const exits: { op: 'jump'; to: number }[] = [];
  options.forEach((option, index) => {
    if (index === options.length - 1) return emit(option, program);
    const split = { op: 'split' as const, first: program.length + 1, second: 0 };
    const exit = { op: 'jump' as const, to: 0 };
    program.push(split);
    emit(option, program);
    program.push(exit);
    exits.push(exit);
    split.second = program.length;
  });
  for (const exit of exits) exit.to = program.length;
}

function emitRepeat(of: PatternNode, min: number, max: number, program: Instruction[]): void {
  for (let count = 0; count < min; count += 1) emit(of, program);
  if (!Number.isFinite(max)) {
    const split = { op: 'split' as const, first: program.length + 1, second: 0 };
    const again = program.length;
    program.push(split);
    emit(of, program);
    program.push({ op: 'jump', to: again });
    split.second = program.length;
    return;
  }
  const exits: { op: 'split'; first: number; second: number }[] = [];
  for (let count = min; count < max; count += 1) {
    const split = { op: 'split' as const, first: program.length + 1, second: 0 };
    program.push(split);
    exits.push(split);
    emit(of, program);
  }
  for (const exit of exits) exit.second = program.length;
}
