import type { z } from '@hono/zod-openapi';
import { type Issue, ok, type Result, refuse } from '../domain/result.ts';
import { isStorableText } from '../domain/untrusted-text.ts';

const maxIssues = 50;

/** Parses an input, reporting every issue (at most fifty) by JSON pointer, in our own words. */
export function parseInput<I extends z.ZodType>(schema: I, raw: unknown): Result<z.output<I>, 'request.invalid'> {
  const unreadable = findUnreadable(raw);
  if (unreadable) return refuse('request.invalid', { issues: [unreadable] });
  const parsed = schema.safeParse(raw);
  if (parsed.success) return ok(parsed.data);
  const issues = parsed.error.issues.flatMap((issue) => explain(issue, [])).slice(0, maxIssues);
  return refuse('request.invalid', { detail: `${issues.length} field${issues.length === 1 ? '' : 's'} not as the schema says.`, issues });
}

/** Input may nest this deep: what follows (validation, canonical form, storage) walks it recursively. */
const maxDepth = 48;

/** The first thing in an input that no schema should have to deal with: nesting beyond the limit, or text that cannot be stored. */
function findUnreadable(raw: unknown): Issue | null {
  const open: { value: unknown; depth: number; path: readonly PropertyKey[] }[] = [{ value: raw, depth: 0, path: [] }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, depth, path } = next;
    if (typeof value === 'string' && !isStorableText(value))
      return { pointer: toPointer(path), code: 'text', message: 'Holds U+0000 or half a surrogate pair.' };
    if (typeof value !== 'object' || value === null) continue;
    if (depth === maxDepth) return { pointer: toPointer(path), code: 'too_deep', message: `Nested deeper than ${maxDepth} levels.` };
    for (const [key, inner] of Object.entries(value)) {
      if (!isStorableText(key))
        return { pointer: toPointer(path), code: 'text', message: 'A member name holds U+0000 or half a surrogate pair.' };
      open.push({ value: inner, depth: depth + 1, path: depth < 8 ? [...path, key] : path });
    }
  }
  return null;
}

/** RFC 6901: `~` and `/` escaped, each segment capped so that a hostile key cannot fill an answer. */
export function toPointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).slice(0, 64).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function explain(issue: z.core.$ZodIssue, at: readonly PropertyKey[]): Issue[] {
  const path = [...at, ...issue.path];
  const said = (code: string, message: string): Issue[] => [{ pointer: toPointer(path), code, message }];
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? said('required', 'This field is required.') : said('type', `Expected ${issue.expected}.`);
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ pointer: toPointer([...path, key]), code: 'unknown_field', message: 'There is no such field.' }));
    case 'too_big':
      return said(
        'too_large',
        `At most ${issue.maximum}${issue.origin === 'string' ? ' characters' : issue.origin === 'array' ? ' items' : ''}.`,
      );
    case 'too_small':
      return said(
        'too_small',
        `At least ${issue.minimum}${issue.origin === 'string' ? ' characters' : issue.origin === 'array' ? ' items' : ''}.`,
      );
    case 'invalid_format':
      return said('format', `Not of the expected format${issue.format && issue.format !== 'regex' ? ` (${issue.format})` : ''}.`);
    case 'invalid_value':
      return said('value', `One of: ${issue.values.slice(0, 20).map(String).join(', ')}.`);
    case 'invalid_union':
      return issue.errors[0]?.[0]
        ? issue.errors.flatMap((errors) => errors.slice(0, 1).flatMap((inner) => explain(inner, path))).slice(0, 1)
        : said('value', 'Of no allowed form.');
    case 'custom':
      return said('invalid', issue.message);
    default:
      return said('invalid', 'Not as the schema says.');
  }
}
