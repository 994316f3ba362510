import { invalid } from '../failure.ts';

/** A parameter as it came: a text, or members by name (arrays are members by number). */
export type Raw = string | RawMembers;
export type RawMembers = Map<string, Raw>;

const maximumDepth = 8;
const maximumPairs = 2000;

/** Stripe's bracket syntax: `a[b][0][c]=1`, also `a[]=1`. A key that is both a text and an object is refused. */
export function decodeForm(...texts: readonly string[]): RawMembers {
  const root: RawMembers = new Map();
  const pairs = texts.flatMap((text) => [...new URLSearchParams(text)]);
  if (pairs.length > maximumPairs) throw invalid('Too many parameters.');
  for (const [key, value] of pairs) place(root, segments(key), value, key);
  return root;
}

function segments(key: string): string[] {
  const match = /^([^[\]]+)((?:\[[^[\]]*\])*)$/.exec(key);
  if (match === null) throw invalid('Invalid parameter name.', { code: 'parameter_unknown', param: key.slice(0, 100) });
  const [, head = '', tail = ''] = match;
  const path = [head, ...[...tail.matchAll(/\[([^[\]]*)\]/g)].map(([, name = '']) => name)];
  if (path.length > maximumDepth) throw invalid('Parameters are nested too deeply.', { param: head });
  return path;
}

function place(members: RawMembers, [name = '', ...rest]: readonly string[], value: string, key: string): void {
  const own = name === '' ? String(members.size) : name;
  if (rest.length === 0) {
    if (members.has(own)) throw invalid('A parameter was given twice.', { param: key });
    members.set(own, value);
    return;
  }
  const inner = members.get(own) ?? new Map();
  if (typeof inner === 'string') throw invalid('A parameter was given as a text and as an object.', { param: key });
  members.set(own, inner);
  place(inner, rest, value, key);
}
