import { toJSONSchema, type ZodType } from 'zod';
import { invariant } from '../domain/result.ts';

/** JSON Schema 2020-12 of an object, as MCP wants a tool's schemas: self-contained, `object` at the root. */
export interface ObjectSchema {
  readonly type: 'object';
  readonly properties?: Record<string, Json>;
  readonly required?: string[];
  readonly [keyword: string]: Json | undefined;
}

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
type Schema = { [key: string]: Json };

/**
 * The schema of what travels: for an input what a caller sends, for an output what a view gives. References are replaced by what they
 * name, since many model APIs do not resolve `$ref`; 2020-12 is the dialect that MCP assumes, so `$schema` is left out.
 */
export function objectSchemaOf(schema: ZodType): ObjectSchema {
  const made: unknown = toJSONSchema(schema, { io: 'input' });
  invariant(isSchema(made), 'a schema is an object');
  const { $schema: _, $defs, ...root } = made;
  const flat = inlined(root, isSchema($defs) ? $defs : {}, []);
  invariant(isSchema(flat) && (flat.type === undefined || flat.type === 'object'), 'a tool takes and answers objects');
  const { type: __, properties, required, ...rest } = flat;
  return {
    type: 'object',
    ...(isSchema(properties) ? { properties } : {}),
    ...(Array.isArray(required) ? { required: required.map(String) } : {}),
    ...rest,
  };
}

/**
 * The same schema, one level deep: names, types and meanings of the root's members. A public document explains itself and its whole
 * schema is in the OpenAPI document; every client would pay for it again in each tool list.
 */
export function outlineOf(schema: ObjectSchema): ObjectSchema {
  return withMembers(schema, (member) => {
    if (!isSchema(member)) return member;
    return Object.fromEntries(Object.entries(member).filter(([keyword]) => keyword === 'type' || keyword === 'description'));
  });
}

/**
 * The same schema without what a reader of answers does not need: forms and bounds of values anywhere; below the members of the root also
 * meanings, and that all members are there and no others. Every answer that fits the schema fits this one; the whole is in the OpenAPI document.
 */
export function lightOf(schema: ObjectSchema): ObjectSchema {
  return withMembers(schema, (member) => {
    const light = nullableInShort(without(member, (keyword) => heavy.has(keyword)));
    const meaning = isSchema(member) ? member.description : undefined;
    return isSchema(light) && meaning !== undefined ? { ...light, description: meaning } : light;
  });
}

const heavy: ReadonlySet<string> = new Set([
  'description',
  'pattern',
  'format',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'minLength',
  'maxLength',
  'maxItems',
  'propertyNames',
  'additionalProperties',
  'required',
  'id',
]);

/** What may be null or of one type, said in one word: `["string", "null"]` instead of a choice between two schemas. */
function nullableInShort(node: Json): Json {
  if (Array.isArray(node)) return node.map(nullableInShort);
  if (!isSchema(node)) return node;
  const { anyOf, ...rest } = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, nullableInShort(value)]));
  if (!Array.isArray(anyOf)) return anyOf === undefined ? rest : { anyOf, ...rest };
  const [one, other, ...others] = anyOf;
  const isNullable = others.length === 0 && isSchema(other) && other.type === 'null';
  // Values that are listed would have to list null as well.
  const type = isNullable && isSchema(one) && !('enum' in one) && !('const' in one) ? one.type : undefined;
  return isSchema(one) && typeof type === 'string' ? { ...one, type: [type, 'null'], ...rest } : { anyOf, ...rest };
}

/**
 * The same schema without patterns that do not help a model to write a value: those that are too long, and those of ids, which it copies.
 * What does not match them is refused with its reason.
 */
export function legibleOf(schema: ObjectSchema): ObjectSchema {
  return withMembers(schema, (member) => without(member, (keyword, value) => keyword === 'pattern' && isUnhelpful(value)));
}

const isUnhelpful = (pattern: Json): boolean =>
  typeof pattern === 'string' && (pattern.length > 80 || pattern.endsWith('[0-9a-hjkmnp-tv-z]{25}$'));

/** With each of the root's members as `become` makes it. */
function withMembers(schema: ObjectSchema, become: (member: Json) => Json): ObjectSchema {
  const members = Object.entries(schema.properties ?? {}).map(([name, member]): [string, Json] => [name, become(member)]);
  return { ...schema, properties: Object.fromEntries(members) };
}

/** Without some keywords, at any depth. `named`: whether the node's keys are names of members, not keywords. */
function without(node: Json, isDropped: (keyword: string, value: Json) => boolean, named = false): Json {
  if (Array.isArray(node)) return node.map((item) => without(item, isDropped));
  if (!isSchema(node)) return node;
  const kept = Object.entries(node).filter(([key, value]) => named || !isDropped(key, value));
  return Object.fromEntries(kept.map(([key, value]) => [key, without(value, isDropped, !named && key === 'properties')]));
}

function inlined(node: Json, definitions: Schema, within: readonly string[]): Json {
  if (Array.isArray(node)) return node.map((item) => inlined(item, definitions, within));
  if (!isSchema(node)) return node;
  const reference = typeof node.$ref === 'string' ? /^#\/\$defs\/(.+)$/.exec(node.$ref)?.[1] : undefined;
  if (reference !== undefined) {
    const definition = definitions[reference];
    invariant(definition !== undefined && !within.includes(reference), `the schema ${reference} of a tool exists and is not recursive`);
    const { $ref: _, ...beside } = node;
    return inlined({ ...(isSchema(definition) ? definition : {}), ...beside }, definitions, [...within, reference]);
  }
  const kept = Object.entries(node).filter(([keyword, value]) => !isSafeIntegerBound(keyword, value));
  return Object.fromEntries(kept.map(([key, value]) => [key, inlined(value, definitions, within)]));
}

/** zod writes the limits of JavaScript's own integers; they tell a reader nothing. */
function isSafeIntegerBound(keyword: string, value: Json): boolean {
  return (keyword === 'minimum' && value === Number.MIN_SAFE_INTEGER) || (keyword === 'maximum' && value === Number.MAX_SAFE_INTEGER);
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
