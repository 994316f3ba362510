import fc from 'fast-check';

/** Schemas of every quality: sound, contradictory, malformed. Names and references are drawn from small sets, so that they collide. */
const name = fc.constantFrom('id', 'name', 'createdAt', 'created_at', 'Total Amount', 'a/b', 'm~n', '数量', 'email', 'tags', 'account_id');
const bound = fc.oneof(
  fc.integer({ min: -20, max: 40 }),
  fc.double({ min: -1e3, max: 1e3, noNaN: true }),
  fc.constantFrom(1e300, -1e300, 5e-324, 2 ** 60),
);
const length = fc.oneof(fc.integer({ min: 0, max: 30 }), fc.constantFrom(-1, 1.5, 999, 5_000, 'x'));
const pattern = fc.constantFrom(
  '^[A-Z]{2}$',
  '^\\S+@\\S+\\.\\S+$',
  '[0-9]{3,}',
  '^(a|b)*$',
  '^x',
  'a^b',
  '(?=x)',
  '[',
  '^.{1,1000}$',
  '(\\w+\\s?)+',
  '^\\p{L}',
  '[^\\s]{40}',
  '\\bend$',
);
const scalar = fc.oneof(fc.constantFrom<unknown>('a', 'b', '', 'gold', 1, 2, 0.5, true, null), fc.constant({ k: [1] }));
const types = fc.constantFrom('string', 'integer', 'number', 'boolean', 'object', 'array', 'null', 'text');

const keywords = {
  title: fc.constantFrom('A title', 'x\u202Ey', ''),
  description: fc.constant('About'),
  format: fc.constantFrom('date', 'date-time', 'time', 'email', 'uuid', 'uri', 'ipv4', 'hostname', 'url', 'colour', 7),
  pattern,
  minLength: length,
  maxLength: length,
  minimum: bound,
  maximum: bound,
  exclusiveMinimum: fc.oneof(bound, fc.constant(true)),
  exclusiveMaximum: bound,
  multipleOf: fc.constantFrom(1, 0.1, 0.01, 3, 7.5, 0, -1, 1e-7, 1e20),
  minItems: fc.oneof(fc.integer({ min: 0, max: 6 }), fc.constantFrom(100, 101)),
  maxItems: fc.oneof(fc.integer({ min: 0, max: 6 }), fc.constant(500)),
  uniqueItems: fc.boolean(),
  enum: fc.oneof(fc.array(scalar, { maxLength: 4 }), fc.constant('x')),
  const: scalar,
  default: scalar,
  nullable: fc.boolean(),
  required: fc.oneof(fc.array(name, { maxLength: 4 }), fc.constant(true)),
  additionalProperties: fc.oneof(fc.boolean(), fc.constant({ type: 'string' })),
  not: fc.constant({ type: 'null' }),
  patternProperties: fc.constant({ '^x': true }),
  'x-own': fc.constant(1),
  prefixItems: fc.constant([{ type: 'string' }]),
};

const { schema } = fc.letrec<{ schema: unknown; object: object }>((tie) => ({
  object: fc.record(
    {
      type: fc.oneof({ weight: 4, arbitrary: types }, fc.uniqueArray(types, { minLength: 1, maxLength: 3 })),
      ...keywords,
      properties: fc.oneof({ weight: 5, arbitrary: fc.dictionary(name, tie('schema'), { maxKeys: 4 }) }, fc.constant([])),
      items: tie('schema'),
      allOf: fc.array(tie('schema'), { maxLength: 2 }),
      anyOf: fc.array(fc.oneof(tie('schema'), fc.constant({ type: 'null' })), { maxLength: 3 }),
      oneOf: fc.array(fc.oneof(fc.record({ const: scalar }), tie('schema')), { maxLength: 3 }),
      $ref: fc.constantFrom('#/$defs/Plain', '#/$defs/Plain', '#/$defs/Text'),
    },
    { requiredKeys: [] },
  ),
  schema: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    sound(),
    fc.boolean(),
    tie('object').map(thin),
    tie('object').map(thin),
    fc.record({
      type: fc.constant('object'),
      properties: fc.dictionary(name, tie('schema'), { maxKeys: 4 }),
      required: fc.array(name, { maxLength: 4 }),
    }),
    fc.record({ type: fc.constant('array'), items: tie('schema'), minItems: fc.integer({ min: 0, max: 4 }), uniqueItems: fc.boolean() }),
  ),
}));

function sound(): fc.Arbitrary<unknown> {
  return fc.oneof(
    fc.record(
      { type: fc.constant('string'), format: keywords.format, minLength: length, maxLength: length, pattern },
      { requiredKeys: ['type'] },
    ),
    fc.record(
      {
        type: fc.constantFrom('integer', 'number'),
        minimum: bound,
        maximum: bound,
        exclusiveMinimum: bound,
        multipleOf: keywords.multipleOf,
      },
      { requiredKeys: ['type'] },
    ),
  );
}

/** `fc.record` fills half of the optional keys, far more than real schemas have: keep a handful of them, spread over the list. */
function thin(full: object): object {
  const entries = Object.entries(full);
  const step = Math.max(1, Math.floor(entries.length / 5));
  return Object.fromEntries(entries.filter(([key], index) => key === 'type' || index % step === 0));
}

export const arbitraryDocument = fc
  .record({
    Plain: fc.constant({ type: 'object', properties: { street: { type: 'string' } } }),
    Text: fc.constant({ type: 'string', maxLength: 20 }),
    Thing: fc.record({
      type: fc.constant('object'),
      properties: fc.dictionary(name, schema, { minKeys: 1, maxKeys: 6 }),
      required: fc.array(name, { maxLength: 5 }),
    }),
    Other: schema,
  })
  .map(($defs): unknown => JSON.parse(JSON.stringify({ $schema: 'https://json-schema.org/draft/2020-12/schema', $defs })));
