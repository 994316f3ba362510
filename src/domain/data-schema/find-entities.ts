import { cleanText } from '../untrusted-text.ts';
import { isSchema, type Source } from './flatten.ts';
import { isRecord, pointerTo } from './json.ts';
import { dataSchemaLimits as limits } from './limits.ts';
import type { Planning } from './planning.ts';
import { resolveReference } from './reference.ts';
import { claimSlug } from './slug.ts';

export interface EntitySource {
  readonly name: string;
  readonly sources: readonly Source[];
}

/** Find the entities of a document by the rules of `planDataModel`, name them, and report the elements that only hold them. */
export function findEntities(planning: Planning): EntitySource[] {
  const { root } = planning.document;
  const found: EntitySource[] = [];
  const taken = new Set<string>();
  const add = (original: string, schema: unknown, pointer: string, line = pointer): void => {
    if (original.length > limits.nameCharacters) planning.refuse(line, 'name_too_long');
    if (found.length >= limits.entities) planning.refuse(line, 'too_many_entities');
    if (planning.stopped) return;
    const name = claimSlug(original, 'entity', taken);
    planning.untrusted.entities[name] = cleanText(original, limits.originalCharacters);
    planning.note(line, 'mapped', name === original ? 'entity' : 'renamed');
    found.push({ name, sources: [{ schema, pointer, trail: [pointer], besideNull: false }] });
  };
  if (!isRecord(root)) return found;
  for (const { name, pointer, schema } of planning.definitions()) if (hasProperties(schema, planning)) add(name, schema, pointer);
  addFromRoot(root, new Set(found.flatMap(({ sources }) => sources.map(({ pointer }) => pointer))), add, planning);
  return found;
}

type AddEntity = (original: string, schema: unknown, pointer: string, line?: string) => void;

function addFromRoot(root: Record<string, unknown>, known: ReadonlySet<string>, add: AddEntity, planning: Planning): void {
  const own = isRecord(root.properties) ? Object.entries(root.properties) : [];
  const holders = own.map(([name, schema]) => holderOf(name, schema, pointerTo('/properties', name), planning));
  if (own.length > 0 && holders.every((holder) => holder !== undefined)) {
    for (const holder of holders) {
      if (holder.target !== undefined && known.has(holder.target)) noteReference(holder, planning);
      else {
        add(holder.name, holder.schema, holder.pointer, holder.member);
        if (holder.pointer !== holder.member) noteList(holder.list, holder.member, 'honoured', planning);
      }
    }
    noteContainer(root, planning);
  } else if (own.length > 0 || (hasProperties(root, planning) && !known.has(targetOf(root, planning) ?? ' '))) {
    add(titleOf(root), root, '');
  } else if (isRecord(root.items) && hasProperties(root.items, planning)) {
    if (!known.has(targetOf(root.items, planning) ?? ' ')) add(titleOf(root, root.items), root.items, '/items');
    else planning.note('/items', 'mapped', 'entity_reference');
    noteContainer(root, planning, ['items']);
  } else {
    noteContainer(root, planning);
  }
}

/** A property of the document that is an object schema, or a list of them. */
interface Holder {
  readonly name: string;
  /** Where the property stands, and where its object schema stands. */
  readonly member: string;
  readonly pointer: string;
  readonly schema: unknown;
  readonly list: Record<string, unknown>;
  /** What the object schema just refers to. */
  readonly target: string | undefined;
}

function holderOf(name: string, schema: unknown, member: string, planning: Planning): Holder | undefined {
  if (!isRecord(schema)) return undefined;
  if (hasProperties(schema, planning)) return { name, member, pointer: member, schema, list: schema, target: targetOf(schema, planning) };
  const { items } = schema;
  if (!isRecord(items) || !hasProperties(items, planning)) return undefined;
  return { name, member, pointer: pointerTo(member, 'items'), schema: items, list: schema, target: targetOf(items, planning) };
}

function noteReference(holder: Holder, planning: Planning): void {
  planning.note(holder.member, 'mapped', 'entity_reference');
  noteList(holder.list, holder.member, 'entity_reference', planning);
}

function noteList(list: Record<string, unknown>, member: string, reason: 'honoured' | 'entity_reference', planning: Planning): void {
  for (const key of Object.keys(list)) {
    const carried = key === 'items' || key === 'type' || key === '$ref';
    planning.note(pointerTo(member, key), carried ? 'mapped' : 'dropped', carried ? reason : 'container');
  }
}

function noteContainer(root: Record<string, unknown>, planning: Planning, reported: readonly string[] = []): void {
  for (const [key, value] of Object.entries(root)) {
    if (key === 'properties' && isRecord(value) && Object.keys(value).length > 0) continue;
    if (key === '$defs' || key === 'definitions' || reported.includes(key)) continue;
    if ((key === 'title' || key === 'description') && typeof value === 'string') {
      planning.keepText('', key, value);
      planning.note(pointerTo('', key), 'mapped', 'text_kept');
    } else if (key === '$ref') planning.note('/$ref', 'mapped', 'entity_reference');
    else if (key === 'type') planning.note('/type', 'mapped', 'container');
    else planning.note(pointerTo('', key), 'dropped', 'container');
  }
}

/** The target of a schema that has a `$ref`. */
function targetOf(schema: Record<string, unknown>, planning: Planning): string | undefined {
  const target = Object.hasOwn(schema, '$ref') ? resolveReference(planning.document, schema.$ref) : undefined;
  return typeof target === 'object' ? target.pointer : undefined;
}

/** Has the schema properties, itself or through `$ref` and `allOf`? Looks at a bounded number of schemas. */
function hasProperties(schema: unknown, planning: Planning): boolean {
  const pending: unknown[] = [schema];
  for (let looked = 0; looked < 40 && pending.length > 0; looked += 1) {
    const next = pending.pop();
    if (!isRecord(next)) continue;
    if (isRecord(next.properties) && Object.values(next.properties).some(isSchema)) return true;
    const target = Object.hasOwn(next, '$ref') ? resolveReference(planning.document, next.$ref) : undefined;
    if (typeof target === 'object') pending.push(target.schema);
    if (Array.isArray(next.allOf)) pending.push(...next.allOf.slice(0, 40));
  }
  return false;
}

function titleOf(...schemas: Record<string, unknown>[]): string {
  const titles = schemas.map(({ title }) => (typeof title === 'string' ? cleanText(title, limits.nameCharacters) : ''));
  return titles.find((title) => title !== '') ?? 'record';
}
