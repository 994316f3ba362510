import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkRow } from '../../../src/domain/data-schema/check-row.ts';
import { defaultModel } from '../../../src/domain/data-schema/default-model.ts';
import { parseFilter } from '../../../src/domain/data-schema/filter.ts';
import type { Entity } from '../../../src/domain/data-schema/model.ts';
import { syntheticRows } from '../../../src/domain/data-schema/synthetic-rows.ts';

const entity: Entity = {
  name: 'order',
  fields: [
    { name: 'code', type: 'string', required: true, nullable: false, minLength: 2, maxLength: 4, pattern: '^[A-Z]+$' },
    { name: 'total', type: 'number', required: false, nullable: true, minimum: 0, multipleOf: 0.01 },
    { name: 'count', type: 'integer', required: false, nullable: false, exclusiveMaximum: 10 },
    { name: 'status', type: 'string', required: true, nullable: false, enum: ['open', 'done'], default: 'open' },
    { name: 'paid', type: 'boolean', required: false, nullable: false },
    { name: 'due', type: 'string', required: false, nullable: false, format: 'date' },
    {
      name: 'lines',
      type: 'array',
      required: false,
      nullable: false,
      maxItems: 2,
      uniqueItems: true,
      items: { type: 'object', nullable: false, open: false, fields: [{ name: 'sku', type: 'string', required: true, nullable: false }] },
    },
    { name: 'extra', type: 'json', required: false, nullable: true },
    { name: 'labels', type: 'object', required: false, nullable: false, fields: [], open: true },
  ],
};
const codes = (values: unknown, mode: 'create' | 'update' = 'update') => {
  const checked = checkRow(entity, values, mode);
  return checked.ok ? [] : (checked.issues ?? []).map((issue) => `${issue.pointer} ${issue.code}`);
};
const deep = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));

describe('checkRow', () => {
  test('fills in defaults and demands required fields on create only', () => {
    expect(checkRow(entity, { code: 'AB' }, 'create')).toEqual({ ok: true, value: { code: 'AB', status: 'open' } });
    expect(codes({}, 'create')).toEqual(['/code required']);
    expect(checkRow(entity, {}, 'update')).toEqual({ ok: true, value: {} });
    expect(checkRow(entity, { total: null }, 'update')).toEqual({ ok: true, value: { total: null } });
  });

  test.each<[unknown, string[]]>([
    [[], [' type']],
    [null, [' type']],
    [{ code: 5 }, ['/code type']],
    [{ code: null }, ['/code null']],
    [{ code: 'A' }, ['/code too_short']],
    [{ code: 'ABCDE' }, ['/code too_long']],
    [{ code: 'ab' }, ['/code pattern']],
    [{ total: 0.3 }, []],
    [{ total: 0.005 }, ['/total multiple_of']],
    [{ total: -1 }, ['/total out_of_range']],
    [{ total: Number.NaN }, ['/total type']],
    [{ count: 10 }, ['/count out_of_range']],
    [{ count: 1.5 }, ['/count type']],
    [{ count: -(2 ** 60) }, ['/count out_of_range']],
    [{ status: 'lost' }, ['/status enum']],
    [{ paid: 'true' }, ['/paid type']],
    [{ due: '2025-02-29' }, ['/due format']],
    [{ due: '2024-02-29' }, []],
    [{ lines: [{ sku: 'a' }, { sku: 'a' }] }, ['/lines duplicate_items']],
    [{ lines: [{}, { sku: 'a', x: 1 }] }, ['/lines/0/sku required', '/lines/1/x unknown_field']],
    [{ lines: [{ sku: 'a' }, { sku: 'b' }, { sku: 'c' }] }, ['/lines too_many_items']],
    [{ extra: 'x'.repeat(4_001) }, ['/extra too_long']],
    [{ extra: '\0' }, ['/extra unstorable_text']],
    [{ extra: 'x\ud800' }, ['/extra unstorable_text']],
    [{ extra: Array.from({ length: 1_001 }, () => 1) }, ['/extra too_large']],
    [{ extra: deep(8) }, []],
    [{ extra: deep(9) }, ['/extra/0/0/0/0/0/0/0/0 too_deep']],
    [{ extra: JSON.parse('{"__proto__":{"admin":true}}') }, ['/extra/__proto__ bad_key']],
    [{ labels: { constructor: 1 } }, ['/labels/constructor bad_key']],
    [{ labels: [] }, ['/labels type']],
    [JSON.parse('{"__proto__":{"admin":true},"toString":1}'), ['/__proto__ unknown_field', '/toString unknown_field']],
    [{ ['x'.repeat(100)]: 1 }, [' unknown_field']],
  ])('%j: %j', (values, wanted) => {
    expect(codes(values)).toEqual(wanted);
  });

  test('reports every issue, at most fifty, and never repeats a value', () => {
    const checked = checkRow(
      entity,
      { code: 'secret!', total: 'secret!', ...Object.fromEntries(Array.from({ length: 90 }, (_, index) => [`k${index}`, 1])) },
      'create',
    );
    expect(checked.ok ? 0 : checked.issues?.length).toBe(50);
    expect(JSON.stringify(checkRow(entity, { code: 'secret!', total: 'secret!' }, 'create'))).not.toContain('secret');
  });

  test('never throws, and what it accepts is accepted again unchanged', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom('code', 'total', 'count', 'due', 'lines', 'extra', 'labels', 'other'),
          fc.oneof(fc.jsonValue(), fc.anything()),
        ),
        (values) => {
          const checked = checkRow(entity, values, 'update');
          if (checked.ok) expect(checkRow(entity, JSON.parse(JSON.stringify(checked.value)), 'update')).toEqual(checked);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('formats', () => {
  const accepts = (format: 'date-time' | 'time' | 'email' | 'uri' | 'uuid' | 'ipv4' | 'hostname', value: string) =>
    checkRow({ name: 'x', fields: [{ name: 'f', type: 'string', format, required: true, nullable: false }] }, { f: value }, 'create').ok;

  test.each([
    [
      'date-time',
      ['2025-01-31T23:59:59Z', '2025-01-31t10:00:00.123+05:30'],
      ['2025-01-31', '2025-01-31T10:00:00', '2025-02-30T10:00:00Z', '2025-01-31T24:00:00Z'],
    ],
    ['time', ['10:00:00', '10:00:00Z'], ['10:00', '25:00:00']],
    ['email', ['a.b+c@x.example'], ['a', '@x.example', 'a@', 'a..b@x.example', 'a b@x.example', `${'a'.repeat(65)}@x.example`]],
    ['uri', ['https://x.example/a?b=c#d', 'urn:isbn:1'], ['/a', 'https://x.example/a b', 'https://x.example/%zz', 'x']],
    ['uuid', ['0190a3c0-7d5e-7c3a-8f1e-2b3c4d5e6f70'], ['0190a3c07d5e7c3a8f1e2b3c4d5e6f70']],
    ['ipv4', ['192.0.2.1', '0.0.0.0'], ['256.0.0.1', '1.2.3', '1.2.3.4.', '01.2.3.4']],
    ['hostname', ['a.example', 'x'], ['-a.example', 'a..b', '', 'a_b.example', `${'a'.repeat(64)}.example`]],
  ] as const)('%s', (format, good, bad) => {
    expect(good.filter((value) => !accepts(format, value))).toEqual([]);
    expect(bad.filter((value) => accepts(format, value))).toEqual([]);
  });
});

describe('syntheticRows', () => {
  const model = defaultModel();

  test('of the default model pass its own check, repeat for a seed, differ between seeds', () => {
    for (const each of model.entities) {
      const rows = syntheticRows(model, each.name, 100, 'seed');
      expect(rows).toHaveLength(100);
      for (const row of rows) expect(checkRow(each, row, 'create')).toEqual({ ok: true, value: row });
      expect(syntheticRows(model, each.name, 100, 'seed')).toEqual(rows);
      expect(syntheticRows(model, each.name, 100, 'other')).not.toEqual(rows);
    }
  });

  test('refer to rows that exist', () => {
    const accounts = new Set(syntheticRows(model, 'account', 20, 's').map((row) => row.id));
    expect(accounts.size).toBe(20);
    for (const row of syntheticRows(model, 'deal', 20, 's')) expect(accounts).toContain(row.account_id);
  });

  test('name no real domain', () => {
    for (const row of syntheticRows(model, 'contact', 100, 's')) expect(row.email).toMatch(/^[^@]+@[a-z]+\.example$/);
  });

  test('are limited in number and size, and none for an unknown entity', () => {
    expect(syntheticRows(model, 'account', 1_000, 's')).toHaveLength(100);
    expect(syntheticRows(model, 'account', -1, 's')).toEqual([]);
    expect(syntheticRows(model, 'none', 5, 's')).toEqual([]);
    const long = {
      entities: [
        {
          name: 'long',
          fields: Array.from({ length: 200 }, (_, index) => ({
            name: `f${index}`,
            type: 'string' as const,
            minLength: 1_000,
            required: true,
            nullable: false,
          })),
        },
      ],
    };
    const rows = syntheticRows(long, 'long', 100, 's');
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows).length).toBeLessThan(540_000);
  });
});

describe('parseFilter', () => {
  test('gives values the type of their field', () => {
    expect(parseFilter(entity, { code: 'AB', total: '1.5', count: '3', paid: 'false' })).toEqual({
      ok: true,
      value: [
        { field: 'code', value: 'AB' },
        { field: 'total', value: 1.5 },
        { field: 'count', value: 3 },
        { field: 'paid', value: false },
      ],
    });
  });

  test.each([
    [{ nothing: '1' }, '/filter/nothing', 'unknown_field'],
    [{ constructor: '1' }, '/filter/constructor', 'unknown_field'],
    [{ lines: '1' }, '/filter/lines', 'not_filterable'],
    [{ count: '1.5' }, '/filter/count', 'type'],
    [{ total: '1e999' }, '/filter/total', 'type'],
    [{ total: '0x10' }, '/filter/total', 'type'],
    [{ paid: 'yes' }, '/filter/paid', 'type'],
    [{ code: 'a\0' }, '/filter/code', 'type'],
    [{ a: '', b: '', c: '', d: '', e: '', f: '' }, '/filter', 'too_many_filters'],
  ])('%j is refused', (filters, pointer, code) => {
    expect(parseFilter(entity, filters)).toMatchObject({ ok: false, code: 'request.invalid', issues: [{ pointer, code }] });
  });
});
