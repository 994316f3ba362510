import type { Shape } from './model.ts';

/** Where a keyword belongs decides what happens to it. Anything in no group is reported as unknown. */
export type KeywordGroup =
  | 'followed'
  | 'type'
  | 'nullable'
  | 'text'
  | 'definitions'
  | 'default'
  | 'values'
  | 'annotation'
  | 'unsupported'
  | 'unknown'
  | Shape['type'];

export function groupOf(keyword: string): KeywordGroup {
  return groups.get(keyword) ?? 'unknown';
}

/** The order in which the constraints of one place are added: when two contradict each other, the later one is dropped. */
export function rankOf(keyword: string): number {
  return ranks.indexOf(keyword);
}

const ranks = [
  'maxLength',
  'minLength',
  'maxItems',
  'minItems',
  'uniqueItems',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'format',
  'pattern',
];

const members: Record<Exclude<KeywordGroup, 'unknown' | 'boolean' | 'integer' | 'json'>, readonly string[]> = {
  followed: ['$ref', 'allOf', 'anyOf', 'oneOf'],
  type: ['type'],
  nullable: ['nullable'],
  text: ['title', 'description'],
  definitions: ['$defs', 'definitions'],
  default: ['default'],
  values: ['enum', 'const'],
  string: ['minLength', 'maxLength', 'format', 'pattern'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  object: ['properties', 'required', 'additionalProperties'],
  array: ['items', 'prefixItems', 'additionalItems', 'minItems', 'maxItems', 'uniqueItems'],
  annotation: [
    '$schema',
    '$id',
    'id',
    '$anchor',
    '$dynamicAnchor',
    '$recursiveAnchor',
    '$vocabulary',
    '$comment',
    'examples',
    'example',
    'deprecated',
    'readOnly',
    'writeOnly',
    'externalDocs',
    'xml',
  ],
  unsupported: [
    'not',
    'if',
    'then',
    'else',
    'patternProperties',
    'propertyNames',
    'minProperties',
    'maxProperties',
    'dependencies',
    'dependentRequired',
    'dependentSchemas',
    'unevaluatedProperties',
    'unevaluatedItems',
    'contains',
    'minContains',
    'maxContains',
    'contentEncoding',
    'contentMediaType',
    'contentSchema',
    'discriminator',
    '$dynamicRef',
    '$recursiveRef',
  ],
};

const groups = new Map<string, KeywordGroup>();
for (const group of [
  'followed',
  'type',
  'nullable',
  'text',
  'definitions',
  'default',
  'values',
  'string',
  'number',
  'object',
  'array',
  'annotation',
  'unsupported',
] as const) {
  for (const keyword of members[group]) groups.set(keyword, group);
}
