import { ok, type Result, refuse } from '../result.ts';
import { findEntities } from './find-entities.ts';
import { dataSchemaLimits as limits } from './limits.ts';
import type { MappingLine } from './mapping.ts';
import type { DataModel, Entity } from './model.ts';
import { planPlace } from './plan-place.ts';
import { Planning, type UntrustedSchemaText } from './planning.ts';
import { readDocument } from './read-document.ts';
import { schemaIssue } from './schema-issue.ts';

export interface DataModelPlan {
  readonly model: DataModel;
  /** One line per schema element, in the order of the walk. */
  readonly mapping: readonly MappingLine[];
  readonly untrusted: UntrustedSchemaText;
}

/**
 * Plan the data model of a workspace from a JSON Schema document (2020-12; `definitions`, boolean schemas, `nullable` tolerated).
 *
 * **Which schemas are entities** (an object schema here is one that has properties, itself or through `$ref` and `allOf`):
 * 1. every object schema directly under the document's `$defs` or `definitions`;
 * 2. the document's own properties: if every one of them is an object schema or a list of object schemas, each is an entity, unless it
 *    just refers to an entity of rule 1; otherwise the document itself is one entity, named by its title, else `record`;
 * 3. a document that is a list of object schemas is one entity of those.
 *
 * **Inside a row** nested objects stay nested objects and arrays stay arrays. A `$ref` within the document copies the schema to its place,
 * also when it refers to an entity. Objects accept their declared properties only, whatever `additionalProperties` says; an object that
 * declares none accepts any members. A constraint that would leave no possible value is dropped.
 *
 * **The mapping** has exactly one line for every property, every definition of the document and every keyword of each schema that was
 * used (`properties` and `$defs` by their members). A dropped line, and a union that became JSON or a list of values, also covers
 * everything below its pointer.
 *
 * Refuses `schema.unsupported`, with pointers into the document, only what is hostile or unreadable: beyond `dataSchemaLimits`, keys that
 * reach a prototype or hold invisible characters, references that are remote, recursive or lead nowhere, and documents without an entity.
 */
export function planDataModel(document: unknown): Result<DataModelPlan, 'schema.unsupported'> {
  const read = readDocument(document);
  if (!read.ok) return read;
  const planning = new Planning(read.value);
  const entities: Entity[] = [];
  for (const { name, sources } of findEntities(planning)) {
    if (planning.stopped) break;
    const planned = planPlace(sources, { path: name, depth: 0, role: 'entity' }, planning);
    if (planned?.shape.type === 'object') entities.push({ name, fields: planned.shape.fields });
  }
  planning.noteDefinitions();
  if (planning.stopped) return refuse('schema.unsupported', { issues: planning.issues });
  if (entities.length === 0) return refuse('schema.unsupported', { issues: [schemaIssue('', 'no_entity')] });
  const model = { entities };
  if (JSON.stringify(model).length > limits.modelCharacters)
    return refuse('schema.unsupported', { issues: [schemaIssue('', 'too_large')] });
  return ok({ model, mapping: planning.mapping, untrusted: planning.untrusted });
}
