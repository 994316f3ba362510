import { ok, type Result, refuse } from '../result.ts';
import { checkFields, newCheck } from './check-value.ts';
import type { RowValues } from './json.ts';
import { dataSchemaLimits as limits } from './limits.ts';
import type { Entity } from './model.ts';
import type { Work } from './pattern.ts';

/**
 * Check what a caller sent as one row and return the values to store: declared fields only, in a fresh object.
 *
 * - `create`: required fields must be there, absent fields with a default get it.
 * - `update`: only the given fields are checked and returned. A nested object is replaced as a whole, so within it the rules of `create`
 *   hold. Null is a value like any other: accepted where the field is nullable, never a way to remove a field.
 *
 * `work` bounds the steps spent on patterns. Give one object to all rows of a batch to bound the batch; a value for which it does not
 * suffice is refused as `too_complex`. Refuses `request.invalid` with every issue (at most `dataSchemaLimits.issues`), pointers relative to the row. Never throws.
 */
export function checkRow(
  entity: Entity,
  values: unknown,
  mode: 'create' | 'update',
  work: Work = { steps: limits.patternStepsPerRow },
): Result<RowValues, 'request.invalid'> {
  const check = newCheck(work);
  const row = checkFields(entity.fields, values, '', check, mode === 'update');
  return check.issues.length === 0 ? ok(row) : refuse('request.invalid', { issues: check.issues.slice(0, limits.issues) });
}
