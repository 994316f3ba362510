/** Seeded random calls of every operation at every door: half sound by the operation's own schema, then bent. Runs without a test runner. */
import fc from 'fast-check';
import { toJSONSchema } from 'zod';
import { catalogue } from '../../src/operations/catalogue.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { addressText, type CallOptions, callAt, type DoorName, doorsOf } from './doors.ts';
import { exampleOf, freshWorkspace, type Input, isForStaff, type Stage, staffStage, stageOf } from './examples.ts';
import { burdens, hostileSchemas, misfits, oddSchemas, texts, unreadable } from './hostile.ts';
import { placesIn, replaced, without } from './places.ts';
import type { TestWorld } from './world.ts';

export interface FuzzFigures {
  readonly seed: number;
  readonly runs: number;
  /** How often each failure code came, and `answered` for answers. */
  readonly codes: Readonly<Record<string, number>>;
  readonly slowestMs: number;
}

/**
 * Calls the catalogue `runs` times at random. Rejects at the first answer that is a 5xx, not declared by the operation, or does not fit
 * what is published of it; the message holds the seed and the shortest call found that shows it.
 */
export async function fuzzCatalogue(t: TestWorld, runs: number, seed: number): Promise<FuzzFigures> {
  const codes: Record<string, number> = {};
  const prepared = new Map<string, Input>();
  let [slowestMs, calls] = [0, 0];
  let [own, staff, workspaceKey] = await newCallers(t);
  const stageFor = (operation: Operation) => (isForStaff(operation) ? staff : own);

  /** A call before may have taken from a caller what the example stands on: then others call from here on. */
  async function madeFor(operation: Operation): Promise<Input> {
    try {
      return await exampleOf(operation).input(stageFor(operation));
    } catch {
      prepared.clear();
      [own, staff, workspaceKey] = await newCallers(t);
      return exampleOf(operation).input(stageFor(operation));
    }
  }

  /** The working input of an operation, renewed now and then, since some calls end what they name. */
  async function inputOf(operation: Operation): Promise<Input> {
    calls += 1;
    if (calls % 100 === 0) {
      prepared.clear();
      // Whatever was used up of a limit comes back; quotas are an organization's own.
      t.advance(3_600_000);
      if (calls % 500 === 0) [own, staff, workspaceKey] = await newCallers(t);
    }
    const known = prepared.get(operation.name) ?? (await madeFor(operation));
    prepared.set(operation.name, known);
    return known;
  }

  const property = fc.asyncProperty(calling, async ({ name, door, made, kept, bends, who, options }) => {
    const operation = operationOf(name);
    const sound = await inputOf(operation);
    const mixed = { ...(made as object), ...Object.fromEntries(Object.entries(sound).filter((_, i) => kept[i % kept.length])) };
    const input = bends.reduce<Input>(bent, mixed);
    const key = { own: stageFor(operation).key, nobody: null, workspace: workspaceKey, nonsense: 'fd_key_dev_nonsense' }[who];
    const started = performance.now();
    const { raw, ...others } = options;
    const withBody = raw !== undefined && operation.rest?.method !== 'get';
    const code = await codeOf(door, t, operation, input, { key, from: '198.18.7.7', ...others, ...(withBody ? { raw } : {}) });
    slowestMs = Math.max(slowestMs, performance.now() - started);
    codes[code] = (codes[code] ?? 0) + 1;
  });
  const outcome = await fc.check(property, { seed, numRuns: runs });
  if (outcome.failed) throw new Error(`fuzz, seed ${seed}, run ${outcome.numRuns}: ${String(outcome.errorInstance)}`);
  return { seed, runs: outcome.numRuns, codes, slowestMs: Math.round(slowestMs) };
}

/** An organization, the vendor's own people, and the key of a workspace. */
async function newCallers(t: TestWorld): Promise<[Stage, Stage, string]> {
  const own = await stageOf(t);
  return [own, await staffStage(t), (await freshWorkspace(own)).key];
}

function operationOf(name: string): Operation {
  const operation = catalogue.find((each) => each.name === name);
  if (!operation) throw new Error(`no operation ${name}`);
  return operation;
}

async function codeOf(door: DoorName, t: TestWorld, operation: Operation, input: Input, options: CallOptions): Promise<string> {
  if (door === 'rest' && leavesPath(operation, input)) return 'elsewhere';
  const sent = () => `${JSON.stringify({ input, options }).slice(0, 2_000)} to ${operation.name} over ${door}`;
  const answer = await callAt(door, t, operation, input, options).catch((error: unknown) => {
    throw new Error(`${String(error)}\nto ${sent()}`);
  });
  const code = answer.ok ? 'answered' : String(answer.body.code ?? answer.status);
  if (answer.status >= 500 || code === 'internal' || code === 'ledger.busy') throw new Error(`${answer.text}\nto ${sent()}`);
  return code;
}

/** An empty or dotted part of a path makes it another path. */
function leavesPath({ rest }: Operation, input: Input): boolean {
  const fields = rest?.path.match(/\w+(?=\})/g) ?? [];
  return fields.some((field) => /^\.{0,2}$/.test(addressText(input[field])));
}

/** The values of literals; what is nested beyond what this program itself could walk goes by text elsewhere. */
const valuesOf = (literals: Readonly<Record<string, string>>): unknown[] =>
  Object.entries(literals).flatMap(([what, literal]) => (what.includes('nested') ? [] : [JSON.parse(literal)]));
const nested = JSON.parse(`${'[{"a":'.repeat(100)}1${'}]'.repeat(100)}`);

/** Anything, hostile things first. */
const anything: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(...valuesOf(misfits), ...valuesOf(unreadable), ...valuesOf(burdens), nested),
  fc.constantFrom(...Object.values(texts), ...Object.values(hostileSchemas), ...Object.values(oddSchemas)),
  fc.jsonValue({ maxDepth: 4 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.oneof(fc.integer(), fc.double(), fc.maxSafeInteger()),
);

const memberName = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'toString', 'length', '', 'a/b~c', '\ud800', 'limit', 'id'),
  fc.string({ maxLength: 12 }),
);

/** One change to an input: what is done, at which of its places, with what. */
const bend = fc.record({
  how: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'add', 'wrap', 'repeat'),
  at: fc.nat(),
  by: anything,
  name: memberName,
});

function bent(input: Input, { how, at, by, name }: { how: string; at: number; by: unknown; name: string }): Input {
  const places = placesIn(input);
  const place = places[at % Math.max(1, places.length)] ?? ['new'];
  const old = place.reduce<unknown>(
    (value, step) => (typeof value === 'object' && value !== null ? Reflect.get(value, step) : undefined),
    input,
  );
  if (how === 'remove') return without(input, place);
  if (how === 'add') return replaced(input, [...place.slice(0, -1), name], by);
  if (how === 'wrap') return replaced(input, place, at % 2 ? [old] : { [name]: old });
  if (how === 'repeat') return replaced(input, place, Array(at % 150).fill(old));
  return replaced(input, place, by);
}

type Schema = { readonly [keyword: string]: unknown };
const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Values by a JSON Schema, mostly within its bounds and now and then just beyond them. */
function bySchema(schema: unknown): fc.Arbitrary<unknown> {
  if (!isSchema(schema)) return anything;
  if (Array.isArray(schema.anyOf)) return fc.oneof(...schema.anyOf.map(bySchema));
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
  if ('const' in schema) return fc.constant(schema.const);
  const bound = (name: string, otherwise: number) => (typeof schema[name] === 'number' ? Math.min(Number(schema[name]), 5_000) : otherwise);
  switch (schema.type) {
    case 'object':
      return objectBySchema(schema);
    case 'array':
      return fc.array(bySchema(schema.items), { maxLength: Math.min(3, bound('maxItems', 3) + 1) });
    case 'boolean':
      return fc.boolean();
    case 'integer':
    case 'number': {
      const [low, high] = [bound('minimum', -5), bound('maximum', 200)];
      return fc.oneof({ weight: 4, arbitrary: fc.integer({ min: low, max: high }) }, fc.constantFrom(low - 1, high + 1, low + 0.5));
    }
    case 'string': {
      const [low, high] = [bound('minLength', 0), bound('maxLength', 40)];
      return fc.oneof(
        fc.string({ minLength: low, maxLength: Math.min(high, 60) }),
        fc.constantFrom(
          'x'.repeat(high),
          'x'.repeat(high + 1),
          'prospect.example',
          'a@prospect.example',
          'account',
          ...Object.values(texts),
        ),
      );
    }
    default:
      return anything;
  }
}

function objectBySchema(schema: Schema): fc.Arbitrary<unknown> {
  const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
  const members = Object.entries(isSchema(schema.properties) ? schema.properties : {}).map(
    ([name, member]) => [name, bySchema(member)] as const,
  );
  if (members.length === 0) return fc.dictionary(fc.string({ maxLength: 8 }), anything, { maxKeys: 3 });
  return fc.record(Object.fromEntries(members), { requiredKeys: required.filter((name) => members.some(([known]) => known === name)) });
}

const headerText = fc.string({ maxLength: 60 }).map((text) => text.replace(/[^\x20-\x7e]/g, ''));

interface OddOptions extends Pick<CallOptions, 'idempotencyKey' | 'headers' | 'raw'> {}

const oddOptions: fc.Arbitrary<OddOptions> = fc.record(
  {
    idempotencyKey: fc.oneof(fc.constant(null), headerText),
    headers: fc.record({ 'X-Request-Id': headerText, Accept: fc.constant('application/json, text/event-stream') }),
    raw: fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.constant('{"a":')),
  },
  { requiredKeys: [] },
);

const calling = fc
  .constantFrom(...catalogue.flatMap((operation) => doorsOf(operation).map((door) => [operation.name, door] as const)))
  .chain(([name, door]) =>
    fc.record({
      name: fc.constant(name),
      door: fc.constant(door),
      made: bySchema(toJSONSchema(operationOf(name).input, { io: 'input', reused: 'inline' })),
      kept: fc.array(fc.constantFrom(true, true, true, false), { minLength: 1, maxLength: 6 }),
      bends: fc.oneof({ weight: 3, arbitrary: fc.array(bend, { maxLength: 1 }) }, fc.array(bend, { maxLength: 3 })),
      who: fc.constantFrom(...(['own', 'own', 'own', 'own', 'own', 'own', 'nobody', 'workspace', 'nonsense'] as const)),
      options: fc.oneof({ weight: 6, arbitrary: fc.constant<OddOptions>({}) }, oddOptions),
    }),
  );
