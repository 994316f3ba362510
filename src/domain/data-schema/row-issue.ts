import type { Issue } from '../result.ts';
import { dataSchemaLimits as limits } from './limits.ts';

export type RowIssueCode = keyof typeof sentences;

export function rowIssue(pointer: string, code: RowIssueCode): Issue {
  return { pointer, code, message: sentences[code] };
}

const sentences = {
  required: 'This field is required.',
  unknown_field: 'The entity has no such field.',
  null: 'This field does not accept null.',
  type: 'The value has the wrong type.',
  enum: 'The value is not one of the allowed values.',
  too_long: `The text is too long; no text may exceed ${limits.stringCharacters} characters.`,
  too_short: 'The text is too short.',
  format: 'The text does not have the declared format.',
  pattern: 'The text does not match the declared pattern.',
  too_complex: 'The text takes too long to check against the declared pattern.',
  unstorable_text: 'The text holds a null character or a lone surrogate.',
  out_of_range: 'The number is out of range.',
  multiple_of: 'The number is not a multiple of the declared step.',
  too_many_items: `There are too many items; no list may exceed ${limits.arrayItems}.`,
  too_few_items: 'There are too few items.',
  duplicate_items: 'The items must differ from each other.',
  too_deep: `Untyped values may nest ${limits.jsonDepth} levels.`,
  too_large: `An untyped value may hold ${limits.jsonNodes} values.`,
  bad_key: 'A key here is not accepted.',
  not_filterable: 'Only fields that hold text, a number or a boolean can be filtered by.',
  too_many_filters: `At most ${limits.filters} filters are accepted.`,
} as const;
