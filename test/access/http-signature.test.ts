import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { signatureHeaders } from 'web-bot-auth';
import { signerFromJWK } from 'web-bot-auth/crypto';
import { openDocuments } from '../../src/access/documents.ts';
import { verifySignedRequest } from '../../src/access/http-signature.ts';
import { contentDigest, type HttpSigner, httpSigner, type Tampering } from '../support/http-signer.ts';
import { type OutsideHosts, pretendOutsideHosts } from '../support/outside-hosts.ts';

const url = 'https://desk.example/v1/workspaces/provision';
const body = '{"prospect":{"domain":"northwind.example"}}';
const directory = 'https://acme.example/.well-known/http-message-signatures-directory';
const now = new Date('2026-11-21T12:00:00Z');
const agent = 'sig1="https://acme.example"';
const request = { method: 'POST', url, body, agent, created: now };

let signer: HttpSigner;
let outside: OutsideHosts;
beforeAll(async () => {
  signer = await httpSigner();
});
beforeEach(() => {
  outside = pretendOutsideHosts(['localhost:4000']);
  outside.publish(directory, { keys: [signer.publicJwk] });
});

const judge = async (headers: Record<string, string>, sent: { method?: string; url?: string; body?: string; now?: Date } = {}) => {
  const documents = openDocuments({ fetchOutside: outside.fetch, now: () => now });
  const arrived = { method: sent.method ?? 'POST', url: sent.url ?? url, body: new TextEncoder().encode(sent.body ?? body) };
  const verdict = await verifySignedRequest({ ...arrived, headers: new Headers(headers) }, { now: sent.now ?? now, documents });
  return verdict.ok ? verdict.value : verdict.reason;
};
const signed = (changes: Partial<typeof request> = {}, tamper: Tampering = {}) => signer.sign({ ...request, ...changes }, tamper);
const without = (left: string): Tampering => ({
  components: (all) => Object.fromEntries(Object.entries(all).filter(([name]) => name !== `"${left}"`)),
});

describe('a signed request', () => {
  test('tells who signed it, and what to spend', async () => {
    expect(await judge(await signed({}, { parameters: { nonce: 'n1' } }))).toEqual({
      ...{ documentUrl: directory, thumbprint: signer.thumbprint, nonce: 'n1', expiresAt: new Date(now.getTime() + 60_000) },
      ...{ name: null, provesDomain: 'acme.example' },
    });
  });

  test.each([
    ['a bare string', '"https://acme.example"'],
    ['a dictionary', agent],
  ])('of the package web-bot-auth is right, with Signature-Agent as %s', async (_, signatureAgent) => {
    const headers = { 'content-digest': contentDigest(body), 'signature-agent': signatureAgent };
    const components = ['@method', '@authority', '@path', 'content-digest', 'signature-agent'];
    const window = { created: now, expires: new Date(now.getTime() + 60_000) };
    const message = new Request(url, { method: 'POST', headers, body });
    const made = await signatureHeaders(message, await signerFromJWK({ ...signer.privateJwk }), { ...window, components });
    expect(await judge({ ...headers, ...made })).toMatchObject({ thumbprint: signer.thumbprint, provesDomain: 'acme.example' });
  });

  test('may cover its member of Signature-Agent by key', async () => {
    const byKey: Tampering = {
      components: ({ '"signature-agent"': _, ...all }) => ({ ...all, '"signature-agent";key="b"': '"https://acme.example"' }),
    };
    const headers = await signed({ agent: 'a="https://evil.example", b="https://acme.example"' }, byKey);
    expect(await judge(headers)).toMatchObject({ documentUrl: directory });
    expect(await judge({ ...headers, 'signature-agent': 'b="https://evil.example"' })).toBe('status_not_ok');
  });

  test('may cover more, and name its algorithm', async () => {
    const more: Tampering = {
      components: (all) => ({ ...all, '"content-type"': 'application/json', '"@target-uri"': url, '"@scheme"': 'https' }),
      parameters: { alg: 'ed25519' },
    };
    expect(await judge({ ...(await signed({}, more)), 'content-type': 'application/json' })).toMatchObject({ documentUrl: directory });
    expect(await judge({ ...(await signed({}, more)), 'content-type': 'text/plain' })).toBe('signature_invalid');
  });

  test('may be digested with SHA-512, and every digest has to agree', async () => {
    const [one, other] = [contentDigest(body, 'sha-512'), contentDigest('x')];
    const with512 = (digest: string) => signed({}, { components: (all) => ({ ...all, '"content-digest"': digest }) });
    expect(await judge({ ...(await with512(one)), 'content-digest': one })).toMatchObject({ documentUrl: directory });
    expect(await judge({ ...(await with512(`${one}, ${other}`)), 'content-digest': `${one}, ${other}` })).toBe('digest_differs');
  });

  test.each(['@method', '@authority', '@path', 'content-digest', 'signature-agent'])(
    '(52) that does not cover %s is refused',
    async (left) => {
      expect(await judge(await signed({}, without(left)))).toBe('component_missing');
      expect(outside.received).toEqual([]);
    },
  );

  test('(52) covers the query where there is one', async () => {
    const asked = `${url}?dry_run=1`;
    expect(await judge(await signed({ url: asked }), { url: asked })).toMatchObject({ documentUrl: directory });
    expect(await judge(await signed({ url: asked }, without('@query')), { url: asked })).toBe('component_missing');
    expect(await judge(await signed(), { url: asked })).toBe('component_missing');
    expect(await judge(await signed({ url: asked }), { url: `${url}?dry_run=0` })).toBe('signature_invalid');
  });

  test.each([
    ['host', { url: url.replace('desk', 'other') }],
    ['port', { url: url.replace('example', 'example:8443') }],
    ['path', { url: `${url}/more` }],
    ['method', { method: 'PUT' }],
  ])('(52) is not right for another %s', async (_, sent) => {
    expect(await judge(await signed(), sent)).toBe('signature_invalid');
  });

  test('(52) is not right for another body', async () => {
    expect(await judge(await signed(), { body: `${body} ` })).toBe('digest_differs');
    expect(await judge({ ...(await signed()), 'content-digest': contentDigest('x') }, { body: 'x' })).toBe('signature_invalid');
  });

  test.each(['', 'md5=:AAAA:', 'sha-256="text"', 'sha-256', 'nonsense;;'])('(52) with the digest "%s" is refused', async (digest) => {
    expect(await judge({ ...(await signed()), 'content-digest': digest })).toMatch(/^(?:digest_malformed|component_unsupported)$/);
  });

  test.each([
    ['(52) stale', { created: at(-301), expires: at(10) }, 'too_old'],
    ['(52) expired', { created: at(-60), expires: at(0) }, 'expired'],
    ['(52) made in the future', { created: at(6), expires: at(60) }, 'created_in_future'],
    ['(52) that lives too long', { created: at(0), expires: at(301) }, 'lives_too_long'],
    ['(52) without created', { created: undefined }, 'parameters_unusable'],
    ['(52) without expires', { expires: undefined }, 'parameters_unusable'],
    ['(52) without a nonce', { nonce: undefined }, 'parameters_unusable'],
    ['(52) with an empty nonce', { nonce: '' }, 'parameters_unusable'],
    ['(52) with a long nonce', { nonce: 'x'.repeat(129) }, 'parameters_unusable'],
    ['(52) without a key id', { keyid: undefined }, 'parameters_unusable'],
    ['(52) for another purpose', { tag: 'agent-browser-auth' }, 'parameters_unusable'],
    ['(52) by another algorithm', { alg: 'hmac-sha256' }, 'parameters_unusable'],
  ])('%s is refused unfetched', async (_, parameters, reason) => {
    expect(await judge(await signed({}, { parameters }))).toBe(reason);
    expect(outside.received).toEqual([]);
  });

  test('(52) by a key that is not published is refused', async () => {
    const other = await httpSigner();
    expect(await judge(await other.sign(request))).toBe('key_unknown');
    expect(await judge(await other.sign(request, { parameters: { keyid: signer.thumbprint } }))).toBe('signature_invalid');
  });

  test('(52) by a key that is published under the thumbprint of another is refused', async () => {
    const other = await httpSigner();
    outside.publish(directory, { keys: [{ ...other.publicJwk, kid: signer.thumbprint }] });
    expect(await judge(await signed())).toBe('key_unknown');
  });

  test('(52) is one signature, well-formed', async () => {
    const headers = await signed();
    const { 'signature-input': input = '', signature = '' } = headers;
    expect(await judge({ ...headers, 'signature-input': `${input}, x=()` })).toBe('signatures_several');
    expect(await judge({ ...headers, signature: `${signature}, x=:AAAA:` })).toBe('signatures_several');
    expect(await judge({ ...headers, signature: signature.replace('sig1', 'sig2') })).toBe('signature_malformed');
    expect(await judge({ ...headers, signature: 'sig1="text"' })).toBe('signature_malformed');
    expect(await judge({ ...headers, 'signature-input': 'sig1=1' })).toBe('signature_malformed');
    expect(await judge({ ...headers, 'signature-input': `${input};x="${'y'.repeat(4096)}"` })).toBe('signature_malformed');
    expect(await judge({ 'signature-agent': agent })).toBe('signature_absent');
  });

  test.each(['"x-absent"', '"@status"', '"@query-param";name="a"', '"content-type";bs', '"signature"', '"@method";req', '"Content-Type"'])(
    '(52) that covers %s, which we do not know, is refused',
    async (name) => {
      const headers = await signed({}, { components: (all) => ({ ...all, [name]: 'application/json' }) });
      expect(await judge({ ...headers, 'content-type': 'application/json' })).toBe('component_unsupported');
    },
  );
});

describe('what a signature covers', () => {
  test('is each component once', async () => {
    const twice = await signed({}, { components: (all) => ({ ...all, '"signature-agent";key="sig1"': '"https://acme.example"' }) });
    expect(await judge(twice)).toBe('component_unsupported');
  });

  test('is at most 24 components', async () => {
    const more = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`x-${at}`, 'a']));
    const quoted = (fields: object) => Object.fromEntries(Object.entries(fields).map(([name, value]) => [`"${name}"`, value]));
    const covering = async (count: number) => ({
      ...(await signed({}, { components: (all) => ({ ...all, ...quoted(more(count)) }) })),
      ...more(count),
    });
    expect(await judge(await covering(19))).toMatchObject({ documentUrl: directory });
    expect(await judge(await covering(20))).toBe('component_unsupported');
  });

  test('is ASCII', async () => {
    const headers = await signed({}, { components: (all) => ({ ...all, '"x-name"': 'é' }) });
    expect(await judge({ ...headers, 'x-name': 'é' })).toBe('component_unsupported');
  });

  test('is no member of a bare Signature-Agent', async () => {
    const bare = '"https://acme.example"';
    const byKey: Tampering = { components: ({ '"signature-agent"': _, ...all }) => ({ ...all, '"signature-agent";key="sig1"': bare }) };
    expect(await judge(await signed({ agent: bare }, byKey))).toBe('agent_unusable');
  });
});

function at(seconds: number): number {
  return now.getTime() / 1000 + seconds;
}

describe('where keys are published', () => {
  const card = 'https://acme.example/.well-known/frontdesk-agent.json';

  test('a client metadata document proves by its own rule, and has a name', async () => {
    outside.publish(card, { client_id: card, client_name: 'Acme', jwks: { keys: [signer.publicJwk] } });
    const found = await judge(await signed({ agent: `sig1="${card}";type=cimd` }));
    expect(found).toMatchObject({ documentUrl: card, name: 'Acme', provesDomain: 'acme.example' });
  });

  test('a key set somewhere proves no domain', async () => {
    const keys = 'https://acme.example/keys';
    outside.publish(keys, { keys: [signer.publicJwk] });
    expect(await judge(await signed({ agent: `sig1="${keys}";type=jwks_uri` }))).toMatchObject({ documentUrl: keys, provesDomain: null });
  });

  test.each([
    ['https://bots.acme.example', null],
    ['https://acme.example:8443', null],
    ['https://tenant.vercel.app', 'tenant.vercel.app'],
    ['http://localhost:4000', null],
  ])('a directory at %s proves %s', async (origin, domain) => {
    outside.publish(`${origin}/.well-known/http-message-signatures-directory`, { keys: [signer.publicJwk] });
    expect(await judge(await signed({ agent: `sig1="${origin}"` }))).toMatchObject({ provesDomain: domain });
  });

  test.each([
    'sig1="https://acme.example/keys"',
    'sig1="https://acme.example/keys?a=1";type=jwks_uri',
    'sig1="https://acme.example";type="directory"',
    'sig1="https://acme.example";type=unknown',
    'sig1="https://me@acme.example"',
    'sig1="ftp://acme.example"',
    'sig1=https',
    'a="https://acme.example", b="https://acme.example"',
    'sig1=("https://acme.example")',
    '"not a URL"',
    'sig1="https://acme.example',
  ])('Signature-Agent %s is refused unfetched', async (value) => {
    expect(await judge(await signed({ agent: value }))).toBe('agent_unusable');
    expect(outside.received).toEqual([]);
  });

  test('(48) a directory at a private address is not fetched', async () => {
    outside.addresses.set('acme.example', ['169.254.169.254']);
    expect(await judge(await signed())).toBe('address_forbidden');
  });
});
