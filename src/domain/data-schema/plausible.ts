import type { NumberShape, StringFormat } from './model.ts';
import { pick, type Random } from './random.ts';

/** Where a value will stand: what its name tells decides which value looks plausible. */
export interface Place {
  readonly entity: string;
  readonly field: string;
  /** Index of the row. */
  readonly row: number;
}

/** A text that a reader would expect in a field of this name. Lengths are not considered. Invented names, reserved domains (RFC 2606). */
export function plausibleText(place: Place, random: Random): string {
  const rule = textRules.find(([names]) => names.test(place.field));
  return rule === undefined ? `${capitalised(pick(random, adjectives))} ${pick(random, nouns)}` : rule[1](random, place);
}

/** A text of the given format. `variant` moves from the usual to the shortest form. */
export function plausibleFormat(format: StringFormat, place: Place, random: Random, variant: number): string {
  switch (format) {
    case 'date':
      return someDate(place, random);
    case 'time':
      return someTime(random);
    case 'date-time':
      return `${someDate(place, random)}T${someTime(random)}${variant === 0 ? '.000Z' : 'Z'}`;
    case 'email':
      return variant < 3 ? `${lower(pick(random, firstNames))}.${lower(pick(random, lastNames))}@${someDomain(random)}` : 'a@b.example';
    case 'uuid':
      return someUuid(random);
    case 'uri':
      return variant < 3 ? `https://${someDomain(random)}/${pick(random, nouns)}` : 'https://a.example';
    case 'ipv4':
      return `192.0.2.${1 + random.below(254)}`;
    case 'hostname':
      return variant < 3 ? someDomain(random) : 'a.example';
  }
}

/** The range that numbers of this name usually lie in. `step` is the usual distance of two values. */
export function plausibleRange(shape: NumberShape, place: Place): { readonly low: number; readonly high: number; readonly step: number } {
  const rule = numberRules.find(([names]) => names.test(place.field));
  const [low, high, step] = rule?.[1] ?? [1, 1_000, 1];
  return shape.type === 'integer' ? { low: Math.ceil(low), high: Math.max(1, Math.floor(high)), step: 1 } : { low, high, step };
}

const firstNames = [
  'Ada',
  'Bruno',
  'Chiara',
  'Daniel',
  'Elif',
  'Farid',
  'Greta',
  'Hana',
  'Ivo',
  'Jonas',
  'Keiko',
  'Lena',
  'Mateo',
  'Nora',
  'Omar',
  'Priya',
] as const;
const lastNames = [
  'Almeida',
  'Berger',
  'Costa',
  'Dubois',
  'Eriksen',
  'Fischer',
  'Garcia',
  'Haddad',
  'Ito',
  'Jansen',
  'Kowalski',
  'Lindqvist',
  'Moreau',
  'Novak',
  'Okafor',
  'Patel',
] as const;
const companies = [
  'Alder',
  'Bluestone',
  'Cobalt',
  'Driftwood',
  'Eastgate',
  'Fernhill',
  'Granite',
  'Harbour',
  'Ironbridge',
  'Juniper',
  'Kestrel',
  'Lakeside',
  'Meridian',
  'Northfield',
] as const;
const branches = ['Freight', 'Foods', 'Energy', 'Logistics', 'Labs', 'Media', 'Robotics', 'Textiles'] as const;
const cities: readonly [string, ...string[]] = ['Porto', 'Lyon', 'Gdansk', 'Aarhus', 'Turin', 'Ghent', 'Malmo', 'Graz', 'Austin', 'Nagoya'];
const countries: readonly [string, ...string[]] = [
  'Portugal',
  'France',
  'Poland',
  'Denmark',
  'Italy',
  'Belgium',
  'Sweden',
  'Austria',
  'Japan',
];
const countryCodes: readonly [string, ...string[]] = ['PT', 'FR', 'PL', 'DK', 'IT', 'BE', 'SE', 'AT', 'JP', 'US'];
const currencies: readonly [string, ...string[]] = ['EUR', 'USD', 'GBP', 'SEK', 'PLN'];
const adjectives = ['quiet', 'rapid', 'amber', 'modular', 'annual', 'coastal', 'steady', 'compact', 'central', 'early'] as const;
const nouns = ['renewal', 'pilot', 'shipment', 'audit', 'rollout', 'order', 'contract', 'review', 'upgrade', 'survey'] as const;
const colours = ['blue', 'green', 'amber', 'slate', 'white'] as const;
const titles = ['Operations Lead', 'Account Manager', 'Controller', 'Data Engineer', 'Head of Sales', 'Buyer'] as const;
const industries = ['Freight', 'Retail', 'Energy', 'Healthcare', 'Software', 'Manufacturing'] as const;

const textRules: readonly (readonly [RegExp, (random: Random, place: Place) => string])[] = [
  [
    /^id$|_id$|^key$|^external_|_key$/,
    (random, place) => `${(/^(.+)_id$/.exec(place.field)?.[1] ?? place.entity).slice(0, 3)}_${base36(random, 10)}`,
  ],
  [/^e?mail$|email/, (random, place) => plausibleFormat('email', place, random, 0)],
  [/domain|host(name)?$/, (random) => someDomain(random)],
  [/url|uri|website|link|homepage/, (random, place) => plausibleFormat('uri', place, random, 0)],
  [/uuid|guid/, (random) => someUuid(random)],
  [/first_?name|given_?name/, (random) => pick(random, firstNames)],
  [/last_?name|sur_?name|family_?name/, (random) => pick(random, lastNames)],
  [/company|organi[sz]ation|vendor|supplier|account_?name|customer_?name|legal_name/, (random) => someCompany(random)],
  [/full_?name|contact|owner|assignee|author|created_by|updated_by|person/, (random) => somePerson(random)],
  [/^name$|display_?name|_name$/, (random, place) => (peopleEntities.test(place.entity) ? somePerson(random) : nameFor(random, place))],
  [/job|role|position/, (random) => pick(random, titles)],
  [/country_?code|^country$|nationality/, (random, place) => pick(random, /code/.test(place.field) ? countryCodes : countries)],
  [/city|town/, (random) => pick(random, cities)],
  [/state|province|region/, (random) => pick(random, ['North', 'South', 'East', 'West'])],
  [/zip|postal|postcode/, (random) => digitsOf(random, 5)],
  [/street|address|line_?[12]/, (random) => `${1 + random.below(180)} ${pick(random, companies)} Street`],
  [/phone|mobile|fax/, (random) => `+1 555 01${digitsOf(random, 2)}`],
  [/currency/, (random) => pick(random, currencies)],
  [/locale|language|lang$/, (random) => pick(random, ['en', 'de', 'fr', 'pt', 'ja'])],
  [/time_?zone|^tz$/, (random) => pick(random, ['Europe/Lisbon', 'Europe/Paris', 'America/Chicago', 'Asia/Tokyo'])],
  [/industry|sector/, (random) => pick(random, industries)],
  [/status|^state$/, (random) => pick(random, ['active', 'pending', 'closed'])],
  [/stage|phase/, (random) => pick(random, ['lead', 'qualified', 'proposal', 'won'])],
  [/priority|severity/, (random) => pick(random, ['low', 'normal', 'high'])],
  [/type|category|kind|segment|tier|plan/, (random) => pick(random, ['standard', 'plus', 'enterprise'])],
  [/colou?r/, (random) => pick(random, colours)],
  [/sku|code|number|reference|^ref$|_no$/, (random) => `${base36(random, 3).toUpperCase()}-${digitsOf(random, 4)}`],
  [/_at$|timestamp|_time$/, (random, place) => plausibleFormat('date-time', place, random, 0)],
  [/_on$|date|day$/, (random, place) => someDate(place, random)],
  [/ip(_address)?$/, (random, place) => plausibleFormat('ipv4', place, random, 0)],
  [/description|notes?$|comment|summary|body|message|bio|details/, (random) => someSentence(random)],
];

const peopleEntities = /contact|person|people|user|employee|member|lead|customer|author|student|patient/;

const numberRules: readonly (readonly [RegExp, readonly [low: number, high: number, step: number]])[] = [
  [/_minor$|_cents$/, [500, 500_000, 1]],
  [/percent|pct|probability|progress/, [0, 100, 0.1]],
  [/rate|ratio|share|discount|tax/, [0, 1, 0.01]],
  [/amount|price|total|cost|revenue|value|balance|arr|mrr|budget|salary|fee/, [10, 5_000, 0.01]],
  [/quantity|qty|count|seats|units|items|stock/, [1, 40, 1]],
  [/(^|_)age$/, [18, 80, 1]],
  [/year/, [2015, 2026, 1]],
  [/month/, [1, 12, 1]],
  [/^lat|latitude/, [-60, 70, 0.0001]],
  [/^(lng|lon)|longitude/, [-170, 170, 0.0001]],
  [/score|rating|stars/, [1, 5, 0.1]],
  [/weight|height|length|width|distance/, [1, 200, 0.1]],
  [/latency|duration|_ms$|seconds|minutes/, [5, 900, 1]],
  [/employees|headcount/, [5, 900, 1]],
];

function nameFor(random: Random, place: Place): string {
  return /account|company|organi[sz]ation|client|vendor|supplier|partner|carrier/.test(place.entity)
    ? someCompany(random)
    : `${capitalised(pick(random, adjectives))} ${pick(random, nouns)}`;
}

const lower = (text: string): string => text.toLowerCase();
const capitalised = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
const somePerson = (random: Random): string => `${pick(random, firstNames)} ${pick(random, lastNames)}`;
const someCompany = (random: Random): string => `${pick(random, companies)} ${pick(random, branches)}`;
const someDomain = (random: Random): string => `${lower(pick(random, companies))}.example`;
const someSentence = (random: Random): string =>
  `${capitalised(pick(random, adjectives))} ${pick(random, nouns)} agreed with ${pick(random, firstNames)}, next ${pick(random, nouns)} in ${pick(random, cities)}.`;

const digitsOf = (random: Random, length: number): string => String(random.below(10 ** length)).padStart(length, '0');
const base36 = (random: Random, length: number): string => Array.from({ length }, () => random.below(36).toString(36)).join('');

/** Within 2025; births lie further back. Days stop at 28, so that every month has them. */
function someDate(place: Place, random: Random): string {
  const year = /birth|born/.test(place.field) ? 1960 + random.below(40) : /due|expir|renew|end|valid_until/.test(place.field) ? 2027 : 2025;
  return `${year}-${String(1 + random.below(12)).padStart(2, '0')}-${String(1 + random.below(28)).padStart(2, '0')}`;
}

function someTime(random: Random): string {
  return `${String(7 + random.below(12)).padStart(2, '0')}:${digitsOf(random, 2).replace(/^[6-9]/, '3')}:00`;
}

/** The shape of a version 4 UUID (RFC 9562 §5.4). */
function someUuid(random: Random): string {
  const hex = Array.from({ length: 32 }, () => random.below(16).toString(16)).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}
