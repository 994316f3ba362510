import type { Json } from './json.ts';

/**
 * What a workspace's rows look like. Plain JSON: it is stored as `jsonb` and read back. Constraints keep their JSON Schema names and
 * meaning (2020-12 Validation §6). Nothing in it depends on the order of object members.
 */
export interface DataModel {
  readonly entities: readonly Entity[];
}

/** One kind of row. `name` is a slug, unique in the model. */
export interface Entity {
  readonly name: string;
  readonly fields: readonly Field[];
}

/** One member of a row or of a nested object. `name` is a slug, unique among its siblings. */
export type Field = Shape & {
  readonly name: string;
  readonly required: boolean;
  /** Filled in when a row (or the nested object) is created without this field. */
  readonly default?: Json;
};

export type Shape = StringShape | NumberShape | BooleanShape | ObjectShape | ArrayShape | JsonShape;

export const stringFormats = ['date', 'date-time', 'time', 'email', 'uuid', 'uri', 'ipv4', 'hostname'] as const;
export type StringFormat = (typeof stringFormats)[number];

export interface StringShape {
  readonly type: 'string';
  readonly nullable: boolean;
  readonly enum?: readonly string[];
  /** Code points. */
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly format?: StringFormat;
  /** Unanchored; always within the subset that `pattern.ts` runs in linear time. */
  readonly pattern?: string;
}

export interface NumberShape {
  readonly type: 'integer' | 'number';
  readonly nullable: boolean;
  readonly enum?: readonly number[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
}

export interface BooleanShape {
  readonly type: 'boolean';
  readonly nullable: boolean;
  readonly enum?: readonly boolean[];
}

export interface ObjectShape {
  readonly type: 'object';
  readonly nullable: boolean;
  readonly fields: readonly Field[];
  /** Accepts undeclared members with any JSON value: only objects that declare no properties. */
  readonly open: boolean;
}

export interface ArrayShape {
  readonly type: 'array';
  readonly nullable: boolean;
  readonly items: Shape;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: true;
}

/** Any JSON value, or one of `enum`. */
export interface JsonShape {
  readonly type: 'json';
  readonly nullable: boolean;
  readonly enum?: readonly Json[];
}

export function findEntity(model: DataModel, name: string): Entity | undefined {
  return model.entities.find((entity) => entity.name === name);
}
