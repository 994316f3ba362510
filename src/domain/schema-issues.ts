import type * as z from 'zod';
import type { Issue } from './result.ts';

type ZodIssue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

const MAX_KEY_LENGTH = 100;

/**
 * The issues of a failed parse of `raw` as JSON Pointers (RFC 6901) with our own words, at most `cap`.
 * Messages come from schemas, never from the input.
 */
export function issuesOf(error: z.ZodError, raw: unknown, cap: number): Issue[] {
  const issues: Issue[] = [];
  for (const issue of error.issues) {
    for (const path of pathsOf(issue, cap)) {
      if (issues.length >= cap) return issues;
      issues.push({ pointer: jsonPointer(path), ...explain(issue, raw) });
    }
  }
  return issues;
}

/** RFC 6901. A segment too long to be one of ours is left out, so that the pointer names its parent. */
export function jsonPointer(path: Path): string {
  return path
    .map(String)
    .filter((segment) => segment.length <= MAX_KEY_LENGTH)
    .map((segment) => `/${segment.replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}

function pathsOf(issue: ZodIssue, cap: number): Path[] {
  if (issue.code !== 'unrecognized_keys') return [issue.path];
  return issue.keys.slice(0, cap).map((key) => [...issue.path, key]);
}

function explain(issue: ZodIssue, raw: unknown): Pick<Issue, 'code' | 'message'> {
  switch (issue.code) {
    case 'unrecognized_keys':
      return { code: 'unknown_field', message: 'There is no such field here.' };
    case 'invalid_type':
      return isAbsent(raw, issue.path)
        ? { code: 'required', message: 'This field is required.' }
        : { code: 'type', message: `This must be of type ${issue.expected}.` };
    case 'invalid_value':
      return { code: 'value', message: `This must be one of: ${issue.values.slice(0, 30).map(String).join(', ')}.` };
    case 'invalid_union':
      return { code: 'value', message: 'This does not name one of the known forms.' };
    case 'invalid_key':
      return { code: 'key', message: 'This name is not allowed here.' };
    case 'too_small':
      return { code: isLength(issue.origin) ? 'too_short' : 'too_small', message: `At least ${issue.minimum} is needed.` };
    case 'too_big':
      return { code: isLength(issue.origin) ? 'too_long' : 'too_big', message: `At most ${issue.maximum} is allowed.` };
    case 'invalid_format':
      return { code: 'format', message: issue.message };
    case 'custom':
      return { code: customCode(issue.params), message: issue.message };
    default:
      return { code: 'invalid', message: 'This value is not allowed here.' };
  }
}

function isLength(origin: string): boolean {
  return origin === 'string' || origin === 'array';
}

function customCode(params: Record<string, unknown> | undefined): string {
  return typeof params?.code === 'string' ? params.code : 'invalid';
}

function isAbsent(raw: unknown, path: Path): boolean {
  let value: unknown = raw;
  for (const segment of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) return true;
    value = Reflect.get(value, segment);
  }
  return value === undefined;
}
