/**
 * What became of one element of the caller's schema. `pointer` (RFC 6901) leads into the caller's document. `mapped`: honoured in full;
 * `coerced`: honoured in a weaker or other form; `dropped`: not honoured, together with everything below the pointer.
 */
export interface MappingLine {
  readonly pointer: string;
  readonly outcome: MappingOutcome;
  readonly reason: MappingReason;
}

export type MappingOutcome = 'mapped' | 'coerced' | 'dropped';
export type MappingReason = keyof typeof mappingReasons;

/** Every reason a line can carry, with its sentence. */
export const mappingReasons = {
  entity: 'Each row of this entity is one object of this schema.',
  entity_reference: 'Refers to an entity that is mapped where it is defined.',
  field: 'Became a field.',
  renamed: 'Kept under a slug; the original name stands under untrusted.',
  honoured: 'Checked on every row.',
  text_kept: 'Kept as untrusted text.',
  inlined: 'The referenced schema was copied to this place.',
  null_allowed: 'Null is accepted here.',
  merged: 'Merged into the schema that holds it.',
  type_inferred: 'No single type is declared; it was inferred from other keywords.',
  several_types: 'Several types are allowed, so any JSON value is accepted.',
  union_as_json: 'A union of schemas became any JSON value.',
  union_as_values: 'A union of constants became a list of allowed values.',
  open_object: 'An object without declared properties accepts any members; their values are not checked.',
  format_alias: 'Read as the standard format of the same meaning.',
  limited: 'Lowered to the largest value that this service stores.',
  values_removed: 'Values that do not fit the declared type were removed.',
  names_removed: 'Names of undeclared properties were removed.',
  closed: 'Undeclared members are always refused.',
  limit: 'Exceeds what this service can honour.',
  contradiction: 'No value could satisfy this together with the other constraints.',
  default_does_not_fit: 'The default does not satisfy the schema.',
  default_not_applied: 'Defaults apply to fields only.',
  never_valid: 'No value is valid here.',
  malformed: 'The value of this keyword does not have the form that JSON Schema gives it.',
  unknown_type: 'Not a type of JSON Schema.',
  unknown_format: 'This format is not checked.',
  unknown_keyword: 'Not a keyword that this service knows.',
  annotation: 'Carries no constraint and is not kept.',
  not_for_this_type: 'Does not apply to the type of this field.',
  not_checked: 'This keyword is not supported.',
  union_not_checked: 'The alternatives are not checked beside the declared type.',
  tuple: 'Items are not checked by position.',
  second_value: 'Only the first occurrence of this keyword is honoured when schemas are merged.',
  values_of_objects: 'Allowed values of objects and arrays are not checked.',
  pattern_unsupported: 'The pattern cannot be run in linear time here.',
  pattern_budget: 'The patterns of this schema are too large together.',
  pattern_no_sample: 'No value could be made that satisfies this pattern and the other constraints.',
  container: 'The document only holds entities; this says nothing about their rows.',
  nested_definitions: 'Only definitions at the top of the document become entities.',
  unreferenced: 'Not an object with properties, and nothing refers to it.',
} as const;
