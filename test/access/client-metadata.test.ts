import { beforeEach, describe, expect, test } from 'vitest';
import { findClientMetadata, provenBy } from '../../src/access/client-metadata.ts';
import { openDocuments } from '../../src/access/documents.ts';
import { type OutsideHosts, pretendOutsideHosts } from '../support/outside-hosts.ts';

const clientId = 'https://acme.example/.well-known/frontdesk-agent.json';
const jwk = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };
const document = { client_id: clientId, client_name: 'Acme', token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] } };

let at: number;
let outside: OutsideHosts;
let find: (id: string) => ReturnType<typeof findClientMetadata>;
const publish = (changes: object) => outside.publish(clientId, { ...document, ...changes });
const reason = async (id = clientId) => {
  const found = await find(id);
  return found.ok ? 'found' : found.reason;
};
const keysOf = async (reload = false) => {
  const found = await find(clientId);
  const keys = found.ok ? await found.value.keys(reload) : found;
  return keys.ok ? keys.value.map(({ kid }) => kid) : keys.reason;
};

beforeEach(() => {
  at = Date.parse('2026-11-21T12:00:00Z');
  outside = pretendOutsideHosts(['localhost:4000']);
  const documents = openDocuments({ fetchOutside: outside.fetch, now: () => new Date(at) });
  find = (id) => findClientMetadata(id, documents);
  publish({});
});

describe('a client metadata document', () => {
  test('gives id, name and keys', async () => {
    const found = await find(clientId);
    expect(found).toMatchObject({ ok: true, value: { clientId, name: 'Acme', proves: 'acme.example' } });
    expect(await keysOf()).toEqual([null]);
  });

  test('may leave the method of authentication and the name out', async () => {
    publish({ token_endpoint_auth_method: undefined, client_name: undefined });
    expect(await find(clientId)).toMatchObject({ ok: true, value: { name: null } });
  });

  test('has its name made safe', async () => {
    publish({ client_name: `\u202eAcme\n\u{e0041} ${'x'.repeat(100)}` });
    expect(await find(clientId)).toMatchObject({ ok: true, value: { name: `Acme ${'x'.repeat(75)}` } });
  });

  test.each([
    ['(21) names another client id', { client_id: 'https://acme.example/other' }, 'client_id_differs'],
    ['(21) names its id in another spelling', { client_id: 'https://ACME.example/.well-known/frontdesk-agent.json' }, 'client_id_differs'],
    ['names no client id', { client_id: undefined }, 'metadata_malformed'],
    ['has a name that is no text', { client_name: {} }, 'metadata_malformed'],
    ['wants a shared secret', { token_endpoint_auth_method: 'client_secret_basic' }, 'auth_method_forbidden'],
    ['wants no authentication', { token_endpoint_auth_method: 'none' }, 'auth_method_forbidden'],
    ['has a secret', { client_secret: 'x' }, 'secret_forbidden'],
    ['has no keys', { jwks: undefined }, 'keys_missing'],
    ['has keys twice', { jwks_uri: 'https://acme.example/keys' }, 'keys_ambiguous'],
    ['has its keys elsewhere', { jwks: undefined, jwks_uri: 'https://keys.acme.example/keys' }, 'jwks_uri_elsewhere'],
  ])('that %s is refused', async (_, changes, expected) => {
    publish(changes);
    expect(await reason()).toBe(expected);
  });

  test.each([
    ['(21) not https', 'http://acme.example/x', 'scheme_forbidden'],
    ['(21) without a path', 'https://acme.example/', 'client_id_unusable'],
    ['without even a slash', 'https://acme.example', 'client_id_unusable'],
    ['with a fragment', `${clientId}#a`, 'client_id_unusable'],
    ['with an empty fragment', `${clientId}#`, 'client_id_unusable'],
    ['with a query', `${clientId}?a=1`, 'client_id_unusable'],
    ['with a user name', 'https://me@acme.example/x', 'client_id_unusable'],
    ['with dot segments', 'https://acme.example/a/../x', 'client_id_unusable'],
    ['with encoded dot segments', 'https://acme.example/a/%2e%2e/x', 'client_id_unusable'],
    ['in capitals', 'https://ACME.example/x', 'client_id_unusable'],
    ['with the standard port', 'https://acme.example:443/x', 'client_id_unusable'],
    ['of another scheme', 'ftp://acme.example/x', 'client_id_unusable'],
    ['that is an address', 'https://127.0.0.1/x', 'address_forbidden'],
    ['too long', `https://acme.example/${'x'.repeat(512)}`, 'client_id_unusable'],
  ])('at an address %s is not fetched', async (_, id, expected) => {
    expect(await reason(id)).toBe(expected);
    expect(outside.received).toEqual([]);
  });

  test('(21) at a private address is not fetched', async () => {
    outside.addresses.set('acme.example', ['10.0.0.8']);
    expect(await reason()).toBe('address_forbidden');
  });

  test('(21) is not redirected', async () => {
    outside.redirect(clientId, 'https://acme.example/other');
    expect(await reason()).toBe('status_not_ok');
  });

  test('may be plain http where the operator vouches for the host, and proves nothing there', async () => {
    const local = 'http://localhost:4000/agent.json';
    outside.publish(local, { ...document, client_id: local });
    expect(await find(local)).toMatchObject({ ok: true, value: { proves: null } });
  });
});

describe('the keys of a client', () => {
  test('may stand at an address of the same origin', async () => {
    publish({ jwks: undefined, jwks_uri: 'https://acme.example/keys' });
    outside.publish('https://acme.example/keys', { keys: [{ ...jwk, kid: 'a' }] });
    expect(await keysOf()).toEqual(['a']);
  });

  test('are not redirected to another origin', async () => {
    publish({ jwks: undefined, jwks_uri: 'https://acme.example/keys' });
    outside.redirect('https://acme.example/keys', 'https://evil.example/keys');
    expect(await keysOf()).toBe('status_not_ok');
  });

  test('are looked for again in the document itself', async () => {
    expect(await keysOf()).toEqual([null]);
    publish({ jwks: { keys: [{ ...jwk, kid: 'new' }] } });
    at += 60_000;
    expect(await keysOf(true)).toEqual(['new']);
  });
});

describe('what a document proves', () => {
  test.each([
    ['https://acme.example/.well-known/frontdesk-agent.json', 'acme.example'],
    ['https://acme.co.uk/.well-known/frontdesk-agent.json', 'acme.co.uk'],
    ['https://tenant.vercel.app/.well-known/frontdesk-agent.json', 'tenant.vercel.app'],
    ['https://vercel.app/.well-known/frontdesk-agent.json', null],
    ['https://www.acme.example/.well-known/frontdesk-agent.json', null],
    ['https://acme.example/agent.json', null],
    ['https://acme.example:8443/.well-known/frontdesk-agent.json', null],
    ['http://acme.example/.well-known/frontdesk-agent.json', null],
    ['http://localhost:4000/.well-known/frontdesk-agent.json', null],
    ['https://sites.example/~acme/.well-known/frontdesk-agent.json', null],
  ])('(21) %s proves %s', (url, domain) => {
    expect(provenBy(url)).toBe(domain);
  });
});
