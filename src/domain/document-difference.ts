/** One thing that a document says and another does not, or says otherwise. */
export interface Difference {
  /** RFC 6901, into the later document; of what was removed, into the earlier one. */
  readonly pointer: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** The `id` of the innermost item of a list that it is in; null outside of lists. */
  readonly item: string | null;
  readonly before?: unknown;
  readonly after?: unknown;
}

/**
 * What changed between two JSON values, in the order of the later one, at most `most`. Items of a list are told apart by their `id` where
 * each has one, so that one that was put in between changes nothing of the others; else by their place.
 */
export function differences(before: unknown, after: unknown, most: number): readonly Difference[] {
  const found: Difference[] = [];
  compare({ before, after, pointer: '', item: null }, (difference) => {
    if (found.length < most) found.push(difference);
  });
  return found;
}

interface Pair {
  readonly before: unknown;
  readonly after: unknown;
  readonly pointer: string;
  readonly item: string | null;
}

function compare({ before, after, pointer, item }: Pair, tell: (difference: Difference) => void): void {
  const [old, now] = [membersOf(before, pointer), membersOf(after, pointer)];
  if (old === null || now === null || Array.isArray(before) !== Array.isArray(after)) {
    if (before !== after && JSON.stringify(before) !== JSON.stringify(after)) tell({ pointer, kind: 'changed', item, before, after });
    return;
  }
  const isKeyed = Array.isArray(after) && hasIds(before) && hasIds(after);
  const nameOf = (member: Member): string => (isKeyed ? (idOf(member.value) ?? '') : member.name);
  const within = (value: unknown): string | null => (Array.isArray(after) ? (idOf(value) ?? item) : item);
  const olds = new Map(old.map((member) => [nameOf(member), member]));
  const names = new Set(now.map(nameOf));
  for (const member of now) {
    const other = olds.get(nameOf(member));
    const place = { pointer: member.pointer, item: within(member.value) };
    if (other === undefined) tell({ ...place, kind: 'added', after: member.value });
    else compare({ ...place, before: other.value, after: member.value }, tell);
  }
  for (const member of old) {
    if (!names.has(nameOf(member))) tell({ pointer: member.pointer, kind: 'removed', item: within(member.value), before: member.value });
  }
}

interface Member {
  readonly name: string;
  readonly pointer: string;
  readonly value: unknown;
}

/** The members of an object or the items of a list; null for anything else. */
function membersOf(value: unknown, pointer: string): readonly Member[] | null {
  if (typeof value !== 'object' || value === null) return null;
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => ({ name, pointer: `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, value: member }));
}

const idOf = (value: unknown): string | null =>
  typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string' ? value.id : null;

/** Whether every item has an id of its own. */
function hasIds(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  const ids = value.map(idOf);
  return ids.every((id) => id !== null) && new Set(ids).size === ids.length;
}
