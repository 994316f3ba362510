import type { Json, RowValues } from './json.ts';
import { dataSchemaLimits as limits } from './limits.ts';
import { type DataModel, type Entity, type Field, findEntity } from './model.ts';
import type { Work } from './pattern.ts';
import { seededRandom } from './random.ts';
import { passes, sampleValue } from './sample-value.ts';

/**
 * Rows of one entity, invented but plausible: names, places and amounts by field name, reserved domains only (RFC 2606), dates around 2025.
 * Every row passes `checkRow(entity, row, 'create')`. The same model, entity, count and seed give the same rows. At most
 * `dataSchemaLimits.syntheticRows`, fewer when they grow beyond `syntheticCharacters`; none for an unknown entity.
 *
 * A field `<entity>_id` refers to the `id` of one of the rows that the same call for that entity makes, where both types agree.
 */
export function syntheticRows(model: DataModel, entityName: string, count: number, seed: string): RowValues[] {
  const entity = findEntity(model, entityName);
  if (entity === undefined) return [];
  const wanted = Math.max(0, Math.min(Math.floor(count), limits.syntheticRows));
  const making: Making = { model, wanted, seed, work: { steps: limits.stepsPerSyntheticCall } };
  const rows: RowValues[] = [];
  let characters = 0;
  const valueAt = valuesOf(making, entity);
  for (let index = 0; index < wanted; index += 1) {
    const row: RowValues = {};
    entity.fields.forEach((field, position) => {
      const value = valueAt(index, position);
      if (value !== undefined) row[field.name] = value;
    });
    characters += JSON.stringify(row).length;
    if (characters > limits.syntheticCharacters) break;
    rows.push(row);
  }
  return rows;
}

interface Making {
  readonly model: DataModel;
  readonly wanted: number;
  readonly seed: string;
  readonly work: Work;
}

/** Every value has its own random stream, so that an `id` can be made again where another entity refers to it. */
function valuesOf(making: Making, entity: Entity): (row: number, position: number) => Json | undefined {
  const stream = seededRandom(`${making.seed}/${entity.name}`);
  const references = entity.fields.map((field) => referenceOf(making, entity, field));
  return (row, position) => {
    const field = entity.fields[position];
    if (field === undefined) return undefined;
    const random = stream(row, position);
    // Ids are always there, so that a reference to them leads somewhere.
    if (!field.required && field.name !== 'id' && random.below(8) === 0)
      return field.default === undefined ? undefined : structuredClone(field.default);
    const known = field.name === 'id' ? sequenceNumber(field, row, making.work) : references[position]?.(random.below(making.wanted));
    if (known !== undefined && known !== null && passes(field, known, making.work)) return known;
    return sampleValue(field, { entity: entity.name, field: field.name, row }, random, making.work);
  };
}

function sequenceNumber(field: Field, row: number, work: Work): Json | undefined {
  return field.type === 'integer' && passes(field, row + 1, work) ? row + 1 : undefined;
}

function referenceOf(making: Making, entity: Entity, field: Field): ((row: number) => Json | undefined) | undefined {
  const name = /^(.+)_id$/.exec(field.name)?.[1];
  const target = making.model.entities.find((other) => other.name === name || other.name === `${name}s` || other.name === `${name}es`);
  const position = target?.fields.findIndex((other) => other.name === 'id' && other.type === field.type) ?? -1;
  if (target === undefined || position < 0 || target.name === entity.name) return undefined;
  // An id refers to nothing itself, so the other entities are not needed to make it.
  const valueAt = valuesOf({ ...making, model: { entities: [] } }, target);
  return (row) => valueAt(row, position);
}
