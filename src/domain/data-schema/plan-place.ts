import { cleanText } from '../untrusted-text.ts';
import { constrain, constrainValues } from './constrain.ts';
import { decideType } from './decide-type.ts';
import { flatten, isSchema, type Layer, type Source } from './flatten.ts';
import { isJson, isRecord, type Json, pointerTo } from './json.ts';
import { groupOf, rankOf } from './keywords.ts';
import { dataSchemaLimits as limits } from './limits.ts';
import type { MappingReason } from './mapping.ts';
import type { Field, Shape } from './model.ts';
import type { Planning } from './planning.ts';
import { passes } from './sample-value.ts';
import { claimSlug } from './slug.ts';

/** Where a schema is being applied. */
export interface SchemaPlace {
  /** Slugs from the entity on, joined by dots. */
  readonly path: string;
  readonly depth: number;
  readonly role: 'entity' | 'field' | 'item';
}

export interface PlannedPlace {
  readonly shape: Shape;
  readonly default?: Json;
  /** Set when the place as a whole became something weaker or other than declared. */
  readonly coerced?: MappingReason;
}

/**
 * Turn the schemas that apply at one place into one shape, and report every keyword of theirs. `undefined` when no value is valid there.
 * Recursion is bounded by `schemaDepth`, the work by the counts in `planning`.
 */
export function planPlace(sources: readonly Source[], place: SchemaPlace, planning: Planning): PlannedPlace | undefined {
  if (place.depth > limits.schemaDepth) planning.refuse(sources[0]?.pointer ?? '', 'too_deep');
  const { layers, unions, never } = flatten(sources, planning);
  if (planning.stopped) return undefined;
  const decided = decideType(layers, unions, planning, place.role === 'entity' ? 'object' : undefined);
  let shape = startingShape(decided.type, decided.nullable, layers, place, planning);
  for (const set of decided.values) {
    const { outcome, reason, ...next } = constrainValues(shape, set.values);
    shape = next.shape;
    if (set.pointer === '') continue;
    if (set.fromUnion && outcome !== 'dropped') planning.note(set.pointer, 'coerced', 'union_as_values');
    else planning.note(set.pointer, outcome, reason);
  }
  for (const { keyword, value, pointer } of constraintsOf(layers, shape)) {
    const { outcome, reason, ...next } = constrain(shape, keyword, value, planning);
    shape = next.shape;
    planning.note(pointer, outcome, reason);
  }
  for (const layer of layers) reportOthers(layer, shape, place, planning);
  const initial = defaultOf(layers, shape, place, planning);
  if (never) return undefined;
  return {
    shape,
    ...(initial === undefined ? {} : { default: initial }),
    ...(decided.coerced === undefined ? {} : { coerced: decided.coerced }),
  };
}

function startingShape(type: Shape['type'], nullable: boolean, layers: readonly Layer[], place: SchemaPlace, planning: Planning): Shape {
  if (type === 'object') {
    const { fields, open } = planFields(layers, place, planning);
    return { type, nullable, fields, open };
  }
  return type === 'array' ? { type, nullable, items: planItems(layers, place, planning) } : { type, nullable };
}

function planFields(layers: readonly Layer[], place: SchemaPlace, planning: Planning): { fields: Field[]; open: boolean } {
  const required = new Set(layers.flatMap(({ schema }) => (isNameList(schema.required) ? schema.required : [])));
  const taken = new Set<string>();
  const fields: Field[] = [];
  const declared = declaredProperties(layers, planning);
  for (const [original, sources] of declared) {
    const pointer = sources[0]?.pointer ?? '';
    planning.countProperty(pointer);
    if (original.length > limits.nameCharacters) planning.refuse(pointer, 'name_too_long');
    if (planning.stopped) break;
    const name = claimSlug(original, 'field', taken);
    const path = `${place.path}.${name}`;
    for (const source of sources) planning.note(source.pointer, 'mapped', name === original ? 'field' : 'renamed');
    const planned = planPlace(sources, { path, depth: place.depth + 1, role: 'field' }, planning);
    noteWeaker(sources, planned, planning);
    if (planned === undefined) continue;
    planning.untrusted.fields[path] = cleanText(original, limits.originalCharacters);
    fields.push({
      ...planned.shape,
      name,
      required: required.has(original),
      ...(planned.default === undefined ? {} : { default: planned.default }),
    });
  }
  const closed = layers.some(({ schema }) => schema.additionalProperties === false);
  const open = place.role !== 'entity' && declared.size === 0 && !closed;
  for (const layer of layers) reportObjectKeywords(layer, declared, open, planning);
  return { fields, open };
}

/** Properties by their original name; one that several layers declare has several sources. */
function declaredProperties(layers: readonly Layer[], planning: Planning): Map<string, Source[]> {
  const declared = new Map<string, Source[]>();
  for (const layer of layers) {
    const pointer = pointerTo(layer.pointer, 'properties');
    if (!isRecord(layer.schema.properties)) continue;
    for (const [original, schema] of Object.entries(layer.schema.properties)) {
      const source = { ...layer, schema, pointer: pointerTo(pointer, original), besideNull: false };
      if (isSchema(schema)) declared.set(original, [...(declared.get(original) ?? []), source]);
      else planning.note(source.pointer, 'dropped', 'malformed');
    }
  }
  return declared;
}

function reportObjectKeywords(layer: Layer, declared: ReadonlyMap<string, unknown>, open: boolean, planning: Planning): void {
  const { properties, required, additionalProperties } = layer.schema;
  if (properties !== undefined) {
    const pointer = pointerTo(layer.pointer, 'properties');
    if (!isRecord(properties)) planning.note(pointer, 'dropped', 'malformed');
    else if (Object.keys(properties).length === 0) planning.note(pointer, 'mapped', 'honoured');
  }
  if (required !== undefined) {
    const pointer = pointerTo(layer.pointer, 'required');
    if (!isNameList(required)) planning.note(pointer, 'dropped', 'malformed');
    else if (required.every((name) => declared.has(name))) planning.note(pointer, 'mapped', 'honoured');
    else planning.note(pointer, 'coerced', 'names_removed');
  }
  if (additionalProperties !== undefined) {
    const pointer = pointerTo(layer.pointer, 'additionalProperties');
    if (!isSchema(additionalProperties)) planning.note(pointer, 'dropped', 'malformed');
    else if (additionalProperties === false) planning.note(pointer, 'mapped', 'honoured');
    else if (open)
      planning.note(
        pointer,
        additionalProperties === true ? 'mapped' : 'coerced',
        additionalProperties === true ? 'honoured' : 'open_object',
      );
    else planning.note(pointer, 'dropped', 'closed');
  }
}

function planItems(layers: readonly Layer[], place: SchemaPlace, planning: Planning): Shape {
  const sources: Source[] = [];
  for (const layer of layers) {
    const pointer = pointerTo(layer.pointer, 'items');
    if (isSchema(layer.schema.items)) sources.push({ ...layer, schema: layer.schema.items, pointer, besideNull: false });
    else if (layer.schema.items !== undefined) planning.note(pointer, 'dropped', Array.isArray(layer.schema.items) ? 'tuple' : 'malformed');
    for (const keyword of ['prefixItems', 'additionalItems']) {
      if (Object.hasOwn(layer.schema, keyword)) planning.note(pointerTo(layer.pointer, keyword), 'dropped', 'tuple');
    }
  }
  for (const { pointer } of sources) planning.note(pointer, 'mapped', 'honoured');
  const planned = sources.length === 0 ? undefined : planPlace(sources, { ...place, depth: place.depth + 1, role: 'item' }, planning);
  noteWeaker(sources, planned, planning);
  return planned?.shape ?? { type: 'json', nullable: true };
}

/** Places are reported before what is inside them; afterwards, what became of them can only be worse. */
function noteWeaker(sources: readonly Source[], planned: PlannedPlace | undefined, planning: Planning): void {
  for (const { pointer } of sources) {
    if (planned === undefined) planning.note(pointer, 'dropped', 'never_valid');
    else if (planned.coerced !== undefined) planning.note(pointer, 'coerced', planned.coerced);
  }
}

/** The keywords that narrow this shape, in the order in which they are added. */
function constraintsOf(layers: readonly Layer[], shape: Shape): { keyword: string; value: unknown; pointer: string }[] {
  return layers
    .flatMap(({ schema, pointer }) =>
      Object.entries(schema).map(([keyword, value]) => ({ keyword, value, pointer: pointerTo(pointer, keyword) })),
    )
    .filter(({ keyword }) => rankOf(keyword) >= 0 && appliesTo(keyword, shape))
    .sort((left, right) => rankOf(left.keyword) - rankOf(right.keyword));
}

function appliesTo(keyword: string, shape: Shape): boolean {
  return groupOf(keyword) === (shape.type === 'integer' ? 'number' : shape.type);
}

/** Every keyword that nothing before has reported. */
function reportOthers(layer: Layer, shape: Shape, place: SchemaPlace, planning: Planning): void {
  for (const [keyword, value] of Object.entries(layer.schema)) {
    const pointer = pointerTo(layer.pointer, keyword);
    const group = groupOf(keyword);
    if (group === 'text' && (keyword === 'title' || keyword === 'description')) {
      if (typeof value === 'string') planning.keepText(place.path, keyword, value);
      planning.note(pointer, typeof value === 'string' ? 'mapped' : 'dropped', typeof value === 'string' ? 'text_kept' : 'malformed');
    } else if (group === 'nullable') {
      planning.note(pointer, typeof value === 'boolean' ? 'mapped' : 'dropped', typeof value === 'boolean' ? 'null_allowed' : 'malformed');
    } else if (keyword === 'enum' && !(Array.isArray(value) && value.length > 0)) {
      planning.note(pointer, 'dropped', 'malformed');
    } else if (group === 'definitions' && layer.pointer !== '') {
      planning.note(pointer, 'dropped', 'nested_definitions');
    } else if (group === 'annotation') {
      planning.note(pointer, 'dropped', 'annotation');
    } else if (group === 'unsupported') {
      planning.note(pointer, 'dropped', 'not_checked');
    } else if (group === 'unknown') {
      planning.note(pointer, 'dropped', 'unknown_keyword');
    } else if (['string', 'number', 'object', 'array'].includes(group) && !appliesTo(keyword, shape)) {
      planning.note(pointer, 'dropped', 'not_for_this_type');
    }
  }
}

/** The first default wins; it must be valid in itself. */
function defaultOf(layers: readonly Layer[], shape: Shape, place: SchemaPlace, planning: Planning): Json | undefined {
  let chosen: Json | undefined;
  for (const layer of layers) {
    if (!Object.hasOwn(layer.schema, 'default')) continue;
    const pointer = pointerTo(layer.pointer, 'default');
    const value = layer.schema.default;
    if (place.role !== 'field') planning.note(pointer, 'dropped', 'default_not_applied');
    else if (chosen !== undefined) planning.note(pointer, 'dropped', 'second_value');
    else if (!isJson(value) || JSON.stringify(value).length > limits.enumValueCharacters) planning.note(pointer, 'dropped', 'limit');
    else if (!passes(shape, value, { steps: limits.stepsPerSample })) planning.note(pointer, 'dropped', 'default_does_not_fit');
    else {
      chosen = value;
      planning.note(pointer, 'mapped', 'honoured');
    }
  }
  return chosen;
}

function isNameList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}
