import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { catalogue } from '../../src/operations/catalogue.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { type Called, type CallOptions, callAt, type DoorName, doorsOf, isKeyed, literalMark, requestOf } from '../support/doors.ts';
import { exampleOf, freshAddress, type Input, isForStaff, type Stage, staffStage, stageOf } from '../support/examples.ts';
import { fuzzCatalogue } from '../support/fuzz.ts';
import { burdens, misfits, texts, unreadable } from '../support/hostile.ts';
import { type Place, placesIn, replaced } from '../support/places.ts';
import { contentsOf, sql } from '../support/sql.ts';
import { openTestWorld, otherHost, type TestWorld } from '../support/world.ts';

let t: TestWorld;
let organization: Stage;
let staff: Stage;
beforeAll(async () => {
  t = await openTestWorld();
  [organization, staff] = [await stageOf(t), await staffStage(t)];
});

// Whatever was used up of a limit comes back.
beforeEach(() => t.advance(60_000));

const contents = async () => [await contentsOf(t), await contentsOf(t, otherHost)];
const name = (place: Place) => `/${place.join('/')}`;

/** More than the example of an operation says: every field that it can have. */
const more: Readonly<Record<string, (terms: string | undefined) => Input>> = {
  provision_workspace: (terms) => ({
    schema: { format: 'json-schema', document: { $defs: { thing: { type: 'object', properties: { a: { type: 'string' } } } } } },
    dry_run: false,
    expected_terms_sha256: terms,
    attribution: { affiliate_attribution: { provider: 'x', token: 't', metadata: { a: 1 } }, attribution: { a: 'b' } },
  }),
  record_referral: () => ({ attribution: { affiliate_attribution: { provider: 'x' }, attribution: { a: 'b' } } }),
  create_referral_token: () => ({ algorithm: 'HS256' }),
};

const cases = catalogue.flatMap((operation) =>
  doorsOf(operation).map((door) => [`${operation.name} over ${door}`, operation, door] as const),
);

/** Where a literal can be sent: over REST not in an address, which holds nothing but text. */
function literalPlaces(operation: Operation, door: DoorName, input: Input): Place[] {
  const inAddress = new Set(operation.rest?.method === 'get' ? Object.keys(input) : operation.rest?.path.match(/\w+(?=\})/g));
  return [...placesIn(input), ['no_such_field']].filter(
    ([field = '']) => door === 'mcp' || (!inAddress.has(String(field)) && operation.rest?.method !== 'get'),
  );
}

/** Every commit of a keyed write has one: what is not among them was not written. */
const kept = async () => Number((await sql(t, 'select count(*)::int as n from frontdesk.idempotency'))[0]?.n);

/** A third of it at the root of an input over REST, elsewhere a sixth, another part at each place. The soak has the rest. */
function sampleAt(place: Place, door: DoorName, literals: Readonly<Record<string, string>>): [string, string][] {
  const entries = Object.entries(literals);
  return entries.filter((_, i) => (i + name(place).length) % (place.length === 1 && door === 'rest' ? 3 : 6) === 0);
}

const isRefused = ({ ok, body }: Called) => !ok && body.status >= 400 && body.status < 500;

/** Where words of strangers may stand in an answer. */
const strangers: ReadonlySet<string> = new Set(['untrusted', 'instance', 'values', 'rows']);

describe.each(cases)('%s', (_, operation, door) => {
  const caller = () => (isForStaff(operation) ? staff : organization);
  const call = (input: Input, options: CallOptions = {}) =>
    callAt(door, t, operation, input, { key: caller().key, from: freshAddress(), ...options });
  const example = async () => {
    const desk = await t.world.deps.desks.find(caller().host);
    return { ...(await exampleOf(operation).input(caller())), ...more[operation.name]?.(desk?.program.sha256) };
  };
  const at = (input: Input, place: Place, literal: string) => call(replaced(input, place, literalMark), { literal });

  it('refuses what nobody can read, wherever it stands, by pointer, and writes nothing', async () => {
    const input = await example();
    const before = await contents();
    for (const place of literalPlaces(operation, door, input)) {
      for (const [what, literal] of sampleAt(place, door, unreadable)) {
        const answer = await at(input, place, literal);
        expect([name(place), what, answer.body.code]).toEqual([name(place), what, 'request.invalid']);
        const pointers = answer.body.errors.map(({ pointer }: { pointer: string }) => pointer);
        expect(pointers.every((pointer: string) => pointer.startsWith(name(place)))).toBe(true);
      }
    }
    expect(await contents()).toEqual(before);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('survives every kind of value in every place: it fits, or it is refused and nothing is written', async () => {
    const input = await example();
    const before = await kept();
    let written = 0;
    for (const place of literalPlaces(operation, door, input)) {
      for (const [what, literal] of sampleAt(place, door, { ...misfits, ...(place.length === 1 ? burdens : {}) })) {
        const answer = await at(input, place, literal);
        expect([name(place), what, answer.ok || isRefused(answer)]).toEqual([name(place), what, true]);
        if (answer.body.code === 'request.invalid') expect(answer.body.errors.length).toBeGreaterThan(0);
        if (answer.ok && isKeyed(operation) && answer.body.credentials_reason !== 'dry_run') written += 1;
      }
    }
    expect(await kept()).toBe(before + written);
  });

  // What a door reads is the same value at every door from here on.
  if (door === 'rest')
    it('takes a hostile text as text, or refuses it; it stands nowhere but where strangers’ words stand, and clean', async () => {
      const input = await example();
      for (const place of placesIn(input)) {
        for (const [what, text] of sampleAt(place, door, texts)) {
          const answer = await call(replaced(input, place, text));
          expect([name(place), what, answer.ok || isRefused(answer)]).toEqual([name(place), what, true]);
          const shown = answer.text.replace(/"values":\{[^}]*\}/g, '');
          expect(shown).not.toMatch(/[\u202A-\u202E\u2066-\u2069\u200B\u2060\uFEFF\u0085]|\\u00[01][0-9a-f]|[\u{E0000}-\u{E007F}]/u);
          expect(answer.headers.get('Set-Cookie')).toBeNull();
          const trusted = JSON.stringify(answer.body, (member, value) => (strangers.has(member) ? null : value));
          if (operation.name !== 'update_workspace_row') expect(trusted).not.toMatch(/alert\(1\)|DROP TABLE|7\*7|etc\/passwd/);
        }
      }
    });

  if (operation.rest?.method === 'get' && door === 'rest') {
    it('refuses parameters that come twice, and survives broken percent encoding', async () => {
      const [path, query = ''] = requestOf(operation, await example()).path.split('?');
      for (const more of [
        'limit=1&limit=2',
        'a=1&a=1',
        '%=1',
        '%zz',
        'a=%E0%A4%A',
        '%00=1',
        'filter[=1',
        'filter[]=1',
        'filter[a][b]=1',
        '__proto__=1',
        'constructor=1',
        '=',
        'filter[__proto__]=1',
        `${'a=1&'.repeat(20_000)}`,
      ]) {
        const sent = await t.send('GET', `${path}?${query}&${more}`, caller());
        expect([more.slice(0, 30), sent.status, sent.body.code]).toEqual([more.slice(0, 30), 400, 'request.invalid']);
        expect(sent.body.errors.length).toBeGreaterThan(0);
        expect(sent.body.errors.length).toBeLessThanOrEqual(50);
      }
    });
  }

  if (operation.rest?.path.includes('{') && door === 'rest') {
    it('survives whatever stands in its path', async () => {
      const before = await contents();
      for (const text of [
        '%E0%A4%A',
        '%',
        '%zz',
        '%00',
        '%ED%A0%80',
        '..%2f..%2f',
        '%2e%2e%2f',
        '%F0%9F%92%A9',
        'x'.repeat(10_000),
        '%20',
        '%3Cscript%3E',
        'null',
        '-1',
        '1e9',
        '%25%30%30',
        ';a=b',
        '%C0%AF',
      ]) {
        const path = operation.rest?.path.replace(/\{\w+\}/g, text) ?? '';
        const sent = await t.send(operation.rest?.method.toUpperCase() ?? '', path, caller());
        expect([text.slice(0, 30), [400, 404].includes(sent.status), typeof sent.body.code]).toEqual([text.slice(0, 30), true, 'string']);
      }
      expect(await contents()).toEqual(before);
    });
  }
});

describe('the whole catalogue, fuzzed', () => {
  it('answers whatever comes within what it declares', async () => {
    const figures = await fuzzCatalogue(t, 400, 20_260_314);
    expect(figures.runs).toBe(400);
    expect(Object.keys(figures.codes).length).toBeGreaterThanOrEqual(8);
    expect(figures.codes.answered).toBeGreaterThan(20);
    expect(figures.slowestMs).toBeLessThan(5_000);
    expect(t.reported).toEqual([]);
  });
});
