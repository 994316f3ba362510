import { invalid } from '../failure.ts';
import type { Raw, RawMembers } from './form.ts';

/** How one parameter is read: the value, or Stripe's refusal. */
export interface Parameter<Value> {
  readonly read: (raw: Raw, name: string) => Value;
  readonly isRequired?: boolean;
}
export interface RequiredParameter<Value> extends Parameter<Value> {
  readonly isRequired: true;
}
/** The parameters of one call. What is not in its table is refused as `parameter_unknown`. */
export type ParameterTable = Readonly<Record<string, Parameter<unknown>>>;

/** Checks a table against Stripe's own parameter type: `{…} satisfies Accepts<Stripe.CustomerCreateParams>`. */
export type Accepts<Params> = { readonly [Name in keyof Params]?: Parameter<Exclude<Params[Name], undefined>> };

type Value<P> = P extends Parameter<infer V> ? V : never;
type RequiredNames<Table> = { [Name in keyof Table]: Table[Name] extends RequiredParameter<unknown> ? Name : never }[keyof Table];
/** What a table reads. */
export type Input<Table> = { readonly [Name in RequiredNames<Table>]: Value<Table[Name]> } & {
  readonly [Name in Exclude<keyof Table, RequiredNames<Table>>]?: Value<Table[Name]>;
};

/** Reads all parameters of a call, strictly. Failures: `parameter_unknown`, `parameter_missing`, and those of each kind. */
export function readParameters<Table extends ParameterTable>(table: Table, raw: RawMembers, within = ''): Input<Table> {
  const nameOf = (name: string): string => (within === '' ? name : `${within}[${name}]`);
  for (const name of raw.keys()) {
    if (Object.hasOwn(table, name)) continue;
    throw invalid(`Received unknown parameter: ${nameOf(name)}`, { code: 'parameter_unknown', param: nameOf(name) });
  }
  const values: Record<string, unknown> = {};
  for (const [name, parameter] of Object.entries(table)) {
    const given = raw.get(name);
    if (given !== undefined) values[name] = parameter.read(given, nameOf(name));
    else if (parameter.isRequired)
      throw invalid(`Missing required param: ${nameOf(name)}.`, { code: 'parameter_missing', param: nameOf(name) });
  }
  return values as Input<Table>;
}

export const required = <V>(parameter: Parameter<V>): RequiredParameter<V> => ({ ...parameter, isRequired: true });

/** Not empty, at most `maximum` characters. */
export const text = (maximum = 5000): Parameter<string> => ({
  read: (raw, name) => {
    const value = scalar(raw, name);
    if (value === '')
      throw invalid(`You passed an empty string for '${name}'. It cannot be unset.`, { code: 'parameter_invalid_empty', param: name });
    if (value.length > maximum) throw invalid(`Invalid string: must be at most ${maximum} characters`, { param: name });
    return value;
  },
});

/** A text or the empty string, which unsets. */
export const emptyable = <V>(parameter: Parameter<V>): Parameter<V | ''> => ({
  read: (raw, name) => (raw === '' ? '' : parameter.read(raw, name)),
});

export const integer = ({ min = -99_999_999_999, max = 99_999_999_999 } = {}): Parameter<number> => ({
  read: (raw, name) => {
    const value = scalar(raw, name);
    if (!/^-?\d{1,15}$/.test(value)) throw invalid('Invalid integer', { code: 'parameter_invalid_integer', param: name });
    if (Number(value) < min)
      throw invalid(`This value must be greater than or equal to ${min}.`, { code: 'parameter_invalid_integer', param: name });
    if (Number(value) > max)
      throw invalid(`This value must be less than or equal to ${max}.`, { code: 'parameter_invalid_integer', param: name });
    return Number(value);
  },
});

/** An amount in minor units of at most eight digits, as Stripe accepts; negative where `signed`. */
export const amount = ({ signed = false, min = 0 } = {}): Parameter<number> => ({
  read: (raw, name) => {
    const value = integer(signed ? {} : { min }).read(raw, name);
    if (Math.abs(value) <= 99_999_999) return value;
    throw invalid('Amount must be no more than 99999999', { code: 'amount_too_large', param: name });
  },
});

export const timestamp = (): Parameter<number> => integer({ min: 0, max: 10_000_000_000 });

export const percent = (): Parameter<number> => ({
  read: (raw, name) => {
    const value = scalar(raw, name);
    const number = /^\d{1,3}(?:\.\d{1,4})?$/.test(value) ? Number(value) : Number.NaN;
    if (number > 0 && number <= 100) return number;
    throw invalid('Invalid percent: must be greater than 0 and at most 100', { code: 'parameter_invalid_decimal', param: name });
  },
});

export const flag = (): Parameter<boolean> => ({
  read: (raw, name) => {
    const value = scalar(raw, name);
    if (value === 'true' || value === 'false') return value === 'true';
    throw invalid('Invalid boolean: must be true or false', { code: 'parameter_invalid_boolean', param: name });
  },
});

export const oneOf = <const V extends string>(...allowed: readonly V[]): Parameter<V> => ({
  read: (raw, name) => {
    const value = scalar(raw, name);
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined) throw invalid(`Invalid ${name}: must be one of ${allowed.join(', ')}`, { param: name });
    return found;
  },
});

/** An ISO 4217 code in lower case. */
export const currency = (): Parameter<string> => ({
  read: (raw, name) => {
    const value = scalar(raw, name).toLowerCase();
    if (/^[a-z]{3}$/.test(value)) return value;
    throw invalid('Invalid currency: must be a three-letter ISO code', { param: name });
  },
});

/** An array. The `stripe` package sends nothing for an empty one. */
export const list = <V>(inner: Parameter<V>, { max = 100 } = {}): Parameter<V[]> => ({
  read: (raw, name) => {
    const entries = typeof raw === 'string' ? [] : [...raw];
    if (typeof raw === 'string' || entries.some(([key]) => !/^\d+$/.test(key))) throw invalid('Invalid array', { param: name });
    if (entries.length > max) throw invalid(`Array ${name} exceeded maximum ${max} allowed elements.`, { param: name });
    return entries.sort(([a], [b]) => Number(a) - Number(b)).map(([key, value]) => inner.read(value, `${name}[${key}]`));
  },
});

export const record = <Table extends ParameterTable>(table: Table): Parameter<Input<Table>> => ({
  read: (raw, name) => {
    if (typeof raw === 'string') throw invalid('Invalid object', { param: name });
    return readParameters(table, raw, name);
  },
});

export type MetadataChange = Record<string, string>;
/** At most 50 keys of 40 characters with values of 500; an empty value removes its key, an empty text all of them. */
export const metadata = (): Parameter<MetadataChange> => ({
  read: (raw, name) => {
    if (typeof raw === 'string') throw invalid('Invalid object', { param: name });
    if (raw.size > 50) throw invalid('Metadata can have at most 50 keys.', { param: name });
    return Object.fromEntries([...raw].map(([key, value]) => [key, metadataValue(key, value, `${name}[${key}]`)]));
  },
});

function metadataValue(key: string, raw: Raw, name: string): string {
  const value = scalar(raw, name);
  if (key.length > 40) throw invalid('Metadata keys can have up to 40 characters.', { param: name });
  if (value.length > 500) throw invalid('Metadata values can have up to 500 characters.', { param: name });
  return value;
}

/** The metadata after a change (docs: "Metadata"). */
export function changedMetadata(
  before: Readonly<Record<string, string>> | null,
  change: MetadataChange | '' | undefined,
): Record<string, string> {
  if (change === '') return {};
  return Object.fromEntries(Object.entries({ ...before, ...change }).filter(([, value]) => value !== ''));
}

const scalar = (raw: Raw, name: string): string => {
  if (typeof raw === 'string') return raw;
  throw invalid('Invalid string', { param: name });
};

/** `created` filters of lists: a number or `gt`, `gte`, `lt`, `lte`. */
export interface Range {
  readonly gt?: number;
  readonly gte?: number;
  readonly lt?: number;
  readonly lte?: number;
}
const bounds = record({ gt: timestamp(), gte: timestamp(), lt: timestamp(), lte: timestamp() });
export const range = (): Parameter<Range> => ({
  read: (raw, name) => {
    if (typeof raw !== 'string') return bounds.read(raw, name);
    const exact = timestamp().read(raw, name);
    return { gte: exact, lte: exact };
  },
});
export function isWithin(
  value: number,
  { gt = -1, gte = -1, lt = Number.POSITIVE_INFINITY, lte = Number.POSITIVE_INFINITY }: Range = {},
): boolean {
  return value > gt && value >= gte && value < lt && value <= lte;
}
