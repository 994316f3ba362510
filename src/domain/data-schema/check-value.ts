import type { Issue } from '../result.ts';
import { isStorableText } from '../untrusted-text.ts';
import { isMultipleOf } from './decimal.ts';
import { hasFormat } from './formats.ts';
import { forbiddenKeys, isRecord, type Json, jsonKey, pointerTo, type RowValues } from './json.ts';
import { dataSchemaLimits as limits } from './limits.ts';
import type { ArrayShape, Field, NumberShape, ObjectShape, Shape, StringShape } from './model.ts';
import { compilePattern, matchesPattern, type Pattern, type Work } from './pattern.ts';
import { type RowIssueCode, rowIssue } from './row-issue.ts';

/** What one check may still do, and what it has found. */
export interface Check {
  readonly issues: Issue[];
  readonly work: Work;
  /** Nodes that the current untyped value may still have. */
  jsonNodes: number;
}

export function newCheck(work: Work): Check {
  return { issues: [], work, jsonNodes: limits.jsonNodes };
}

/**
 * Check one value against a shape and return a copy that is safe to store: only declared members, defaults filled in, no prototype keys.
 * Problems are added to `check.issues`, at most `issues` of them; then the returned value means nothing.
 */
export function checkValue(shape: Shape, value: unknown, pointer: string, check: Check): Json {
  if (check.issues.length >= limits.issues) return null;
  if (value === null) return shape.nullable ? null : report(check, pointer, 'null');
  switch (shape.type) {
    case 'string':
      return checkString(shape, value, pointer, check);
    case 'integer':
    case 'number':
      return checkNumber(shape, value, pointer, check);
    case 'boolean':
      if (typeof value !== 'boolean') return report(check, pointer, 'type');
      return shape.enum === undefined || shape.enum.includes(value) ? value : report(check, pointer, 'enum');
    case 'object':
      return checkObject(shape, value, pointer, check);
    case 'array':
      return checkArray(shape, value, pointer, check);
    case 'json': {
      const copy = copyUntyped(value, pointer, check);
      if (shape.enum === undefined || check.issues.length > 0) return copy;
      return shape.enum.some((allowed) => jsonKey(allowed) === jsonKey(copy)) ? copy : report(check, pointer, 'enum');
    }
  }
}

/** Check the members of a row or a nested object. With `partial`, absent fields are neither required nor filled in. */
export function checkFields(fields: readonly Field[], value: unknown, pointer: string, check: Check, partial: boolean): RowValues {
  const row: RowValues = {};
  if (!isRecord(value)) {
    report(check, pointer, 'type');
    return row;
  }
  for (const key of Object.keys(value)) {
    if (check.issues.length >= limits.issues) return row;
    if (!fields.some((field) => field.name === key)) report(check, memberPointer(pointer, key), 'unknown_field');
  }
  for (const field of fields) {
    const given = Object.hasOwn(value, field.name) ? value[field.name] : undefined;
    if (given !== undefined) row[field.name] = checkValue(field, given, pointerTo(pointer, field.name), check);
    else if (partial) continue;
    else if (field.default !== undefined) row[field.name] = structuredClone(field.default);
    else if (field.required) report(check, pointerTo(pointer, field.name), 'required');
  }
  return row;
}

function checkString(shape: StringShape, value: unknown, pointer: string, check: Check): Json {
  if (typeof value !== 'string') return report(check, pointer, 'type');
  // One code point is at most two units, so this bounds the work of counting them.
  if (value.length > 2 * limits.stringCharacters) return report(check, pointer, 'too_long');
  const length = [...value].length;
  if (length > Math.min(shape.maxLength ?? limits.stringCharacters, limits.stringCharacters)) return report(check, pointer, 'too_long');
  if (length < (shape.minLength ?? 0)) return report(check, pointer, 'too_short');
  if (!isStorableText(value)) return report(check, pointer, 'unstorable_text');
  if (shape.enum !== undefined && !shape.enum.includes(value)) return report(check, pointer, 'enum');
  if (shape.format !== undefined && !hasFormat(shape.format, value)) return report(check, pointer, 'format');
  const pattern = compiledPattern(shape);
  if (pattern === undefined) return value;
  const matched = matchesPattern(pattern, value, check.work);
  return matched === true ? value : report(check, pointer, matched === false ? 'pattern' : 'too_complex');
}

function checkNumber(shape: NumberShape, value: unknown, pointer: string, check: Check): Json {
  if (typeof value !== 'number' || !Number.isFinite(value)) return report(check, pointer, 'type');
  if (shape.type === 'integer' && !Number.isSafeInteger(value))
    return report(check, pointer, Number.isInteger(value) ? 'out_of_range' : 'type');
  if (shape.enum !== undefined && !shape.enum.includes(value)) return report(check, pointer, 'enum');
  const inRange =
    value >= (shape.minimum ?? Number.NEGATIVE_INFINITY) &&
    value <= (shape.maximum ?? Number.POSITIVE_INFINITY) &&
    (shape.exclusiveMinimum === undefined || value > shape.exclusiveMinimum) &&
    (shape.exclusiveMaximum === undefined || value < shape.exclusiveMaximum);
  if (!inRange) return report(check, pointer, 'out_of_range');
  if (shape.multipleOf !== undefined && !isMultipleOf(value, shape.multipleOf)) return report(check, pointer, 'multiple_of');
  return Object.is(value, -0) ? 0 : value;
}

function checkObject(shape: ObjectShape, value: unknown, pointer: string, check: Check): Json {
  if (!shape.open) return checkFields(shape.fields, value, pointer, check, false);
  return isRecord(value) ? copyUntyped(value, pointer, check) : report(check, pointer, 'type');
}

function checkArray(shape: ArrayShape, value: unknown, pointer: string, check: Check): Json {
  if (!Array.isArray(value)) return report(check, pointer, 'type');
  if (value.length > Math.min(shape.maxItems ?? limits.arrayItems, limits.arrayItems)) return report(check, pointer, 'too_many_items');
  if (value.length < (shape.minItems ?? 0)) return report(check, pointer, 'too_few_items');
  const items = value.map((item, index) => checkValue(shape.items, item, pointerTo(pointer, index), check));
  if (shape.uniqueItems && check.issues.length === 0 && new Set(items.map(jsonKey)).size < items.length) {
    return report(check, pointer, 'duplicate_items');
  }
  return items;
}

/** Copy an untyped value within the bounds on depth, nodes, keys and strings. */
function copyUntyped(value: unknown, pointer: string, check: Check): Json {
  check.jsonNodes = limits.jsonNodes;
  return copyJson(value, pointer, check, 1);
}

function copyJson(value: unknown, pointer: string, check: Check, depth: number): Json {
  check.jsonNodes -= 1;
  if (check.jsonNodes < 0) return report(check, pointer, 'too_large');
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return checkString({ type: 'string', nullable: false }, value, pointer, check);
  if (typeof value === 'number') return checkNumber({ type: 'number', nullable: false }, value, pointer, check);
  if (depth > limits.jsonDepth) return report(check, pointer, 'too_deep');
  if (Array.isArray(value)) {
    if (value.length > limits.jsonNodes) return report(check, pointer, 'too_large');
    return value.map((item, index) => copyJson(item, pointerTo(pointer, index), check, depth + 1));
  }
  if (!isRecord(value)) return report(check, pointer, 'type');
  const copy: Record<string, Json> = {};
  for (const key of Object.keys(value)) {
    if (check.jsonNodes < 0 || check.issues.length >= limits.issues) return null;
    if (forbiddenKeys.has(key) || key.length > limits.nameCharacters || !isStorableText(key))
      report(check, memberPointer(pointer, key), 'bad_key');
    else copy[key] = copyJson(value[key], pointerTo(pointer, key), check, depth + 1);
  }
  return copy;
}

function report(check: Check, pointer: string, code: RowIssueCode): null {
  if (check.issues.length < limits.issues) check.issues.push(rowIssue(pointer, code));
  return null;
}

/** Keys that no field can have are not repeated; the pointer then leads to the object that holds them. */
function memberPointer(pointer: string, key: string): string {
  return key.length > limits.nameCharacters || !isStorableText(key) ? pointer : pointerTo(pointer, key);
}

/** Compiling is pure; the memory of it lives as long as the model does. */
const compiled = new WeakMap<StringShape, { readonly pattern: Pattern | undefined }>();

export function compiledPattern(shape: StringShape): Pattern | undefined {
  if (shape.pattern === undefined) return undefined;
  const known = compiled.get(shape) ?? { pattern: compilePattern(shape.pattern) };
  compiled.set(shape, known);
  return known.pattern;
}
