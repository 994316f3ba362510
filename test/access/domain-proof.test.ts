import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openDocuments } from '../../src/access/documents.ts';
import { lookUpDomainProof, type ProofDeps } from '../../src/access/domain-proof.ts';
import { challengeFile, challengeRecord, type ProofMethod } from '../../src/domain/domain-proof.ts';
import { type PretendedResolver, pretendResolver, pretendResolvers } from '../support/dns-resolver.ts';
import { type OutsideHosts, pretendOutsideHosts } from '../support/outside-hosts.ts';

const domain = 'acme.example';
const expected = 'fd-5d41402abc4b2a76b9719d911017c592';
const { name, value } = challengeRecord(domain, expected);
const [firstUrl, secondUrl] = ['https://one.example/dns-query', 'https://two.example/dns-query'] as const;

let first: PretendedResolver;
let second: PretendedResolver;
let outside: OutsideHosts;
let deps: ProofDeps;
let now: Date;
const lookUp = (method: ProofMethod, of = domain) => lookUpDomainProof({ domain: of, method, expected }, deps);

beforeEach(() => {
  [first, second] = [pretendResolver(), pretendResolver()];
  outside = pretendOutsideHosts();
  now = new Date('2026-11-21T12:00:00Z');
  const documents = openDocuments({ fetchOutside: outside.fetch, now: () => now });
  const fetch = pretendResolvers({ [firstUrl]: first, [secondUrl]: second });
  deps = { documents, fetch, resolverUrls: [firstUrl, secondUrl] };
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a proof in DNS', () => {
  const inBoth = (records: readonly (string | readonly string[])[]) => {
    for (const { zone } of [first, second]) zone.set(name, records);
  };

  test('stands under a name of ours', () => {
    expect([name, value]).toEqual(['_frontdesk-challenge.acme.example', `token=${expected}`]);
  });

  test.each([
    ['alone', [value]],
    ['among others', ['v=spf1 -all', 'token=fd-another', value]],
    ['with more said about it', [`${value} expiry=2026-12-01`]],
    ['with its key in capitals', [`TOKEN=${expected}`]],
    ['as nothing but the token', [expected]],
    ['in several strings', [[value.slice(0, 9), value.slice(9)]]],
    ['at the end of a long record of others', [`note=${'x'.repeat(600)}`, value]],
  ])('counts %s', async (_, records) => {
    inBoth(records);
    expect(await lookUp('dns_txt')).toBe('proven');
    expect([first.asked, second.asked]).toEqual([[name], [name]]);
  });

  test.each([
    ['another token', ['token=fd-another']],
    ['a longer token', [`${value}0`]],
    ['the token in capitals', [`token=${expected.toUpperCase()}`]],
    ['the token behind something', [`note=1 ${value}`]],
    ['the token under another key', [`tokens=${expected}`]],
    ['no record', []],
  ])('is not %s', async (_, records) => {
    inBoth(records);
    expect(await lookUp('dns_txt')).toBe('absent');
  });

  test('is absent under a name that does not exist', async () => {
    expect(await lookUp('dns_txt')).toBe('absent');
  });

  test('that only one resolver shows is a disagreement', async () => {
    second.zone.set(name, [value]);
    expect(await lookUp('dns_txt')).toBe('disagree');
  });

  test.each(['refused', 'bad_gateway', 'unreachable'] as const)('cannot be told when one resolver is %s', async (fault) => {
    inBoth([value]);
    second.fault = fault;
    expect(await lookUp('dns_txt')).toBe('unreachable');
  });

  test.each([
    ['fails', { status: 500, headers: { 'content-type': 'application/dns-message' } }],
    ['answers in another type', { status: 200, headers: { 'content-type': 'application/octet-stream' } }],
  ])('cannot be told when a resolver %s, whatever it writes', async (_, as) => {
    inBoth([value]);
    const { fetch } = deps;
    deps = { ...deps, fetch: async (url, init) => new Response((await fetch(url, init)).body, as) };
    expect(await lookUp('dns_txt')).toBe('unreachable');
  });

  test('cannot be told when a resolver does not answer for five seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const proof = lookUpDomainProof({ domain, method: 'dns_txt', expected }, { ...deps, fetch: () => new Promise(() => undefined) });
    vi.advanceTimersByTime(5000);
    expect(await proof).toBe('unreachable');
  });

  test('is asked for once where both resolvers are one', async () => {
    first.zone.set(name, [value]);
    deps = { ...deps, resolverUrls: [firstUrl, firstUrl] };
    expect(await lookUp('dns_txt')).toBe('proven');
    expect(first.asked).toEqual([name]);
  });
});

describe('a proof in a file', () => {
  const file = challengeFile(domain, expected).url;

  test('holds the token among those of others', async () => {
    outside.publish(file, { challenges: ['fd-another', expected], note: 'x' });
    expect(await lookUp('well_known')).toBe('proven');
  });

  test.each([
    ['without the token', { challenges: ['fd-another'] }],
    ['without tokens', {}],
    ['with a token that is no list', { challenges: expected }],
    ['that is no object', [expected]],
  ])('is none %s', async (_, content) => {
    outside.publish(file, content);
    expect(await lookUp('well_known')).toBe('absent');
  });

  test('is absent where there is no file, and read anew each time', async () => {
    expect(await lookUp('well_known')).toBe('absent');
    outside.publish(file, { challenges: [expected] });
    expect(await lookUp('well_known')).toBe('proven');
    outside.withdraw(file);
    expect(await lookUp('well_known')).toBe('absent');
  });

  test('cannot be told when the host does not answer or fails', async () => {
    outside.publish(file, {}, { status: 503 });
    expect(await lookUp('well_known')).toBe('unreachable');
    outside.down.add(domain);
    expect(await lookUp('well_known')).toBe('unreachable');
  });

  test('does not count behind a redirect', async () => {
    outside.redirect(file, 'https://www.acme.example/frontdesk-organization.json');
    outside.publish('https://www.acme.example/frontdesk-organization.json', { challenges: [expected] });
    expect(await lookUp('well_known')).toBe('absent');
  });
});

describe('a document with keys', () => {
  const keys = { keys: [{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }] };
  const lookAt = (method: ProofMethod, url: string) => lookUpDomainProof({ domain, method, expected: url }, deps);
  const places: readonly (readonly [ProofMethod, string, object])[] = [
    ['metadata_document', `https://${domain}/.well-known/frontdesk-agent.json`, { jwks: keys }],
    ['signature_directory', `https://${domain}/.well-known/http-message-signatures-directory`, keys],
  ];

  test.each(places)('proves the domain as %s while it names one', async (method, url, content) => {
    expect(await lookAt(method, url)).toBe('absent');
    now.setUTCMinutes(now.getUTCMinutes() + 2);
    outside.publish(url, { client_id: url, ...content });
    expect(await lookAt(method, url)).toBe('proven');
    now.setUTCMinutes(now.getUTCMinutes() + 2);
    outside.publish(url, { client_id: url, jwks: { keys: [] }, keys: [] });
    expect(await lookAt(method, url)).toBe('absent');
  });

  test.each(places)('as %s cannot be told when its host does not answer', async (method, url) => {
    outside.down.add(domain);
    expect(await lookAt(method, url)).toBe('unreachable');
  });

  test.each(places)('as %s speaks for no other domain', async (method, url, content) => {
    const elsewhere = url.replace(domain, 'other.example');
    outside.publish(elsewhere, { client_id: elsewhere, ...content });
    expect(await lookAt(method, elsewhere)).toBe('absent');
  });
});

test.each(['www.acme.example', 'vercel.app', 'example', 'localhost', '127.0.0.1', 'ACME.example'])(
  'nothing is asked about %s, which is no registrable domain',
  async (other) => {
    expect([await lookUp('dns_txt', other), await lookUp('well_known', other)]).toEqual(['absent', 'absent']);
    expect([first.asked, outside.received]).toEqual([[], []]);
  },
);
