import { CompactSign, exportJWK, generateKeyPair, SignJWT } from 'jose';
import * as oauth from 'oauth4webapi';
import { beforeAll, describe, expect, test } from 'vitest';
import { claimedClientId, verifyClientAssertion } from '../../src/access/client-assertion.ts';
import { type ClientKey, readClientKeys, storedKeys } from '../../src/access/client-keys.ts';

const clientId = 'https://acme.example/.well-known/frontdesk-agent.json';
const issuer = 'https://desk.example';
const audiences = [issuer, `${issuer}/oauth/token`];
const now = new Date('2026-11-21T12:00:00Z');
const at = now.getTime() / 1000;
const claims = { iss: clientId, sub: clientId, aud: issuer, exp: at + 60, iat: at, jti: 'j1' };

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;
let pair: Pair;
let stranger: Pair;
let keys: readonly ClientKey[];

beforeAll(async () => {
  [pair, stranger] = await Promise.all([
    generateKeyPair('Ed25519', { extractable: true }),
    generateKeyPair('Ed25519', { extractable: true }),
  ]);
  const read = await readClientKeys({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k1' }] });
  keys = read.ok ? read.value : [];
});

const sign = (changes: object = {}, header: object = {}, key = pair.privateKey) =>
  new SignJWT({ ...claims, ...changes }).setProtectedHeader({ alg: 'EdDSA', kid: 'k1', ...header }).sign(key);
const judge = async (assertion: string) => {
  const verdict = await verifyClientAssertion({ assertion, clientId, keys: storedKeys(keys), audiences, now });
  return verdict.ok ? verdict.value : verdict.reason;
};

describe('a client assertion', () => {
  test('tells who, which key and what to spend', async () => {
    const thumbprint = keys[0]?.thumbprint;
    expect(await judge(await sign())).toEqual({ clientId, jti: 'j1', expiresAt: new Date((at + 60) * 1000), thumbprint });
  });

  test.each([
    ['typ JWT', {}, { typ: 'JWT' }],
    ['typ client-authentication+jwt', {}, { typ: 'client-authentication+jwt' }],
    ['typ application/client-authentication+jwt', {}, { typ: 'application/client-authentication+jwt' }],
    ['the algorithm by its other name', {}, { alg: 'Ed25519' }],
    ['no key id', {}, { kid: undefined }],
    ['the token endpoint as audience', { aud: `${issuer}/oauth/token` }, {}],
    ['the one audience in an array', { aud: [issuer] }, {}],
    ['no iat', { iat: undefined }, {}],
    ['a clock a minute ahead', { iat: at + 60, nbf: at + 60, exp: at + 360 }, {}],
  ])('with %s is right', async (_, changes, header) => {
    expect(await judge(await sign(changes, header))).toMatchObject({ clientId });
  });

  test('of oauth4webapi is right', async () => {
    const body = new URLSearchParams();
    const authenticate = oauth.PrivateKeyJwt({ key: pair.privateKey, kid: 'k1' });
    await authenticate({ issuer }, { client_id: clientId }, body, new Headers());
    const assertion = body.get('client_assertion') ?? '';
    const verdict = await verifyClientAssertion({ assertion, clientId, keys: storedKeys(keys), audiences, now: new Date() });
    expect(verdict.ok).toBe(true);
  });

  test.each(['at+jwt', 'ref+jwt', 'oauth-id-jag+jwt', 'dpop+jwt', 'jws'])('(3) of type %s is refused', async (typ) => {
    expect(await judge(await sign({}, { typ }))).toBe('typ_forbidden');
  });

  test.each([
    ['(4) for a sibling', { aud: `${issuer}/mcp` }, 'audience_differs'],
    ['(4) for us with a slash', { aud: `${issuer}/` }, 'audience_differs'],
    ['(4) for us and somebody else', { aud: [issuer, 'https://other.example'] }, 'audience_differs'],
    ['(4) for nobody', { aud: undefined }, 'audience_differs'],
    ['(5) that is expired', { exp: at }, 'expired'],
    ['(5) that is not valid yet', { nbf: at + 61 }, 'not_yet_valid'],
    ['(5) made in the future', { iat: at + 61 }, 'issued_in_future'],
    ['that lives longer than five minutes', { exp: at + 361 }, 'lives_too_long'],
    ['that was made long ago', { iat: at - 600, exp: at + 60 }, 'lives_too_long'],
    ['(6) without exp', { exp: undefined }, 'exp_missing'],
    ['with an exp that is no number', { exp: '2030' }, 'exp_missing'],
    ['(6) without jti', { jti: undefined }, 'jti_unusable'],
    ['with an empty jti', { jti: '' }, 'jti_unusable'],
    ['with a long jti', { jti: 'x'.repeat(256) }, 'jti_unusable'],
    ['with a jti that no database keeps', { jti: 'a\0b' }, 'jti_unusable'],
    ['(6) without sub', { sub: undefined }, 'issuer_differs'],
    ['about somebody else', { sub: 'https://other.example/x' }, 'issuer_differs'],
    ['about us that is of somebody else', { iss: 'https://other.example/x' }, 'issuer_differs'],
    ['(13) that is longer than 8 KB', { more: 'x'.repeat(8192) }, 'malformed'],
    ['of somebody else', { iss: 'https://other.example/x', sub: 'https://other.example/x' }, 'issuer_differs'],
  ])('%s is refused', async (_, changes, reason) => {
    expect(await judge(await sign(changes))).toBe(reason);
  });

  test('(1) without a signature is refused', async () => {
    const part = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url');
    expect(await judge(`${part({ alg: 'none' })}.${part(claims)}.`)).toBe('alg_forbidden');
  });

  test('(2) by HMAC with our copy of the public key is refused', async () => {
    const [{ jwk }] = keys as [ClientKey];
    const secret = new TextEncoder().encode(JSON.stringify(jwk));
    expect(await judge(await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'k1' }).sign(secret))).toBe('alg_forbidden');
  });

  test('by an algorithm of another kind of key is refused', async () => {
    const other = await generateKeyPair('ES256');
    expect(await judge(await sign({}, { alg: 'ES256' }, other.privateKey))).toBe('key_unknown');
  });

  test('by another key is refused', async () => {
    expect(await judge(await sign({}, {}, stranger.privateKey))).toBe('signature_invalid');
  });

  test('(7) that names an unknown key is refused', async () => {
    expect(await judge(await sign({}, { kid: 'k2' }))).toBe('key_unknown');
  });

  test('(12) is not verified by what its header brings along', async () => {
    const jwk = await exportJWK(stranger.publicKey);
    const header = { jwk, jku: 'https://evil.example/keys', x5u: 'https://evil.example/cert', x5c: ['MIIB'] };
    expect(await judge(await sign({}, header, stranger.privateKey))).toBe('signature_invalid');
    expect(await judge(await sign({}, header))).toMatchObject({ clientId });
  });

  test('with an unknown critical header is refused', async () => {
    const signed = new CompactSign(new TextEncoder().encode(JSON.stringify(claims)));
    const token = await signed.setProtectedHeader({ alg: 'EdDSA', crit: ['exp'], exp: 1 }).sign(pair.privateKey, { crit: { exp: true } });
    expect(await judge(token)).toBe('signature_invalid');
  });

  test.each([
    ['(13) of 100 KB', 'x'.repeat(100_000)],
    ['of two parts', 'e30.e30'],
    ['of four parts', 'e30.e30.e30.e30'],
    ['of no JSON', 'a.b.c'],
    ['whose claims are a list', `${Buffer.from('{"alg":"EdDSA"}').toString('base64url')}.W10.e30`],
    ['that is empty', ''],
  ])('%s is malformed', async (_, token) => {
    expect([await judge(token), claimedClientId(token)]).toEqual(['malformed', null]);
  });

  test('tells unverified whom it claims to be from', async () => {
    expect(claimedClientId(await sign())).toBe(clientId);
    expect(claimedClientId(await sign({ iss: 'x'.repeat(513) }))).toBeNull();
  });
});
