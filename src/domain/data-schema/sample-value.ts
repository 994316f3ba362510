import { checkValue, compiledPattern, newCheck } from './check-value.ts';
import { isMultipleOf, multiply, toDecimal } from './decimal.ts';
import { type Json, jsonKey } from './json.ts';
import { dataSchemaLimits as limits } from './limits.ts';
import type { ArrayShape, Field, NumberShape, Shape, StringShape } from './model.ts';
import type { Work } from './pattern.ts';
import { samplePattern } from './pattern-sample.ts';
import { type Place, plausibleFormat, plausibleRange, plausibleText } from './plausible.ts';
import { type Random, seededRandom } from './random.ts';

/**
 * Make a value of this shape. Every returned value passes `checkValue`. Looks for a plausible one first; when none is found, or `work` is
 * used up, it returns the shape's witness: one fixed value that depends on the shape alone. Planning keeps only constraints under which
 * the witness exists, so for planned shapes the answer is never `undefined`.
 */
export function sampleValue(shape: Shape, place: Place, random: Random, work: Work): Json | undefined {
  if (shape.nullable && shape.type !== 'json' && random.below(12) === 0) return null;
  return generate(shape, place, random, work, true) ?? witness(shape);
}

/** The fixed value of a shape, or `undefined` when its constraints contradict each other as far as we can find. */
export function witness(shape: Shape): Json | undefined {
  return searchWitness(shape).value;
}

/** The same, with the steps that finding it takes. Remembered: it depends on the shape alone. */
export function searchWitness(shape: Shape): { readonly value: Json | undefined; readonly steps: number } {
  const known = witnesses.get(shape);
  if (known !== undefined) return known;
  const work = { steps: limits.stepsPerSample };
  const value = generate(shape, { entity: '', field: '', row: 0 }, seededRandom('witness')(0, 0), work, false);
  const found = { value, steps: limits.stepsPerSample - work.steps };
  witnesses.set(shape, found);
  return found;
}

const witnesses = new WeakMap<Shape, { readonly value: Json | undefined; readonly steps: number }>();

/** `lively` adds what is optional: more items than needed, fields that are not required. */
function generate(shape: Shape, place: Place, random: Random, work: Work, lively: boolean): Json | undefined {
  if (shape.type === 'object') return generateObject(shape.fields, place, random, work, lively);
  if (shape.type === 'array') return generateArray(shape, place, random, work, lively);
  for (let attempt = 0; attempt < 6 && work.steps > 0; attempt += 1) {
    work.steps -= 10;
    const candidate = propose(shape, place, random, work, attempt);
    if (candidate !== undefined && passes(shape, candidate, work)) return candidate;
  }
  if (shape.type !== 'json' && shape.enum !== undefined) return shape.enum.find((value) => passes(shape, value, work));
  return undefined;
}

function propose(
  shape: Exclude<Shape, { type: 'object' | 'array' }>,
  place: Place,
  random: Random,
  work: Work,
  attempt: number,
): Json | undefined {
  if (shape.enum !== undefined) return shape.enum[random.below(Math.max(1, shape.enum.length))];
  if (shape.type === 'boolean') return random.below(2) === 0;
  if (shape.type === 'string') return proposeText(shape, place, random, work, attempt);
  if (shape.type !== 'json') return proposeNumber(shape, place, random, attempt);
  return shape.nullable && random.below(12) === 0 ? null : plausibleText(place, random);
}

function proposeText(shape: StringShape, place: Place, random: Random, work: Work, attempt: number): string | undefined {
  const min = shape.minLength ?? 0;
  const max = shape.maxLength ?? limits.stringCharacters;
  const pattern = compiledPattern(shape);
  if (pattern !== undefined && (shape.format === undefined ? attempt > 0 : attempt % 2 === 1))
    return samplePattern(pattern, { min, max }, random, work);
  if (shape.format !== undefined) return plausibleFormat(shape.format, place, random, attempt);
  const text = plausibleText(place, random);
  const long = text.length >= min ? text : `${text} `.repeat(Math.ceil(min / (text.length + 1)) + 1).slice(0, min);
  return long.slice(0, max);
}

function proposeNumber(shape: NumberShape, place: Place, random: Random, attempt: number): number | undefined {
  const usual = plausibleRange(shape, place);
  const step = toDecimal(stepOf(shape, usual.step));
  const size = multiply(step, 1);
  const [least, most] = [lowest(shape), highest(shape)];
  if (attempt === 4 && Number.isFinite(least + most)) return least / 2 + most / 2;
  if (attempt === 5) return Number.isFinite(least) ? least : most;
  const low =
    usual.high < least || usual.low > most ? Math.max(least, Math.min(most, usual.low) - 1_000 * size) : Math.max(least, usual.low);
  const high =
    usual.high < least || usual.low > most ? Math.min(most, Math.max(least, usual.high) + 1_000 * size) : Math.min(most, usual.high);
  const [first, last] = [Math.ceil(low / size), Math.floor(high / size)];
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last)) return attempt % 2 === 0 ? least : most;
  // Rounding can put either end just outside, and the ends can be exclusive.
  if (attempt === 1) return multiply(step, wholeNumber(Math.ceil(least / size) + 1));
  if (attempt === 2) return multiply(step, wholeNumber(Math.floor(most / size) - 1));
  if (attempt === 3) return 0;
  return multiply(step, first + random.below(Math.max(1, last - first + 1)));
}

function wholeNumber(value: number): number {
  return Number.isSafeInteger(value) ? value : 0;
}

/** For integers with a fractional step, a whole number that is a multiple of it. */
function stepOf(shape: NumberShape, usual: number): number {
  const step = shape.multipleOf ?? usual;
  if (shape.type === 'number' || Number.isInteger(step)) return step;
  for (let factor = 1; factor <= 1_000; factor += 1) if (isMultipleOf(factor, step)) return factor;
  return step;
}

function lowest(shape: NumberShape): number {
  const bound = Math.max(shape.minimum ?? Number.NEGATIVE_INFINITY, shape.exclusiveMinimum ?? Number.NEGATIVE_INFINITY);
  if (shape.type === 'number') return bound;
  return Math.max(Number.MIN_SAFE_INTEGER, bound === shape.exclusiveMinimum ? Math.floor(bound) + 1 : Math.ceil(bound));
}

function highest(shape: NumberShape): number {
  const bound = Math.min(shape.maximum ?? Number.POSITIVE_INFINITY, shape.exclusiveMaximum ?? Number.POSITIVE_INFINITY);
  if (shape.type === 'number') return bound;
  return Math.min(Number.MAX_SAFE_INTEGER, bound === shape.exclusiveMaximum ? Math.ceil(bound) - 1 : Math.floor(bound));
}

function generateObject(fields: readonly Field[], place: Place, random: Random, work: Work, lively: boolean): Json | undefined {
  const made: Record<string, Json> = {};
  for (const field of fields) {
    if (!field.required && !(lively && random.below(8) > 0)) {
      if (field.default !== undefined) made[field.name] = structuredClone(field.default);
      continue;
    }
    const inner = { ...place, field: field.name };
    const value = lively ? sampleValue(field, inner, random, work) : (generate(field, inner, random, work, false) ?? witness(field));
    if (value === undefined) return undefined;
    made[field.name] = value;
  }
  return made;
}

function generateArray(shape: ArrayShape, place: Place, random: Random, work: Work, lively: boolean): Json | undefined {
  const min = shape.minItems ?? 0;
  const target = Math.max(min, Math.min(shape.maxItems ?? limits.arrayItems, min + (lively ? random.below(3) : 0)));
  const items: Json[] = [];
  const seen = new Set<string>();
  for (let attempt = 0; items.length < target && attempt < target * 4 + 20; attempt += 1) {
    work.steps -= 100;
    if (work.steps <= 0) return undefined;
    const item = generate(shape.items, { ...place, row: attempt }, random, work, lively) ?? witness(shape.items);
    if (item === undefined) break;
    const key = shape.uniqueItems ? jsonKey(item) : '';
    if (shape.uniqueItems && seen.has(key)) continue;
    seen.add(key);
    items.push(item);
  }
  return passes(shape, items, work) ? items : undefined;
}

/** Is the value valid, and cheap enough to check that a whole row of such values stays within the limit of `checkRow`? */
export function passes(shape: Shape, value: Json, work: Work): boolean {
  const allowed = Math.max(0, Math.min(work.steps, limits.stepsPerSampleCheck));
  const check = newCheck({ steps: allowed });
  checkValue(shape, value, '', check);
  work.steps -= allowed - check.work.steps;
  return check.issues.length === 0;
}
