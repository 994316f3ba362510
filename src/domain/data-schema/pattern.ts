import { type CharSet, contains, rangesOf, wordCharacters } from './char-set.ts';
import { dataSchemaLimits as limits } from './limits.ts';
import { type PatternNode, parsePattern } from './pattern-parse.ts';

/** A pattern ready to run. `size` is its number of instructions. */
export interface Pattern {
  readonly root: PatternNode;
  readonly size: number;
  readonly program: Program;
}

/** Steps still allowed; matching takes from it and stops at zero. */
export interface Work {
  steps: number;
}

/** `undefined` when the pattern is outside the subset of `parsePattern` or larger than `patternProgram` instructions. */
export function compilePattern(source: string): Pattern | undefined {
  const root = parsePattern(source);
  if (root === undefined || programSize(root) >= limits.patternProgram) return undefined;
  const instructions: Instruction[] = [];
  emit(root, instructions);
  instructions.push({ op: 'match' });
  return { root, size: instructions.length, program: pack(instructions) };
}

/**
 * Does the pattern occur anywhere in the text (JSON Schema Validation §6.3.3: unanchored)? Simulates all paths at once (Thompson 1968):
 * at most about twice text length × program size steps. `undefined` when `work` ran out first.
 */
export function matchesPattern(pattern: Pattern, text: string, work: Work): boolean | undefined {
  const { program, size } = pattern;
  const codePoints = Uint32Array.from(text, (character) => character.codePointAt(0) ?? 0);
  const run: Run = {
    codePoints,
    seenAt: new Int32Array(size).fill(-1),
    pending: new Int32Array(2 * size + 2),
    waiting: new Int32Array(size),
    count: 0,
    work,
  };
  let current: Int32Array = new Int32Array(size);
  for (let position = 0; position <= codePoints.length; position += 1) {
    const survivors = run.count;
    [current, run.waiting, run.count] = [run.waiting, current, 0];
    // Threads that accept the previous character go on, and a new search begins at every position.
    const previous = codePoints[position - 1] ?? 0;
    for (let index = 0; index < survivors; index += 1) {
      const at = current[index] ?? 0;
      if (accepts(program, at, previous) && follow(program, at + 1, position, run)) return true;
    }
    if (follow(program, 0, position, run)) return true;
    work.steps -= survivors;
    if (work.steps <= 0) return undefined;
  }
  return false;
}

type Assertion = 'start' | 'end' | 'boundary' | 'inside';

type Instruction =
  | { readonly op: 'set'; readonly set: CharSet }
  | { readonly op: 'split'; first: number; second: number }
  | { readonly op: 'jump'; to: number }
  | { readonly op: 'assert'; readonly at: Assertion }
  | { readonly op: 'match' };

/** Instructions in flat arrays: what the inner loop reads. */
interface Program {
  readonly ops: Uint8Array;
  /** Where a split or jump leads. */
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly sets: readonly (CharSet | undefined)[];
  /** Membership of the first 128 code points, 128 entries an instruction. */
  readonly ascii: Uint8Array;
  readonly assertions: readonly (Assertion | undefined)[];
}

const opCodes = { set: 0, split: 1, jump: 2, assert: 3, match: 4 } as const;

function pack(instructions: readonly Instruction[]): Program {
  const ascii = new Uint8Array(instructions.length * 128);
  instructions.forEach((instruction, at) => {
    if (instruction.op !== 'set') return;
    for (const [from, to] of rangesOf(instruction.set)) {
      if (from < 128) ascii.fill(1, at * 128 + from, at * 128 + Math.min(to, 127) + 1);
    }
  });
  return {
    ops: Uint8Array.from(instructions, ({ op }) => opCodes[op]),
    first: Int32Array.from(instructions, (instruction) =>
      instruction.op === 'split' ? instruction.first : instruction.op === 'jump' ? instruction.to : 0,
    ),
    second: Int32Array.from(instructions, (instruction) => (instruction.op === 'split' ? instruction.second : 0)),
    sets: instructions.map((instruction) => (instruction.op === 'set' ? instruction.set : undefined)),
    ascii,
    assertions: instructions.map((instruction) => (instruction.op === 'assert' ? instruction.at : undefined)),
  };
}

interface Run {
  readonly codePoints: Uint32Array;
  /** The last position at which each instruction was reached. */
  readonly seenAt: Int32Array;
  readonly pending: Int32Array;
  /** The `set` instructions that wait for the next character, and how many. */
  waiting: Int32Array;
  count: number;
  readonly work: Work;
}

/** From one instruction, run everything that consumes no character, each instruction once per position. True when `match` is reached. */
function follow(program: Program, from: number, position: number, run: Run): boolean {
  const { seenAt, pending, waiting } = run;
  let depth = 0;
  pending[depth++] = from;
  while (depth > 0) {
    const at = pending[--depth] ?? 0;
    if (seenAt[at] === position) continue;
    seenAt[at] = position;
    run.work.steps -= 1;
    const op = program.ops[at];
    if (op === opCodes.set) waiting[run.count++] = at;
    else if (op === opCodes.match) return true;
    else if (op === opCodes.assert) {
      if (holds(program.assertions[at], position, run.codePoints)) pending[depth++] = at + 1;
    } else {
      pending[depth++] = program.first[at] ?? 0;
      if (op === opCodes.split) pending[depth++] = program.second[at] ?? 0;
    }
  }
  return false;
}

function accepts(program: Program, at: number, codePoint: number): boolean {
  if (codePoint < 128) return program.ascii[at * 128 + codePoint] === 1;
  const set = program.sets[at];
  return set !== undefined && contains(set, codePoint);
}

function holds(assertion: Assertion | undefined, position: number, codePoints: Uint32Array): boolean {
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
  if (node.kind === 'set') program.push({ op: 'set', set: node.set });
  else if (node.kind === 'assert') program.push({ op: 'assert', at: node.at });
  else if (node.kind === 'sequence') for (const part of node.parts) emit(part, program);
  else if (node.kind === 'choice') emitChoice(node.options, program);
  else emitRepeat(node.of, node.min, node.max, program);
}

function emitChoice(options: readonly PatternNode[], program: Instruction[]): void {
  const exits: { op: 'jump'; to: number }[] = [];
  options.forEach((option, index) => {
    if (index === options.length - 1) {
      emit(option, program);
      return;
    }
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
