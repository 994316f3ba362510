import { isRecord, pointerTo } from './json.ts';
import type { Planning } from './planning.ts';
import { resolveReference } from './reference.ts';

/** A schema to be applied at one place. `trail`: the references that led here, by target; one that repeats is recursive. */
export interface Source {
  readonly schema: unknown;
  readonly pointer: string;
  readonly trail: readonly string[];
  /** An alternative next to this schema accepts null, so it does not forbid null itself. */
  readonly besideNull: boolean;
}

/** One schema object of a flattened place. All layers of a place apply together. */
export interface Layer extends Source {
  readonly schema: Record<string, unknown>;
}

export interface Flattened {
  readonly layers: readonly Layer[];
  /** Some schema of the place is `false`. */
  readonly never: boolean;
  /** Alternatives that the planner must still decide about. */
  readonly unions: readonly Union[];
}

export interface Union {
  readonly pointer: string;
  /** The alternatives that do not accept just null. */
  readonly branches: readonly unknown[];
  readonly withNull: boolean;
}

/**
 * Follow `$ref` and `allOf`, and `anyOf`/`oneOf` that only add null to one schema, until only plain schema objects are left. Reports those
 * keywords; refuses references that are remote, recursive or lead nowhere. Not recursive itself; expansions are counted.
 */
export function flatten(sources: readonly Source[], planning: Planning): Flattened {
  const layers: Layer[] = [];
  const unions: Union[] = [];
  let never = false;
  const pending = [...sources].reverse();
  for (let source = pending.pop(); source !== undefined && !planning.stopped; source = pending.pop()) {
    if (source.schema === false) never = true;
    if (!isRecord(source.schema)) continue;
    const layer: Layer = { ...source, schema: source.schema };
    layers.push(layer);
    const inner = [...followReference(layer, planning), ...followAll(layer, planning), ...followUnions(layer, unions, planning)];
    for (const next of inner.reverse()) {
      planning.countExpansion(next.pointer);
      pending.push(next);
    }
  }
  return { layers, unions, never };
}

function followReference(layer: Layer, planning: Planning): Source[] {
  if (!Object.hasOwn(layer.schema, '$ref')) return [];
  const pointer = pointerTo(layer.pointer, '$ref');
  const target = resolveReference(planning.document, layer.schema.$ref);
  if (typeof target === 'string') {
    planning.refuse(pointer, target);
    return [];
  }
  if (layer.trail.includes(target.pointer)) {
    planning.refuse(pointer, 'recursive_reference');
    return [];
  }
  planning.note(pointer, 'mapped', 'inlined');
  planning.referenced.add(target.pointer);
  return [{ ...target, trail: [...layer.trail, target.pointer], besideNull: layer.besideNull }];
}

function followAll(layer: Layer, planning: Planning): Source[] {
  const members = layer.schema.allOf;
  if (members === undefined) return [];
  const pointer = pointerTo(layer.pointer, 'allOf');
  if (!isSchemaList(members)) {
    planning.note(pointer, 'dropped', 'malformed');
    return [];
  }
  planning.note(pointer, 'coerced', 'merged');
  return members.map((schema, index) => ({ ...layer, schema, pointer: pointerTo(pointer, index) }));
}

function followUnions(layer: Layer, unions: Union[], planning: Planning): Source[] {
  return ['anyOf', 'oneOf'].flatMap((keyword) => {
    const members = layer.schema[keyword];
    if (members === undefined) return [];
    const pointer = pointerTo(layer.pointer, keyword);
    if (!isSchemaList(members)) {
      planning.note(pointer, 'dropped', 'malformed');
      return [];
    }
    const branches = members.map((schema, index) => ({ ...layer, schema, pointer: pointerTo(pointer, index) }));
    const others = branches.filter(({ schema }) => !isNullSchema(schema));
    const [only] = others;
    const withNull = others.length < branches.length;
    if (only === undefined || others.length > 1) {
      unions.push({ pointer, branches: others.map(({ schema }) => schema), withNull });
      return [];
    }
    planning.note(pointer, 'mapped', withNull ? 'null_allowed' : 'merged');
    for (const branch of branches) {
      if (branch === only || !isRecord(branch.schema)) continue;
      for (const key of Object.keys(branch.schema)) planning.note(pointerTo(branch.pointer, key), 'mapped', 'null_allowed');
    }
    return [{ ...only, besideNull: layer.besideNull || withNull }];
  });
}

function isNullSchema(schema: unknown): boolean {
  if (!isRecord(schema) || !Object.keys(schema).every((key) => ['type', 'const', 'enum', 'title', 'description'].includes(key)))
    return false;
  return (
    schema.type === 'null' ||
    schema.const === null ||
    (Array.isArray(schema.enum) && schema.enum.length > 0 && schema.enum.every((value) => value === null))
  );
}

export function isSchema(value: unknown): value is boolean | Record<string, unknown> {
  return typeof value === 'boolean' || isRecord(value);
}

function isSchemaList(value: unknown): value is readonly (boolean | Record<string, unknown>)[] {
  return Array.isArray(value) && value.length > 0 && value.every(isSchema);
}
