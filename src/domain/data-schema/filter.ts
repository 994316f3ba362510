import { type Issue, ok, type Result, refuse } from '../result.ts';
import { isStorableText } from '../untrusted-text.ts';
import { pointerTo } from './json.ts';
import { dataSchemaLimits as limits } from './limits.ts';
import type { Entity } from './model.ts';
import { rowIssue } from './row-issue.ts';

/** `field = value` on a top-level field; the value has the field's own type. */
export interface FieldFilter {
  readonly field: string;
  readonly value: string | number | boolean;
}

/**
 * Read `?filter[field]=value` pairs as typed equalities, joined by and. Only top-level string, number and boolean fields can be filtered
 * by; numbers are written as in JSON, booleans as `true` and `false`. Refuses `request.invalid` with pointers `/filter/<slug>`.
 */
export function parseFilter(entity: Entity, filters: Readonly<Record<string, string>>): Result<readonly FieldFilter[], 'request.invalid'> {
  const names = Object.keys(filters);
  if (names.length > limits.filters) return refuse('request.invalid', { issues: [rowIssue('/filter', 'too_many_filters')] });
  const parsed: FieldFilter[] = [];
  const issues: Issue[] = [];
  for (const name of names) {
    const pointer = name.length > limits.nameCharacters ? '/filter' : pointerTo('/filter', name);
    const field = entity.fields.find((candidate) => candidate.name === name);
    if (field === undefined) {
      issues.push(rowIssue(pointer, 'unknown_field'));
    } else if (field.type === 'object' || field.type === 'array' || field.type === 'json') {
      issues.push(rowIssue(pointer, 'not_filterable'));
    } else {
      const value = readScalar(field.type, filters[name] ?? '');
      if (value === undefined) issues.push(rowIssue(pointer, 'type'));
      else parsed.push({ field: name, value });
    }
  }
  return issues.length === 0 ? ok(parsed) : refuse('request.invalid', { issues });
}

function readScalar(type: 'string' | 'integer' | 'number' | 'boolean', text: string): string | number | boolean | undefined {
  if (text.length > limits.stringCharacters || !isStorableText(text)) return undefined;
  if (type === 'string') return text;
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : undefined;
  if (text.length > 40 || !/^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/.test(text)) return undefined;
  const value = Number(text);
  return (type === 'integer' ? Number.isSafeInteger(value) : Number.isFinite(value)) ? value : undefined;
}
