import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkRow } from '../../../src/domain/data-schema/check-row.ts';
import { pointerTo } from '../../../src/domain/data-schema/json.ts';
import type { MappingLine } from '../../../src/domain/data-schema/mapping.ts';
import { planDataModel } from '../../../src/domain/data-schema/plan.ts';
import { syntheticRows } from '../../../src/domain/data-schema/synthetic-rows.ts';
import { arbitraryDocument } from './arbitrary-schema.ts';

const runs = { numRuns: Number(process.env.SOAK_RUNS ?? 200) };

describe('for any schema', () => {
  test('every synthetic row passes the check of its own model, also after the model was stored as JSON', () => {
    fc.assert(
      fc.property(arbitraryDocument, fc.string(), (document, seed) => {
        const plan = planDataModel(document);
        if (!plan.ok) return;
        const { entities } = plan.value.model;
        const stored: typeof plan.value.model = JSON.parse(JSON.stringify(reversedKeys(plan.value.model)));
        for (const entity of entities) {
          const rows = syntheticRows(plan.value.model, entity.name, 4, seed);
          expect(rows).toHaveLength(4);
          expect(syntheticRows(stored, entity.name, 4, seed)).toEqual(rows);
          for (const row of rows)
            expect(checkRow(entity, JSON.parse(JSON.stringify(row)), 'create')).toMatchObject({ ok: true, value: row });
        }
      }),
      runs,
    );
  });

  test('the mapping names existing elements, each once, and accounts for all that the entities reach', () => {
    fc.assert(
      fc.property(arbitraryDocument, (document) => {
        const plan = planDataModel(document);
        if (!plan.ok) return;
        const lines = new Map(plan.value.mapping.map((line) => [line.pointer, line]));
        expect(lines.size).toBe(plan.value.mapping.length);
        for (const pointer of lines.keys()) expect(valueAt(document, pointer), pointer).toBeDefined();
        const missing: string[] = [];
        for (const line of plan.value.mapping) {
          const definition = /^\/\$defs\/[^/]+$/.test(line.pointer);
          if (definition && line.outcome === 'mapped') collectMissing(valueAt(document, line.pointer), line.pointer, lines, missing);
        }
        expect(missing).toEqual([]);
      }),
      runs,
    );
  });

  test('names are slugs, unique among siblings, and refusals point into the document', () => {
    fc.assert(
      fc.property(arbitraryDocument, (document) => {
        const plan = planDataModel(document);
        if (!plan.ok) {
          expect(plan.code).toBe('schema.unsupported');
          for (const issue of plan.issues ?? []) expect(valueAt(document, issue.pointer)).toBeDefined();
          return;
        }
        for (const entity of plan.value.model.entities) {
          const names = entity.fields.map((field) => field.name);
          expect(new Set(names).size).toBe(names.length);
          for (const name of [entity.name, ...names]) expect(name).toMatch(/^[a-z][a-z0-9_]{0,62}$/);
        }
      }),
      runs,
    );
  });
});

/** Walk a used schema by the letter of JSON Schema, stopping below lines that cover what is under them. */
function collectMissing(schema: unknown, pointer: string, lines: ReadonlyMap<string, MappingLine>, missing: string[]): void {
  if (typeof schema !== 'object' || schema === null) return;
  for (const [key, value] of Object.entries(schema)) {
    const at = pointerTo(pointer, key);
    const line = lines.get(at);
    if (key === 'properties' && line === undefined && Object.keys(value).length > 0) {
      for (const [name, member] of Object.entries(value)) visit(member, pointerTo(at, name), lines, missing);
    } else if (line === undefined) missing.push(at);
    else if (line.outcome !== 'dropped' && !line.reason.startsWith('union_as_')) {
      if (key === 'items') collectMissing(value, at, lines, missing);
      if (['allOf', 'anyOf', 'oneOf'].includes(key)) {
        for (const [index, member] of Object.entries(value)) collectMissing(member, pointerTo(at, index), lines, missing);
      }
    }
  }
}

function visit(schema: unknown, pointer: string, lines: ReadonlyMap<string, MappingLine>, missing: string[]): void {
  const line = lines.get(pointer);
  if (line === undefined) missing.push(pointer);
  else if (line.outcome !== 'dropped') collectMissing(schema, pointer, lines, missing);
}

function valueAt(document: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((value: unknown, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined), document);
}

/** `jsonb` does not keep the order of members. */
function reversedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversedKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversedKeys(member)]),
  );
}
