import { describe, expect, test } from 'vitest';
import { dataSchemaLimits as limits } from '../../../src/domain/data-schema/limits.ts';
import { type DataModelPlan, planDataModel } from '../../../src/domain/data-schema/plan.ts';

function plan(document: unknown): DataModelPlan {
  const planned = planDataModel(document);
  if (!planned.ok) expect.fail(JSON.stringify(planned.issues));
  return planned.value;
}

const names = (document: unknown) => plan(document).model.entities.map((entity) => entity.name);
const line = (document: unknown, pointer: string) => {
  const found = plan(document).mapping.find((candidate) => candidate.pointer === pointer);
  return found === undefined ? 'none' : `${found.outcome} ${found.reason}`;
};
/** A document with one entity and one field. */
const withField = (schema: unknown) => ({ title: 'Thing', type: 'object', properties: { field: schema, other: { type: 'string' } } });
const field = (schema: unknown) => plan(withField(schema)).model.entities[0]?.fields[0];
const fieldLine = (schema: unknown, below: string) => line(withField(schema), `/properties/field${below}`);
const text = { type: 'string' };
const object = { type: 'object', properties: { id: text } };

describe('entities', () => {
  test('are the object definitions of the document', () => {
    expect(names({ $defs: { Account: object, Status: { enum: ['a'] }, SalesOrder: object } })).toEqual(['account', 'sales_order']);
    expect(names({ definitions: { Account: object } })).toEqual(['account']);
  });

  test('are the properties of the document when all of them are objects or lists of objects', () => {
    expect(names({ type: 'object', properties: { accounts: { type: 'array', items: object }, owner: object } })).toEqual([
      'accounts',
      'owner',
    ]);
  });

  test('are the document itself when it has properties of its own, next to its object definitions', () => {
    const document = {
      title: 'Sales Lead',
      type: 'object',
      properties: { name: text, home: { $ref: '#/$defs/Address' } },
      $defs: { Address: object },
    };
    expect(names(document)).toEqual(['address', 'sales_lead']);
    expect(names({ properties: { name: text } })).toEqual(['record']);
    expect(names({ type: 'array', items: { title: 'Row', ...object } })).toEqual(['row']);
  });

  test('that are only referred to by the document are not repeated', () => {
    const document = { properties: { accounts: { type: 'array', items: { $ref: '#/$defs/Account' } } }, $defs: { Account: object } };
    expect(names(document)).toEqual(['account']);
    expect(line(document, '/properties/accounts')).toBe('mapped entity_reference');
  });

  test('and fields get slugs without collisions, and keep their original names as untrusted text', () => {
    const { model, untrusted } = plan({
      $defs: {
        'Sales Order': { properties: { createdAt: text, created_at: text, Constructor: text, 数量: text, '2nd': text } },
        sales_order: object,
      },
    });
    expect(model.entities.map((entity) => entity.name)).toEqual(['sales_order', 'sales_order_2']);
    expect(model.entities[0]?.fields.map((each) => each.name)).toEqual([
      'created_at',
      'created_at_2',
      'constructor_2',
      'field',
      'field_2nd',
    ]);
    expect(untrusted.entities).toEqual({ sales_order: 'Sales Order', sales_order_2: 'sales_order' });
    expect(untrusted.fields['sales_order.field']).toBe('数量');
  });

  test('have titles and descriptions only as cleaned untrusted text', () => {
    const { untrusted } = plan({ title: 'T\u202Ehing', properties: { a: { ...text, title: 'x\ny', description: 'd'.repeat(500) } } });
    expect(untrusted.titles).toEqual({ thing: 'Thing', 'thing.a': 'x y' });
    expect(untrusted.descriptions['thing.a']).toHaveLength(limits.descriptionCharacters);
  });
});

describe('fields', () => {
  test.each([
    ['a type with null', { type: ['string', 'null'], maxLength: 5 }, { type: 'string', nullable: true, maxLength: 5 }],
    ['anyOf with null', { anyOf: [{ type: 'integer', minimum: 1 }, { type: 'null' }] }, { type: 'integer', nullable: true, minimum: 1 }],
    ['nullable', { type: 'string', nullable: true }, { type: 'string', nullable: true }],
    ['an enum without a type', { enum: ['a', 'b', null] }, { type: 'string', nullable: true, enum: ['a', 'b'] }],
    ['const', { const: 3 }, { type: 'integer', nullable: false, enum: [3] }],
    [
      'a union of constants',
      { oneOf: [{ const: 'a', title: 'A' }, { const: 'b' }] },
      { type: 'string', nullable: false, enum: ['a', 'b'] },
    ],
    ['a union of types', { anyOf: [text, { type: 'number' }] }, { type: 'json', nullable: true }],
    ['several types', { type: ['string', 'boolean'] }, { type: 'json', nullable: false }],
    ['true', true, { type: 'json', nullable: true }],
    ['an integer among numbers', { type: ['integer', 'number'] }, { type: 'number', nullable: false }],
    [
      'allOf',
      {
        allOf: [
          { type: 'number', minimum: 1 },
          { minimum: 3, maximum: 9 },
        ],
      },
      { type: 'number', nullable: false, minimum: 3, maximum: 9 },
    ],
    ['a free-form object', { type: 'object' }, { type: 'object', nullable: false, fields: [], open: true }],
    [
      'an array',
      { type: 'array', items: text, maxItems: 3 },
      { type: 'array', nullable: false, items: { type: 'string', nullable: false }, maxItems: 3 },
    ],
    ['a default', { type: 'boolean', default: true }, { type: 'boolean', nullable: false, default: true }],
  ])('%s', (_, schema, wanted) => {
    expect(field(schema)).toEqual({ name: 'field', required: false, ...wanted });
  });

  test('objects stay nested, and merged objects have the properties of all parts', () => {
    const merged = field({
      allOf: [
        { type: 'object', properties: { a: text }, required: ['a'] },
        { properties: { a: { minLength: 2 }, b: { type: 'integer' } } },
      ],
    });
    expect(merged).toMatchObject({
      type: 'object',
      fields: [
        { name: 'a', required: true, minLength: 2 },
        { name: 'b', required: false },
      ],
    });
  });

  test('references copy the schema, by pointer and by anchor, next to other keywords', () => {
    const document = {
      $defs: {
        Order: { properties: { a: { $ref: '#/$defs/Short', minLength: 2 }, b: { $ref: '#money' } } },
        Short: { type: 'string', maxLength: 5 },
        M: { $anchor: 'money', type: 'integer' },
      },
    };
    expect(plan(document).model.entities[0]?.fields).toMatchObject([{ type: 'string', minLength: 2, maxLength: 5 }, { type: 'integer' }]);
    expect(line(document, '/$defs/Short')).toBe('mapped inlined');
  });

  test('a field that no value can satisfy is dropped', () => {
    expect(field(false)).toMatchObject({ name: 'other' });
    expect(fieldLine(false, '')).toBe('dropped never_valid');
  });

  test.each([
    [{ type: 'string', pattern: '(?=a)b' }, '/pattern', 'dropped pattern_unsupported'],
    [{ type: 'string', pattern: 'a^b' }, '/pattern', 'dropped pattern_no_sample'],
    [{ type: 'string', pattern: '^[A-Z]{2}$' }, '/pattern', 'mapped honoured'],
    [{ type: 'string', format: 'colour' }, '/format', 'dropped unknown_format'],
    [{ type: 'string', format: 'url' }, '/format', 'coerced format_alias'],
    [{ type: 'string', maxLength: 90_000 }, '/maxLength', 'coerced limited'],
    [{ type: 'string', minLength: 'x' }, '/minLength', 'dropped malformed'],
    [{ type: 'string', minimum: 3 }, '/minimum', 'dropped not_for_this_type'],
    [{ type: 'string', not: {} }, '/not', 'dropped not_checked'],
    [{ type: 'string', 'x-a/b~c': 1 }, '/x-a~1b~0c', 'dropped unknown_keyword'],
    [{ type: 'string', examples: ['a'] }, '/examples', 'dropped annotation'],
    [{ type: 'string', enum: ['a', 4] }, '/enum', 'coerced values_removed'],
    [{ type: 'string', enum: [4] }, '/enum', 'dropped contradiction'],
    [{ type: 'string', default: 4 }, '/default', 'dropped default_does_not_fit'],
    [{ type: 'integer', minimum: 5, maximum: 4 }, '/maximum', 'dropped contradiction'],
    [{ type: 'text' }, '/type', 'dropped unknown_type'],
    [{ maxLength: 3 }, '', 'coerced type_inferred'],
    [{ type: 'array', items: { type: 'boolean' }, uniqueItems: true, minItems: 3 }, '/uniqueItems', 'dropped contradiction'],
    [{ type: 'array', items: { type: 'array', items: text, minItems: 100 }, minItems: 100 }, '/minItems', 'dropped limit'],
    [{ type: 'array', prefixItems: [text] }, '/prefixItems', 'dropped tuple'],
    [{ type: 'object', properties: { a: text }, additionalProperties: true }, '/additionalProperties', 'dropped closed'],
    [{ type: 'object', properties: { a: text }, additionalProperties: false }, '/additionalProperties', 'mapped honoured'],
    [{ type: 'object', properties: { a: text }, required: ['b'] }, '/required', 'coerced names_removed'],
    [{ type: 'object', properties: { a: 5 } }, '/properties/a', 'dropped malformed'],
    [{ type: 'string', oneOf: [{ minLength: 1 }, { maxLength: 4 }] }, '/oneOf', 'dropped union_not_checked'],
  ])('%j reports %s as %s', (schema, below, wanted) => {
    expect(fieldLine(schema, below)).toBe(wanted);
  });
});

describe('hostile schemas are refused with a pointer', () => {
  const nested = (levels: number): unknown => (levels === 0 ? text : { type: 'object', properties: { a: nested(levels - 1) } });
  const deep = (levels: number): unknown => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);
  const laughs = Object.fromEntries(
    Array.from({ length: 12 }, (_, index) => [
      `L${index}`,
      { properties: Object.fromEntries(['a', 'b', 'c'].map((key) => [key, index === 11 ? text : { $ref: `#/$defs/L${index + 1}` }])) },
    ]),
  );
  const chain = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`n${index}`, { $ref: `#/$defs/n${index + 1}` }]));
  const fields = (count: number) => ({ properties: Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, text])) });

  test.each([
    ['a scalar', 'x', '', 'no_entity'],
    ['nothing', undefined, '', 'not_json'],
    ['no properties', { type: 'object' }, '', 'no_entity'],
    ['a prototype key', JSON.parse('{"properties":{"__proto__":{"type":"string"}}}'), '/properties/__proto__', 'forbidden_key'],
    ['a constructor key', { properties: { a: { default: { constructor: 1 } } } }, '/properties/a/default/constructor', 'forbidden_key'],
    ['an invisible name', { properties: { 'a\u202E': text } }, '/properties', 'invisible_text'],
    ['a null character', { properties: { a: { const: '\0' } } }, '/properties/a/const', 'unstorable_text'],
    ['a long name', { properties: { ['a'.repeat(65)]: text } }, `/properties/${'a'.repeat(65)}`, 'name_too_long'],
    ['a long key', { properties: { ['a'.repeat(300)]: text } }, '/properties', 'key_too_long'],
    ['deep JSON', { properties: { a: { default: deep(40) } } }, expect.stringContaining('/properties/a/default/a/a'), 'too_deep'],
    ['deep fields', nested(10), expect.stringContaining('/properties/a'), 'too_deep'],
    ['a large document', { properties: { a: { description: 'x'.repeat(70_000) } } }, '', 'too_large'],
    ['many properties', fields(201), '/properties/f200', 'too_many_properties'],
    [
      'many entities',
      { $defs: Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`e${index}`, object])) },
      '/$defs/e20',
      'too_many_entities',
    ],
    [
      'a recursive reference',
      { $defs: { Node: { properties: { next: { $ref: '#/$defs/Node' } } } } },
      '/$defs/Node/properties/next/$ref',
      'recursive_reference',
    ],
    ['a reference to the root', { properties: { a: text, b: { $ref: '#' } } }, '/properties/b/$ref', 'recursive_reference'],
    [
      'a mutual reference',
      { $defs: { A: { properties: { b: { $ref: '#/$defs/B' } } }, B: { allOf: [{ $ref: '#/$defs/A' }] } } },
      expect.stringMatching(/\$ref$/),
      'recursive_reference',
    ],
    ['a remote reference', { properties: { a: { $ref: 'https://evil.example/s.json' } } }, '/properties/a/$ref', 'remote_reference'],
    ['a dangling reference', { properties: { a: { $ref: '#/$defs/none' } } }, '/properties/a/$ref', 'unresolved_reference'],
    ['an undecodable reference', { properties: { a: { $ref: '#/%zz' } } }, '/properties/a/$ref', 'unresolved_reference'],
    ['a billion laughs', { $defs: laughs }, expect.any(String), expect.stringMatching(/too_deep|too_many_/)],
    [
      'a long chain of references',
      { properties: { a: { $ref: '#/$defs/n0' } }, $defs: { ...chain, n500: text } },
      expect.any(String),
      'too_many_expansions',
    ],
    [
      'an anyOf chain',
      { properties: { a: { allOf: Array.from({ length: 500 }, () => ({ minLength: 1 })) } } },
      expect.any(String),
      'too_many_expansions',
    ],
    [
      'a repeated large enum',
      {
        properties: Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`f${index}`, { $ref: '#/$defs/E' }])),
        $defs: { E: { enum: Array.from({ length: 300 }, (_, index) => `value number ${index}`) } },
      },
      '',
      'too_large',
    ],
    [
      'very many keywords',
      { properties: { a: Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`k${index}`, 1])) } },
      '',
      'too_many_keywords',
    ],
  ])('%s', (_, document, pointer, code) => {
    const planned = planDataModel(document);
    expect(planned).toMatchObject({ ok: false, code: 'schema.unsupported' });
    if (planned.ok) return;
    expect(planned.issues?.[0]).toMatchObject({ pointer, code });
    expect(planned.issues?.length).toBeLessThanOrEqual(limits.issues);
  });

  test('every pattern at once stays within the budget of one planning run', () => {
    const patterns = ['x$y(a|b|c|d|e|f|g|h){60}', '\\bend$', '^\\S+@\\S+\\.\\S+$', '(a?){500}a{500}', '^.{1,1000}$'];
    const properties = Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [
        `f${index}`,
        { type: 'string', minLength: 900, format: 'uuid', pattern: `${patterns[index % 5]}|${index}` },
      ]),
    );
    expect(plan({ properties }).mapping.filter(({ reason }) => reason === 'pattern_budget').length).toBeGreaterThan(50);
  });
});
