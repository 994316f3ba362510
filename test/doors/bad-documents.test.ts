import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { account, freshProspect, freshWorkspace, made201, type Stage, stageOf } from '../support/examples.ts';
import { hostileSchemas, oddSchemas, texts } from '../support/hostile.ts';
import { contentsOf } from '../support/sql.ts';
import { openTestWorld, otherHost, type TestWorld } from '../support/world.ts';

let t: TestWorld;
let acme: Stage;
beforeAll(async () => {
  t = await openTestWorld();
  acme = await stageOf(t);
});
// Whatever was used up of a limit comes back.
beforeEach(() => t.advance(60_000));

const contents = async () => [await contentsOf(t), await contentsOf(t, otherHost)];

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
    expect(performance.now() - started).toBeLessThan(5_000);
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
    `${'a'.repeat(64)}.example`,
    'a b.example',
    'evil.example/path',
    'user@evil.example',
    'evil.example:80',
    'xn--.example',
    '.',
    'evil.example?x',
    '0x7f.1',
    '%65vil.example',
  ])('is not a company without a registrable domain: %j', async (domain) => {
    const before = await contents();
    const sent = await t.send('POST', '/v1/referrals', { ...acme, body: { prospect: { name: 'X', domain } } });
    expect([sent.status, sent.body.code]).toEqual([400, 'request.invalid']);
    expect(new Set(sent.body.errors.map(({ pointer }: { pointer: string }) => pointer))).toEqual(new Set(['/prospect/domain']));
    expect(await contents()).toEqual(before);
  });
});

describe('a domain', () => {
  it.each(['SHOP.Twice.Example', 'tw\u00ADice.exam\u200Bple'])('is one company however it is written: %j', async (domain) => {
    const first = await record('twice.example');
    expect((await record(domain)).body.referral.id).toBe(first.body.referral.id);
  });

  const record = (domain: string) => t.send('POST', '/v1/referrals', { ...acme, body: { prospect: { name: 'X', domain } } });
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
