import type * as z from 'zod';
import { type Issue, ok, type Result, refuse } from '../domain/result.ts';
import { issuesOf, jsonPointer } from '../domain/schema-issues.ts';
import { isStorableText } from '../domain/untrusted-text.ts';

const maxIssues = 50;

/** Parses an input, reporting every issue (at most fifty) by JSON pointer, in our own words. */
export function parseInput<I extends z.ZodType>(schema: I, raw: unknown): Result<z.output<I>, 'request.invalid'> {
  const unreadable = findUnreadable(raw);
  if (unreadable) return refuse('request.invalid', { issues: [unreadable] });
  const parsed = schema.safeParse(raw);
  if (parsed.success) return ok(parsed.data);
  return refuse('request.invalid', { issues: issuesOf(parsed.error, raw, maxIssues) });
}

/** Input may nest this deep: what follows (validation, canonical form, storage) walks it recursively. */
const maxDepth = 48;

/** The first thing in an input that no schema should have to deal with: nesting beyond the limit, text or numbers that cannot be stored, `__proto__`. */
function findUnreadable(raw: unknown): Issue | null {
  const open: { value: unknown; depth: number; path: readonly PropertyKey[] }[] = [{ value: raw, depth: 0, path: [] }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, depth, path } = next;
    if (typeof value === 'string' && !isStorableText(value))
      return { pointer: jsonPointer(path), code: 'text', message: 'Holds U+0000 or half a surrogate pair.' };
    // `1e400` is JSON, but no number that could be given back.
    if (typeof value === 'number' && !Number.isFinite(value))
      return { pointer: jsonPointer(path), code: 'number', message: 'Beyond the range of a double-precision number.' };
    if (typeof value !== 'object' || value === null) continue;
    if (depth === maxDepth) return { pointer: jsonPointer(path), code: 'too_deep', message: `Nested deeper than ${maxDepth} levels.` };
    for (const [key, inner] of Object.entries(value)) {
      if (!isStorableText(key))
        return { pointer: jsonPointer(path), code: 'text', message: 'A member name holds U+0000 or half a surrogate pair.' };
      // The schemas of open objects would drop it without a word.
      if (key === '__proto__')
        return { pointer: jsonPointer([...path, key]), code: 'unknown_field', message: 'There is no such field here.' };
      open.push({ value: inner, depth: depth + 1, path: depth < 8 ? [...path, key] : path });
    }
  }
  return null;
}
