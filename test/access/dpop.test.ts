import { calculateThumbprint, generateKeyPair as dpopKeyPair, generateProof, type JWSAlgorithm } from 'dpop';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { type DpopCheck, verifyDpopProof } from '../../src/access/dpop.ts';

const url = 'https://desk.example/oauth/token';
const now = new Date('2026-11-21T12:00:00Z');
const at = now.getTime() / 1000;
const claims = { jti: 'j1', htm: 'POST', htu: url, iat: at };

let pair: Awaited<ReturnType<typeof generateKeyPair>>;
let jwk: JWK;
beforeAll(async () => {
  pair = await generateKeyPair('Ed25519', { extractable: true });
  jwk = await exportJWK(pair.publicKey);
});

const judge = async (proof: string, check: Partial<DpopCheck> = {}) => {
  const verdict = await verifyDpopProof({ proof, method: 'POST', url, now, ...check });
  return verdict.ok ? verdict.value : verdict.reason;
};
const sign = (changes: object = {}, header: object = {}) =>
  new SignJWT({ ...claims, ...changes }).setProtectedHeader({ alg: 'EdDSA', typ: 'dpop+jwt', jwk, ...header }).sign(pair.privateKey);

describe('a DPoP proof', () => {
  test.each<JWSAlgorithm>(['Ed25519', 'ES256', 'RS256', 'PS256'])('of the package dpop with %s is right', async (alg) => {
    const keys = await dpopKeyPair(alg);
    const proof = await generateProof(keys, `${url}?a=1#b`, 'POST', undefined, 'token');
    const found = await judge(proof, { now: new Date(), accessToken: 'token' });
    expect(found).toMatchObject({ thumbprint: await calculateThumbprint(keys.publicKey) });
    expect(await judge(proof, { now: new Date(), accessToken: 'another' })).toBe('token_differs');
  });

  test('says until when it has to be remembered', async () => {
    expect(await judge(await sign())).toMatchObject({ jti: 'j1', expiresAt: new Date((at + 60) * 1000) });
  });

  test.each([
    ['for another method', { htm: 'GET' }, 'method_differs'],
    ['for another path', { htu: 'https://desk.example/oauth/revoke' }, 'url_differs'],
    ['for another host', { htu: 'https://other.example/oauth/token' }, 'url_differs'],
    ['for no address', { htu: 'token' }, 'url_differs'],
    ['of more than a minute ago', { iat: at - 61 }, 'too_old'],
    ['of more than a minute ahead', { iat: at + 61 }, 'issued_in_future'],
    ['(6) without jti', { jti: undefined }, 'jti_unusable'],
    ['without iat', { iat: undefined }, 'malformed'],
  ])('%s is refused', async (_, changes, reason) => {
    expect(await judge(await sign(changes))).toBe(reason);
  });

  test('without the hash of the token that came along is refused', async () => {
    expect(await judge(await sign(), { accessToken: 'token' })).toBe('token_differs');
  });

  test('(3) is none of another type', async () => {
    expect(await judge(await sign({}, { typ: 'JWT' }))).toBe('typ_forbidden');
  });

  test('brings a public key, which is what signed it', async () => {
    const other = await exportJWK((await generateKeyPair('Ed25519', { extractable: true })).publicKey);
    expect(await judge(await sign({}, { jwk: other }))).toBe('signature_invalid');
    expect(await judge(await sign({}, { jwk: undefined }))).toBe('key_unusable');
    expect(await judge(await sign({}, { jwk: await exportJWK(pair.privateKey) }))).toBe('key_secret');
    expect(await judge(await sign({}, { jwk: { kty: 'oct', k: 'c2VjcmV0' } }))).toBe('key_secret');
  });

  test('is not signed by another algorithm than its key is for', async () => {
    const rsa = await generateKeyPair('RS256', { extractable: true });
    const header = { typ: 'dpop+jwt', jwk: { ...(await exportJWK(rsa.publicKey)), alg: 'PS256' } };
    expect(await judge(await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', ...header }).sign(rsa.privateKey))).toBe(
      'signature_invalid',
    );
  });

  test.each(['', 'a.b.c', 'x'.repeat(100_000)])('(13) that is none is malformed', async (proof) => {
    expect(await judge(proof)).toBe('malformed');
  });
});
