/** A set of code points: flat, sorted, disjoint pairs `[from, to, from, to, …]`, both ends included. */
export type CharSet = readonly number[];

export function charSet(ranges: readonly (readonly [number, number])[]): CharSet {
  const set: number[] = [];
  for (const [from, to] of [...ranges].sort((left, right) => left[0] - right[0])) {
    const last = set.at(-1);
    if (last !== undefined && from <= last + 1) set[set.length - 1] = Math.max(last, to);
    else set.push(from, to);
  }
  return set;
}

export function union(sets: readonly CharSet[]): CharSet {
  return charSet(sets.flatMap(rangesOf));
}

export function complement(set: CharSet): CharSet {
  const outside: number[] = [];
  let from = 0;
  for (const [low, high] of rangesOf(set)) {
    if (low > from) outside.push(from, low - 1);
    from = high + 1;
  }
  if (from <= lastCodePoint) outside.push(from, lastCodePoint);
  return outside;
}

export function contains(set: CharSet, codePoint: number): boolean {
  let low = 0;
  let high = set.length / 2 - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (codePoint < (set[middle * 2] ?? 0)) high = middle - 1;
    else if (codePoint > (set[middle * 2 + 1] ?? 0)) low = middle + 1;
    else return true;
  }
  return false;
}

export function rangesOf(set: CharSet): [number, number][] {
  const ranges: [number, number][] = [];
  for (let index = 0; index < set.length; index += 2) ranges.push([set[index] ?? 0, set[index + 1] ?? 0]);
  return ranges;
}

const lastCodePoint = 0x10ffff;

/** The sets of ECMA-262 §22.2.2.9 CharacterClassEscape, and of the dot without the `s` flag. */
export const digits = charSet([[0x30, 0x39]]);
export const wordCharacters = charSet([
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
]);
export const whiteSpace = charSet([
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
]);
export const anyButLineBreak = complement(
  charSet([
    [0x0a, 0x0a],
    [0x0d, 0x0d],
    [0x2028, 0x2029],
  ]),
);
