/**
 * Values between JavaScript and Postgres text format, the same for every driver (no driver's own parsers are used).
 * Web standards only: this runs on the edge.
 */
import type { Value } from './batch.ts';

/** Reads one non-null column value out of Postgres text format. */
export type Parser = (text: string) => unknown;

/** The parser of a type, by its OID in `pg_type`. Types that are not listed stay text. */
export function parserOf(oid: number): Parser {
  return PARSERS[oid] ?? asText;
}

/** Postgres text input for a statement's parameter; the statement says the type. Never throws on text, only on values no column takes. */
export function encodeValue(value: Value): string | null {
  if (value === null) return null;
  switch (typeof value) {
    case 'string':
      return wellFormed(value);
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
  }
  if (value instanceof Uint8Array) return encodeBytes(value);
  if (value instanceof Date) return value.toISOString();
  if (isTextArray(value)) return encodeTextArray(value);
  return JSON.stringify(value);
}

const asText: Parser = (text) => text;
const asNumber: Parser = Number;
const asJson: Parser = (text) => JSON.parse(text);

const PARSERS: Readonly<Record<number, Parser>> = {
  16: (text) => text === 't', // bool
  17: parseBytes, // bytea
  20: BigInt, // int8
  21: asNumber, // int2
  23: asNumber, // int4
  26: asNumber, // oid
  114: asJson, // json
  700: asNumber, // float4
  701: asNumber, // float8
  1009: parseTextArray, // text[]
  1015: parseTextArray, // varchar[]
  1184: parseInstant, // timestamptz
  2951: parseTextArray, // uuid[]
  3802: asJson, // jsonb
};

/** Unpaired surrogates have no UTF-8 form; every driver would treat them differently. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function encodeBytes(bytes: Uint8Array): string {
  let text = '\\x';
  for (const byte of bytes) text += HEX[byte];
  return text;
}

function parseBytes(text: string): Uint8Array {
  if (!text.startsWith('\\x')) throw new Error('bytea_output must be hex');
  const bytes = new Uint8Array((text.length - 2) / 2);
  for (let at = 0; at < bytes.length; at++) bytes[at] = Number.parseInt(text.slice(2 + at * 2, 4 + at * 2), 16);
  return bytes;
}

function isTextArray(value: object): value is readonly string[] {
  return Array.isArray(value);
}

function encodeTextArray(items: readonly string[]): string {
  return `{${items.map((item) => `"${wellFormed(item).replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
}

/** One-dimensional array output: items are bare, or double-quoted with backslash escapes. */
function parseTextArray(text: string): string[] {
  return Array.from(text.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|([^",]+)/gs), ([, quoted, bare]) => {
    if (bare === 'NULL') throw new Error('an array of text must not hold NULL');
    return bare ?? (quoted ?? '').replace(/\\(.)/gs, '$1');
  });
}

const INSTANT = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?$/;

/** `2026-01-02 03:04:05.678901+02` → `2026-01-02T01:04:05.678Z` (RFC 3339; what is below a millisecond is cut off). */
function parseInstant(text: string): string {
  const parts = INSTANT.exec(text);
  if (parts === null) throw new Error('a timestamptz must be within the years 1 to 9999, in ISO style');
  const [, date, time, fraction = '', sign, hours = '0', minutes = '0', seconds = '0'] = parts;
  const local = `${date}T${time}.${fraction.slice(0, 3).padEnd(3, '0')}Z`;
  const offsetS = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  if (offsetS === 0) return local;
  return new Date(Date.parse(local) - (sign === '-' ? -offsetS : offsetS) * 1000).toISOString();
}
