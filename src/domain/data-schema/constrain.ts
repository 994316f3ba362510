import { type Json, jsonKey } from './json.ts';
import { dataSchemaLimits as limits } from './limits.ts';
import type { MappingOutcome, MappingReason } from './mapping.ts';
import {
  type ArrayShape,
  type BooleanShape,
  type JsonShape,
  type NumberShape,
  type Shape,
  type StringFormat,
  type StringShape,
  stringFormats,
} from './model.ts';
import { compilePattern } from './pattern.ts';
import { searchWitness, witness } from './sample-value.ts';

/** The shape with one more constraint, or unchanged, and what to tell the caller about it. */
export interface Constrained<S extends Shape = Shape> {
  readonly shape: S;
  readonly outcome: MappingOutcome;
  readonly reason: MappingReason;
}

export interface ConstraintBudget {
  /** Instructions that the patterns of this model may still add. */
  patternSize: number;
  /** Steps that may still be spent to show that constraints can be met. */
  sampleSteps: number;
}

/**
 * Add one keyword to a shape. It is kept only if a value that obeys it and all constraints before it can be made, so that rows of a
 * planned model can always be generated. Objects have no keywords of this kind.
 */
export function constrain(shape: Shape, keyword: string, value: unknown, budget: ConstraintBudget): Constrained {
  switch (shape.type) {
    case 'string':
      return constrainString(shape, keyword, value, budget);
    case 'integer':
    case 'number':
      return constrainNumber(shape, keyword, value, budget);
    case 'array':
      return constrainArray(shape, keyword, value, budget);
    case 'object':
      return drop(shape, 'not_for_this_type');
    case 'boolean':
    case 'json':
      return drop(shape, 'not_for_this_type');
  }
}

/** Allow only these values (`enum`, `const`, a union of constants). Null among them has been dealt with as nullability. */
export function constrainValues(shape: Shape, given: readonly Json[]): Constrained {
  const values = given.filter((value) => value !== null || (shape.type === 'json' && given.length === 1));
  if (shape.type === 'object' || shape.type === 'array') return drop(shape, 'values_of_objects');
  if (given.length > limits.enumValues || values.some((value) => JSON.stringify(value).length > limits.enumValueCharacters))
    return drop(shape, 'limit');
  const candidate = withValues(shape, values);
  if (candidate === undefined || (candidate.enum?.length ?? 0) === 0 || witness(candidate) === undefined)
    return drop(shape, 'contradiction');
  const complete = shape.enum !== undefined || candidate.enum?.length === values.length;
  return { shape: candidate, outcome: complete ? 'mapped' : 'coerced', reason: complete ? 'honoured' : 'values_removed' };
}

function withValues(shape: StringShape | NumberShape | BooleanShape | JsonShape, values: readonly Json[]): typeof shape | undefined {
  const known = shape.enum === undefined ? undefined : new Set(shape.enum.map(jsonKey));
  const both = known === undefined ? values : values.filter((value) => known.has(jsonKey(value)));
  if (shape.type === 'string') return { ...shape, enum: both.filter((value) => typeof value === 'string') };
  if (shape.type === 'boolean') return { ...shape, enum: both.filter((value) => typeof value === 'boolean') };
  if (shape.type === 'json') return { ...shape, enum: both };
  const numbers = both.filter((value) => typeof value === 'number');
  return { ...shape, enum: shape.type === 'integer' ? numbers.filter(Number.isSafeInteger) : numbers };
}

function constrainString(shape: StringShape, keyword: string, value: unknown, budget: ConstraintBudget): Constrained {
  if (keyword === 'format') return constrainFormat(shape, value, budget);
  if (keyword === 'pattern') return constrainPattern(shape, value, budget);
  if (!isCount(value)) return drop(shape, 'malformed');
  if (keyword === 'minLength') {
    if (value > limits.minLengthCharacters) return drop(shape, 'limit');
    return keepIfPossible(shape, { ...shape, minLength: Math.max(value, shape.minLength ?? 0) }, budget);
  }
  const lowered = value > limits.stringCharacters;
  const maxLength = Math.min(value, shape.maxLength ?? limits.stringCharacters, limits.stringCharacters);
  return keepIfPossible(shape, { ...shape, maxLength }, budget, lowered ? 'limited' : 'honoured');
}

function constrainFormat(shape: StringShape, value: unknown, budget: ConstraintBudget): Constrained {
  if (typeof value !== 'string') return drop(shape, 'malformed');
  const alias = formatAliases.get(value);
  const format = alias ?? stringFormats.find((known) => known === value);
  if (format === undefined) return drop(shape, 'unknown_format');
  if (shape.format !== undefined && shape.format !== format) return drop(shape, 'second_value');
  return keepIfPossible(shape, { ...shape, format }, budget, alias === undefined ? 'honoured' : 'format_alias');
}

const formatAliases = new Map<string, StringFormat>([
  ['url', 'uri'],
  ['guid', 'uuid'],
  ['datetime', 'date-time'],
]);

function constrainPattern(shape: StringShape, value: unknown, budget: ConstraintBudget): Constrained {
  if (typeof value !== 'string') return drop(shape, 'malformed');
  if (shape.pattern !== undefined && shape.pattern !== value) return drop(shape, 'second_value');
  const pattern = compilePattern(value);
  if (pattern === undefined) return drop(shape, 'pattern_unsupported');
  if (pattern.size > budget.patternSize || budget.sampleSteps <= 0) return drop(shape, 'pattern_budget');
  const kept = keepIfPossible(shape, { ...shape, pattern: value }, budget);
  if (kept.outcome === 'dropped') return drop(shape, 'pattern_no_sample');
  budget.patternSize -= pattern.size;
  return kept;
}

function constrainNumber(shape: NumberShape, keyword: string, value: unknown, budget: ConstraintBudget): Constrained {
  if (typeof value !== 'number') return drop(shape, 'malformed');
  switch (keyword) {
    case 'minimum':
      return keepIfPossible(shape, { ...shape, minimum: Math.max(value, shape.minimum ?? value) }, budget);
    case 'maximum':
      return keepIfPossible(shape, { ...shape, maximum: Math.min(value, shape.maximum ?? value) }, budget);
    case 'exclusiveMinimum':
      return keepIfPossible(shape, { ...shape, exclusiveMinimum: Math.max(value, shape.exclusiveMinimum ?? value) }, budget);
    case 'exclusiveMaximum':
      return keepIfPossible(shape, { ...shape, exclusiveMaximum: Math.min(value, shape.exclusiveMaximum ?? value) }, budget);
    default:
      if (value <= 0) return drop(shape, 'malformed');
      if (shape.multipleOf !== undefined && shape.multipleOf !== value) return drop(shape, 'second_value');
      return keepIfPossible(shape, { ...shape, multipleOf: value }, budget);
  }
}

function constrainArray(shape: ArrayShape, keyword: string, value: unknown, budget: ConstraintBudget): Constrained {
  if (keyword === 'uniqueItems') {
    if (typeof value !== 'boolean') return drop(shape, 'malformed');
    if (budget.sampleSteps <= 0) return drop(shape, 'limit');
    return value ? keepIfPossible(shape, { ...shape, uniqueItems: true }, budget) : { shape, outcome: 'mapped', reason: 'honoured' };
  }
  if (!isCount(value)) return drop(shape, 'malformed');
  if (budget.sampleSteps <= 0) return drop(shape, 'limit');
  if (keyword === 'maxItems') {
    const lowered = value > limits.arrayItems;
    const maxItems = Math.min(value, shape.maxItems ?? limits.arrayItems, limits.arrayItems);
    return keepIfPossible(shape, { ...shape, maxItems }, budget, lowered ? 'limited' : 'honoured');
  }
  if (value > limits.arrayItems) return drop(shape, 'limit');
  const candidate = { ...shape, minItems: Math.max(value, shape.minItems ?? 0) };
  const forced = witness(candidate);
  if (forced !== undefined && JSON.stringify(forced).length > limits.forcedArrayCharacters) return drop(shape, 'limit');
  return keepIfPossible(shape, candidate, budget);
}

function keepIfPossible<S extends Shape>(
  shape: S,
  candidate: S,
  budget: ConstraintBudget,
  reason: 'honoured' | 'limited' | 'format_alias' = 'honoured',
): Constrained<S> {
  const { value, steps } = searchWitness(candidate);
  budget.sampleSteps -= steps;
  if (value === undefined) return drop(shape, steps >= limits.stepsPerSample ? 'limit' : 'contradiction');
  return { shape: candidate, outcome: reason === 'honoured' ? 'mapped' : 'coerced', reason };
}

function drop<S extends Shape>(shape: S, reason: MappingReason): Constrained<S> {
  return { shape, outcome: 'dropped', reason };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}
