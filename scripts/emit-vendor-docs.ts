import { mkdirSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { calendarDate, currency, email, instant, slug, url } from '../src/domain/document-field.ts';
import { VendorFile } from '../src/domain/vendor.ts';

type Schema = z.core.JSONSchema.BaseSchema;

/** The vendor file for editors (JSON Schema 2020-12) and for people (Markdown, one row a field), both made from the zod schema. */
export function vendorReference(): { schema: object; markdown: string } {
  const schema = {
    ...z.toJSONSchema(VendorFile, { io: 'input' }),
    title: 'Vendor configuration',
    description: 'The one file that describes a vendor.',
  };
  return { schema, markdown: [...INTRODUCTION, ...sections(schema, 'The file', '')].join('\n') };
}

/** Writes `openapi/vendor.schema.json` and `docs/vendor-configuration.md` below `root`. */
export function writeVendorReference(root: URL = new URL('../', import.meta.url)): void {
  const { schema, markdown } = vendorReference();
  mkdirSync(new URL('openapi/', root), { recursive: true });
  mkdirSync(new URL('docs/', root), { recursive: true });
  writeFileSync(new URL('openapi/vendor.schema.json', root), `${JSON.stringify(schema, null, 2)}\n`);
  writeFileSync(new URL('docs/vendor-configuration.md', root), markdown);
}

const INTRODUCTION = [
  '# Vendor configuration',
  '',
  'One JSON file describes a vendor: who it is, what it offers, what it charges and what a referral earns. This page is made from its schema.',
  'Unknown fields are refused. Amounts are whole numbers in the smallest unit of their currency (cents for `usd`, whole yen for `jpy`).',
  'A slug is a lower-case letter and at most 62 more of `a-z 0-9 _ -`; ids are unique in their list. Addresses are https, at localhost also http.',
  'The demo vendor, `vendor/ledgerbridge.json`, is a complete example.',
  '',
];

const KNOWN_FORMS: ReadonlyMap<string, string> = new Map(
  [
    { field: slug(), form: 'slug' },
    { field: url(), form: 'https address' },
    { field: email(), form: 'e-mail address' },
    { field: currency(), form: 'currency code' },
    { field: instant(), form: 'UTC time with milliseconds' },
    { field: calendarDate(), form: 'date' },
  ].map(({ field, form }) => [`${z.toJSONSchema(field).pattern}`, form]),
);

/** The section of an object and, after it, those of the objects inside. */
function sections(schema: Schema, heading: string, path: string): string[] {
  const properties = Object.entries(schema.properties ?? {}).flatMap(([name, value]) => (isSchema(value) ? [{ name, value }] : []));
  const required = new Set(schema.required ?? []);
  const rows = properties.map(({ name, value }) => row(name, value, required.has(name)));
  const inner = properties.flatMap(({ name, value }) => innerSections(value, path === '' ? name : `${path}.${name}`));
  const meaning = path !== '' && schema.description !== undefined ? [schema.description, ''] : [];
  return [`## ${heading}`, '', ...meaning, '| field | form | if left out | meaning |', '|---|---|---|---|', ...rows, '', ...inner];
}

function innerSections(value: Schema, path: string): string[] {
  const { item, isList } = content(value);
  const at = isList ? `${path}[]` : path;
  if (item.oneOf !== undefined) {
    return item.oneOf.filter(isSchema).flatMap((variant) => sections(variant, `\`${at}\` with ${discriminator(variant)}`, at));
  }
  if (item.properties === undefined) return [];
  return sections(
    item.description === undefined && value.description !== undefined ? { ...item, description: value.description } : item,
    `\`${at}\``,
    at,
  );
}

function row(name: string, value: Schema, required: boolean): string {
  const leftOut = required ? 'refused' : fallback(value);
  return `| \`${name}\` | ${form(value)} | ${leftOut} | ${(value.description ?? '').replaceAll('|', '\\|')} |`;
}

function fallback(value: Schema): string {
  if (value.default === undefined) return 'nothing';
  return value.properties === undefined ? `\`${JSON.stringify(value.default)}\`` : 'its defaults';
}

/** What a value looks like, in a few words. */
function form(value: Schema): string {
  const { item, isList, isNullable } = content(value);
  const list = isList
    ? `list of ${value.minItems === undefined ? 'up to' : `${value.minItems} to`} ${listSchema(value).maxItems ?? 'any number'}: `
    : '';
  return `${list}${single(item)}${isNullable ? ', or null' : ''}`;
}

function single(item: Schema): string {
  if (item.const !== undefined) return `\`${item.const}\``;
  if (item.enum !== undefined) return item.enum.map((entry) => `\`${entry}\``).join(', ');
  if (item.oneOf !== undefined) return 'one of the forms below';
  if (item.properties !== undefined) return 'object, see below';
  if (item.additionalProperties !== undefined) return `named whole numbers, up to ${item.maxProperties}`;
  const known = item.pattern === undefined ? undefined : KNOWN_FORMS.get(item.pattern);
  if (known !== undefined) return known;
  const type = Array.isArray(item.type) ? item.type.filter((name: string) => name !== 'null').join(' or ') : `${item.type}`;
  if (item.maxLength !== undefined) return `${type}, up to ${item.maxLength} characters`;
  if (item.minimum !== undefined && item.maximum !== undefined) return `${type}, ${item.minimum} to ${item.maximum}`;
  return item.pattern === undefined ? type : `${type} like \`${item.pattern.replaceAll('|', '\\|')}\``;
}

/** Looks through null and list: what the value is made of. */
function content(value: Schema): { item: Schema; isList: boolean; isNullable: boolean } {
  const list = listSchema(value);
  const isList = list.type === 'array';
  const item = isList && isSchema(list.items) ? list.items : list;
  return { item, isList, isNullable: value.anyOf !== undefined || (Array.isArray(value.type) && value.type.includes('null')) };
}

function listSchema(value: Schema): Schema {
  return value.anyOf?.filter(isSchema).find((option) => option.type !== 'null') ?? value;
}

function discriminator(variant: Schema): string {
  const found = Object.entries(variant.properties ?? {}).find(
    ([name, value]) => name !== 'id' && isSchema(value) && value.const !== undefined,
  );
  return found !== undefined && isSchema(found[1]) ? `\`${found[0]}\` \`${found[1].const}\`` : 'another form';
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
