import type { Layer, Union } from './flatten.ts';
import { isJson, isRecord, type Json, pointerTo } from './json.ts';
import { groupOf } from './keywords.ts';
import type { MappingReason } from './mapping.ts';
import type { Shape } from './model.ts';
import type { Planning } from './planning.ts';

export interface DecidedType {
  readonly type: Shape['type'];
  readonly nullable: boolean;
  /** Sets of allowed values, one for each `enum`, `const` and union of constants. All apply. */
  readonly values: readonly { readonly pointer: string; readonly values: readonly Json[]; readonly fromUnion: boolean }[];
  /** Set when the type is weaker than, or other than, what the schema says. */
  readonly coerced?: MappingReason;
}

/**
 * One type for a place from all its layers, and whether null is accepted. Reports every `type` keyword and every union. A type that no
 * layer declares is inferred from allowed values, then from the keywords present; failing that, any JSON value is accepted.
 */
export function decideType(layers: readonly Layer[], unions: readonly Union[], planning: Planning, forced?: 'object'): DecidedType {
  const declared = intersectTypes(layers, planning, forced);
  const values: { pointer: string; values: readonly Json[]; fromUnion: boolean }[] = layers.flatMap(allowedValues);
  const inferred = inferFromKeywords(layers);
  let unionAsJson = false;
  for (const union of unions) {
    const constants = unionOfConstants(union);
    if (constants !== undefined) values.push({ pointer: union.pointer, values: constants, fromUnion: true });
    else if (forced !== undefined || declared.types !== undefined || inferred !== undefined || values.length > 0) {
      planning.note(union.pointer, 'dropped', 'union_not_checked');
    } else {
      planning.note(union.pointer, 'coerced', 'union_as_json');
      unionAsJson = true;
    }
  }
  const denied = layers.some((layer) => deniesNull(layer)) || values.some((set) => set.fromUnion && !set.values.includes(null));
  const allowed = layers.some((layer) => allowsNull(layer)) || values.some((set) => set.values.includes(null));
  const nullable = allowed && !denied;
  if (forced !== undefined) return { type: forced, nullable, values };
  if (declared.types !== undefined) {
    const [only, second] = declared.types;
    if (only !== undefined && second === undefined) return { type: only, nullable, values };
    if (only !== undefined) return { type: 'json', nullable, values, coerced: 'several_types' };
    return { type: 'json', nullable: true, values: [...values, { pointer: '', values: [null], fromUnion: false }] };
  }
  const fromValues = inferFromValues(values.flatMap((set) => set.values));
  if (fromValues !== undefined) return { type: fromValues, nullable, values };
  if (values.length > 0) return { type: 'json', nullable, values };
  if (inferred !== undefined) return { type: inferred, nullable, values, coerced: 'type_inferred' };
  return { type: 'json', nullable: !denied, values, ...(unionAsJson ? { coerced: 'union_as_json' as const } : {}) };
}

type ConcreteType = Exclude<Shape['type'], 'json'>;

/** `types` is absent when nothing usable is declared, and empty when only null is. A layer that leaves no type is dropped. */
function intersectTypes(layers: readonly Layer[], planning: Planning, forced: 'object' | undefined): { types?: readonly ConcreteType[] } {
  let accepted: ReadonlySet<ConcreteType> | undefined = forced === undefined ? undefined : new Set([forced]);
  const kept: string[] = [];
  for (const layer of layers) {
    if (!Object.hasOwn(layer.schema, 'type')) continue;
    const pointer = pointerTo(layer.pointer, 'type');
    const named = Array.isArray(layer.schema.type) ? layer.schema.type : [layer.schema.type];
    const types = named.length > 0 && named.every(isTypeName) ? new Set(named.flatMap((name) => concreteTypes[name])) : undefined;
    if (types === undefined) {
      planning.note(pointer, 'dropped', named.every((name) => typeof name === 'string') && named.length > 0 ? 'unknown_type' : 'malformed');
      continue;
    }
    const both: ReadonlySet<ConcreteType> = accepted === undefined ? types : new Set([...accepted].filter((type) => types.has(type)));
    if (both.size === 0 && accepted !== undefined) {
      planning.note(pointer, 'dropped', 'contradiction');
      continue;
    }
    accepted = both;
    kept.push(pointer);
  }
  if (accepted === undefined) return {};
  const types = [...accepted].filter((type) => type !== 'integer' || !accepted?.has('number'));
  for (const pointer of kept)
    planning.note(pointer, types.length > 1 ? 'coerced' : 'mapped', types.length > 1 ? 'several_types' : 'honoured');
  return { types };
}

const concreteTypes = {
  string: ['string'],
  number: ['number', 'integer'],
  integer: ['integer'],
  boolean: ['boolean'],
  object: ['object'],
  array: ['array'],
  null: [],
} as const satisfies Record<string, readonly ConcreteType[]>;

function isTypeName(name: unknown): name is keyof typeof concreteTypes {
  return typeof name === 'string' && Object.hasOwn(concreteTypes, name);
}

function allowsNull({ schema, besideNull }: Layer): boolean {
  return besideNull || schema.nullable === true || schema.type === 'null' || (Array.isArray(schema.type) && schema.type.includes('null'));
}

function deniesNull(layer: Layer): boolean {
  const { schema } = layer;
  if (layer.besideNull) return false;
  if ((typeof schema.type === 'string' || Array.isArray(schema.type)) && !allowsNull(layer)) return true;
  return allowedValues(layer).some(({ values }) => !values.includes(null));
}

function allowedValues({ schema, pointer }: Layer): { pointer: string; values: readonly Json[]; fromUnion: boolean }[] {
  const sets: { pointer: string; values: readonly Json[]; fromUnion: boolean }[] = [];
  const listed = schema.enum;
  if (Array.isArray(listed) && listed.length > 0 && listed.every(isJson))
    sets.push({ pointer: pointerTo(pointer, 'enum'), values: listed, fromUnion: false });
  if (Object.hasOwn(schema, 'const') && isJson(schema.const))
    sets.push({ pointer: pointerTo(pointer, 'const'), values: [schema.const], fromUnion: false });
  return sets;
}

function unionOfConstants(union: Union): Json[] | undefined {
  const values: Json[] = union.withNull ? [null] : [];
  for (const branch of union.branches) {
    if (!isRecord(branch) || !Object.keys(branch).every((key) => ['const', 'enum', 'type', 'title', 'description'].includes(key)))
      return undefined;
    const [set] = allowedValues({ schema: branch, pointer: '', trail: [], besideNull: false });
    if (set === undefined) return undefined;
    values.push(...set.values);
  }
  return values;
}

function inferFromValues(values: readonly Json[]): ConcreteType | undefined {
  const some = values.filter((value) => value !== null);
  if (some.length === 0) return undefined;
  if (some.every((value) => typeof value === 'string')) return 'string';
  if (some.every((value) => typeof value === 'boolean')) return 'boolean';
  if (some.every((value) => Number.isSafeInteger(value))) return 'integer';
  return some.every((value) => typeof value === 'number') ? 'number' : undefined;
}

function inferFromKeywords(layers: readonly Layer[]): ConcreteType | undefined {
  const groups = new Set(layers.flatMap(({ schema }) => Object.keys(schema).map(groupOf)));
  return (['object', 'array', 'string', 'number'] as const).find((type) => groups.has(type));
}
