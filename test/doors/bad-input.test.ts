import { beforeAll, describe, expect, it } from 'vitest';
import { catalogue } from '../../src/operations/catalogue.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { type Called, type CallOptions, callAt, type DoorName, doorsOf, literalMark, requestOf } from '../support/doors.ts';
import { account, exampleOf, freshProspect, freshWorkspace, type Input, made201, type Stage, stageOf } from '../support/examples.ts';
import { fuzzCatalogue } from '../support/fuzz.ts';
import { hostileSchemas, misfits, oddSchemas, texts, unreadable } from '../support/hostile.ts';
import { type Place, placesIn, replaced } from '../support/places.ts';
import { contentsOf } from '../support/sql.ts';
import { openTestWorld, otherHost, type TestWorld } from '../support/world.ts';

let t: TestWorld;
let acme: Stage;
beforeAll(async () => {
  t = await openTestWorld();
  acme = await stageOf(t);
});

const contents = async () => [await contentsOf(t), await contentsOf(t, otherHost)];
const name = (place: Place) => `/${place.join('/')}`;

/** More than the example of an operation says: every field that it can have. */
const everything: Readonly<Record<string, Input>> = {
  provision_workspace: {
    schema: { format: 'json-schema', document: { $defs: { thing: { type: 'object', properties: { a: { type: 'string' } } } } } },
    dry_run: false,
    expected_terms_sha256: '0'.repeat(64),
    attribution: { affiliate_attribution: { provider: 'x', token: 't', metadata: { a: 1 } }, attribution: { a: 'b' } },
  },
  record_referral: { attribution: { affiliate_attribution: { provider: 'x' }, attribution: { a: 'b' } } },
  create_referral_token: { algorithm: 'HS256' },
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

const isRefused = ({ ok, body }: Called) => !ok && body.status >= 400 && body.status < 500;

describe.each(cases)('%s', (_, operation, door) => {
  const call = (input: Input, options: CallOptions = {}) => callAt(door, t, operation, input, { key: acme.key, ...options });
  const example = async () => ({ ...(await exampleOf(operation).input(acme)), ...everything[operation.name] });
  const at = (input: Input, place: Place, literal: string) => call(replaced(input, place, literalMark), { literal });

  it('refuses what nobody can read, wherever it stands, by pointer, and writes nothing', async () => {
    const input = await example();
    const before = await contents();
    for (const place of literalPlaces(operation, door, input)) {
      for (const [what, literal] of Object.entries(unreadable)) {
        const answer = await at(input, place, literal);
        expect([name(place), what, answer.body.code]).toEqual([name(place), what, 'request.invalid']);
        const pointers = answer.body.errors.map(({ pointer }: { pointer: string }) => pointer);
        expect(pointers.every((pointer: string) => pointer.startsWith(name(place)))).toBe(true);
      }
    }
    expect(await contents()).toEqual(before);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('survives every kind of value in every place: it fits, or it is refused', async () => {
    const input = await example();
    let before = await contents();
    for (const place of literalPlaces(operation, door, input)) {
      for (const [what, literal] of Object.entries(misfits)) {
        const answer = await at(input, place, literal);
        expect([name(place), what, answer.ok || isRefused(answer)]).toEqual([name(place), what, true]);
        if (answer.body.code === 'request.invalid') expect(answer.body.errors.length).toBeGreaterThan(0);
        if (answer.ok) before = await contents();
      }
    }
    expect(await contents()).toEqual(before);
  });

  it('takes a hostile text as text, or refuses it; it stands nowhere but where strangers’ words stand, and clean', async () => {
    const input = await example();
    for (const place of placesIn(input)) {
      for (const [what, text] of Object.entries(texts)) {
        const answer = await call(replaced(input, place, text));
        expect([name(place), what, answer.ok || isRefused(answer)]).toEqual([name(place), what, true]);
        const shown = answer.text.replace(/"values":\{[^}]*\}/g, '');
        expect(shown).not.toMatch(/[\u202A-\u202E\u2066-\u2069\u200B\u2060\uFEFF\u0085]|\\u00[01][0-9a-f]|[\u{E0000}-\u{E007F}]/u);
        expect(answer.headers.get('Set-Cookie')).toBeNull();
        const { untrusted: _, ...others } = answer.body.workspace ?? answer.body.referral ?? answer.body;
        if (operation.name !== 'update_workspace_row')
          expect(JSON.stringify({ ...others, instance: null, values: null, rows: null })).not.toMatch(
            /alert\(1\)|DROP TABLE|7\*7|etc\/passwd/,
          );
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
        const sent = await t.send('GET', `${path}?${query}&${more}`, acme);
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
        const sent = await t.send(operation.rest?.method.toUpperCase() ?? '', path, acme);
        expect([text.slice(0, 30), [400, 404].includes(sent.status), typeof sent.body.code]).toEqual([text.slice(0, 30), true, 'string']);
      }
      expect(await contents()).toEqual(before);
    });
  }
});

describe('a data schema', () => {
  const provision = (document: unknown, more = {}) =>
    t.send('POST', '/v1/workspaces/provision', {
      ...acme,
      body: { prospect: freshProspect(), schema: { format: 'json-schema', document }, ...more },
    });

  it.each(Object.entries(hostileSchemas))('that is hostile is refused by pointer, quickly, and writes nothing: %s', async (_, document) => {
    const before = await contents();
    const started = performance.now();
    const sent = await provision(document);
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(sent.body).toMatchObject({ code: 'schema.unsupported', status: 422 });
    for (const { pointer } of sent.body.errors) expect(pointer).toMatch(/^\/schema\/document/);
    expect(await contents()).toEqual(before);
  });

  it.each(Object.entries(oddSchemas))('that is odd is used as far as it goes, and answers for the rest: %s', async (_, document) => {
    const started = performance.now();
    const sent = await provision(document, { seed_rows: 10 });
    expect(sent.status).toBe(201);
    const { workspace, ...others } = sent.body;
    const { untrusted, mapping, ...shown } = workspace;
    expect(JSON.stringify({ ...others, ...shown })).not.toMatch(/<script|Ignore all|\u202E/);
    expect(JSON.stringify(untrusted)).not.toMatch(/[\u202E\u200B]/);
    expect(mapping.length).toBeGreaterThan(0);
    for (const { name: entity, fields, row_count } of shown.entities) {
      expect([entity, row_count]).toEqual([expect.stringMatching(/^[a-z][a-z0-9_]{0,62}$/), 10]);
      for (const { name: field } of fields) expect(field).toMatch(/^[a-z][a-z0-9_]{0,62}$/);
    }
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('with patterns that explode elsewhere costs a row that attacks them nothing', async () => {
    const { body } = await provision(oddSchemas['a pattern that explodes']);
    const rows = Array.from({ length: 100 }, () => ({ a: `${'a'.repeat(3_000)}!`, b: 'x'.repeat(3_000), c: 'a'.repeat(3_000) }));
    const started = performance.now();
    const sent = await t.send('POST', `/v1/workspaces/${body.workspace.id}/data/thing`, { ...acme, body: { rows: rows.slice(0, 25) } });
    expect(performance.now() - started).toBeLessThan(5_000);
    expect([201, 400]).toContain(sent.status);
  });

  it.each(['sql-ddl', 'openapi'])('in a format that is not understood yet is refused: %s', async (format) => {
    const sent = await t.send('POST', '/v1/workspaces/provision', {
      ...acme,
      body: { prospect: freshProspect(), schema: { format, document: 'x' } },
    });
    expect(sent.body).toMatchObject({ code: 'schema.unsupported', errors: [{ pointer: '/schema/format' }] });
  });
});

describe('a prospect', () => {
  it.each([
    'localhost',
    'com',
    'co.uk',
    '127.0.0.1',
    '[::1]',
    '192.168.0.1',
    'a..b',
    '-a.example',
    'a_b.example',
    'a'.repeat(64) + '.example',
    'a b.example',
    'evil.example/path',
    'user@evil.example',
    'evil.example:80',
    'xn--.example',
    '.',
    'evil.example?x',
    '0x7f.1',
    '%65vil.example',
    'ev\u00ADil.example\u200B',
  ])('is not a company without a registrable domain: %j', async (domain) => {
    const before = await contents();
    const sent = await t.send('POST', '/v1/referrals', { ...acme, body: { prospect: { name: 'X', domain } } });
    expect([sent.status, sent.body.code]).toEqual([400, 'request.invalid']);
    expect(sent.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(['/prospect/domain']);
    expect(await contents()).toEqual(before);
  });
});

describe('rows', () => {
  it('are refused whole, with at most fifty issues, and none is written', async () => {
    const { id } = await freshWorkspace(acme);
    const before = await contents();
    const sent = await t.send('POST', `/v1/workspaces/${id}/data/account`, {
      ...acme,
      body: { rows: [...Array.from({ length: 99 }, () => ({})), account()] },
    });
    expect([sent.status, sent.body.errors.length]).toEqual([400, 50]);
    expect(await contents()).toEqual(before);
  });

  it('keep hostile values as data, exactly', async () => {
    const { id } = await freshWorkspace(acme);
    const hostile = Object.values(texts).map((text) => [...text].slice(0, 100).join(''));
    const { rows } = await made201(acme, `/v1/workspaces/${id}/data/account`, { rows: hostile.map((text) => account(text)) });
    expect(rows.map(({ values }: { values: { name: string } }) => values.name)).toEqual(hostile);
    for (const text of hostile) {
      const { body } = await t.send('GET', `/v1/workspaces/${id}/data/account?filter[name]=${encodeURIComponent(text)}`, acme);
      expect(body.data.map(({ values }: { values: { name: string } }) => values.name)).toEqual([text]);
    }
  });
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
