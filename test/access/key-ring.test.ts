import { base64url, compactVerify, createLocalJWKSet, flattenedVerify, importJWK, type JWK, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { type KeyRing, KeyUnavailable, openKeyRing } from '../../src/access/key-ring.ts';
import { unseal } from '../../src/access/seal.ts';
import { type KeyRow, makeMissingKeys } from '../../src/access/signing-key.ts';
import { tokenDigest } from '../../src/domain/lineage.ts';

const tenant = 'ten_00000000000000000000000001';
const origin = 'https://desk.example.com';
const masterKey = new Uint8Array(32).fill(5);
const now = new Date('2026-03-01T09:00:00.000Z');
const iat = now.getTime() / 1000;
const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));
const make = (existing: readonly KeyRow[]) => makeMissingKeys(existing, { tenant, masterKey, now, random });

const claims = {
  iss: origin,
  aud: origin,
  tid: tenant,
  org: 'org_00000000000000000000000001',
  sub: 'agt_00000000000000000000000001',
  cmp: 'spring',
  jti: 'rtk_00000000000000000000000001',
  iat,
  nbf: iat,
  exp: iat + 3600,
  dep: 0,
  terms_sha256: 'a'.repeat(64),
};
/** A child of that token, as deep as is allowed. */
const childClaims = { ...claims, dep: 3, par: tokenDigest('its parent') };
const touchClaims = {
  iss: origin,
  aud: origin,
  tid: tenant,
  jti: 'vis_00000000000000000000000001',
  rtk: claims.jti,
  org: claims.org,
  iat,
  exp: iat + 3600,
};
const without = (name: keyof typeof claims) => Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));

let rows: readonly KeyRow[];
let ring: KeyRing;
let secret: Uint8Array;
let kid: string;
let edKid: string;
beforeAll(async () => {
  rows = await make([]);
  ring = await openKeyRing(tenant, rows, masterKey);
  kid = ring.signingKid('referral_tokens');
  edKid = ring.signingKid('referral_tokens', 'EdDSA');
  secret = await unseal(rows.find((row) => row.kid === kid)?.sealed ?? '', masterKey, { tenant, kid });
});

const inState = (state: string, purpose = 'referral_tokens') => rows.map((row) => (row.purpose === purpose ? { ...row, state } : row));
const verify = (token: string, at = now) => ring.verifyReferralToken(token, origin, at);
/** Signed with the right secret, but as the test says. */
const forged = (payload: object, header: object = {}) =>
  new SignJWT({ ...payload }).setProtectedHeader({ alg: 'HS256', kid, typ: 'ref+jwt', ...header }).sign(secret);

const jwkText = (jwk: JWK) => new TextEncoder().encode(JSON.stringify(jwk));

/** The same without a library that would refuse to write such a header. */
async function signedByHand(header: object): Promise<string> {
  const protectedHeader = base64url.encode(JSON.stringify({ alg: 'HS256', kid, typ: 'ref+jwt', ...header }));
  const input = `${protectedHeader}.${base64url.encode(JSON.stringify(claims))}`;
  const hmac = await crypto.subtle.importKey('raw', new Uint8Array(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const signature = await crypto.subtle.sign('HMAC', hmac, new TextEncoder().encode(input));
  return `${input}.${base64url.encode(new Uint8Array(signature))}`;
}

describe('makeMissingKeys', () => {
  test('makes one sealed key for every purpose, of referral tokens one of each algorithm, and none where there is an active one', async () => {
    const made = (keys: readonly KeyRow[]) => keys.map(({ purpose, algorithm }) => `${purpose} ${algorithm}`);
    expect(made(rows)).toEqual([
      'capabilities EdDSA',
      'receipts EdDSA',
      'checkpoints EdDSA',
      'access_tokens EdDSA',
      'assertions EdDSA',
      'referral_tokens HS256',
      'referral_tokens EdDSA',
      'touches HS256',
      'claim_assertions EdDSA',
    ]);
    expect(await make(rows)).toEqual([]);
    expect(made(await make(inState('retired', 'receipts')))).toEqual(['receipts EdDSA']);
  });

  test('a tenant whose referral tokens have an HMAC secret only gets the Ed25519 key, and keeps the secret', async () => {
    const older = rows.filter(({ kid }) => kid !== edKid);
    const made = await make(older);
    expect(made.map(({ purpose, algorithm }) => [purpose, algorithm])).toEqual([['referral_tokens', 'EdDSA']]);
    const [before, after] = [await openKeyRing(tenant, older, masterKey), await openKeyRing(tenant, [...older, ...made], masterKey)];
    expect([before.canSign('referral_tokens', 'EdDSA'), after.canSign('referral_tokens', 'EdDSA')]).toEqual([false, true]);
    expect(() => before.signingKid('referral_tokens', 'EdDSA')).toThrow(KeyUnavailable);
    expect([before.signingKid('referral_tokens'), after.signingKid('referral_tokens')]).toEqual([kid, kid]);
  });

  test('no row shows a private half', () => {
    for (const row of rows) expect(JSON.stringify(row.public_jwk)).not.toContain('"d"');
    expect(JSON.stringify(rows)).not.toContain(base64url.encode(secret));
  });
});

describe('a key ring', () => {
  test('publishes the public halves only, never a shared secret', () => {
    expect(ring.jwks.keys).toHaveLength(7);
    for (const jwk of ring.jwks.keys) expect(Object.keys(jwk).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
    expect(JSON.stringify(ring.jwks)).not.toContain(kid);
    expect(JSON.stringify(ring.jwks)).not.toContain(ring.signingKid('touches'));
  });

  test('keeps retired public halves published, and takes revoked ones down', async () => {
    const kids = async (state: string) => JSON.stringify((await openKeyRing(tenant, inState(state, 'receipts'), masterKey)).jwks);
    expect(await kids('retired')).toContain(ring.signingKid('receipts'));
    expect(await kids('revoked')).not.toContain(ring.signingKid('receipts'));
  });

  test('a receipt verifies with the published keys alone, under a typ of its own', async () => {
    const receipt = await ring.sign('receipts', { sub: 'ref_1' });
    const { protectedHeader, payload } = await compactVerify(receipt, createLocalJWKSet({ keys: ring.jwks.keys as JWK[] }));
    expect(protectedHeader).toEqual({ alg: 'EdDSA', kid: ring.signingKid('receipts'), typ: 'receipt+jwt' });
    expect(new TextDecoder().decode(payload)).toBe('{"sub":"ref_1"}');
  });

  test.each(['receipts', 'referral_tokens'] as const)(
    'signing %s twice gives the same bytes, whatever the order of the claims',
    async (purpose) => {
      const reordered = Object.fromEntries(Object.entries(claims).reverse());
      const again = await openKeyRing(tenant, rows, masterKey);
      expect(await again.sign(purpose, reordered, ring.signingKid(purpose))).toBe(await ring.sign(purpose, claims));
    },
  );

  test('a document is signed detached, over its canonical bytes', async () => {
    const bytes = new TextEncoder().encode('{"a":1}');
    const signature = await ring.signDocument('capabilities', bytes);
    const jwk = ring.jwks.keys.find((key) => (key as JWK).kid === ring.signingKid('capabilities')) as JWK;
    const { protectedHeader } = await flattenedVerify({ ...signature, payload: base64url.encode(bytes) }, await importJWK(jwk, 'EdDSA'));
    expect(protectedHeader).toEqual({ alg: 'EdDSA', kid: jwk.kid, typ: 'capabilities+jws' });
    await expect(flattenedVerify({ ...signature, payload: base64url.encode('{"a":2}') }, await importJWK(jwk, 'EdDSA'))).rejects.toThrow();
  });

  test('a retired key signs what it signed before, a revoked one nothing, and no purpose borrows the key of another', async () => {
    const more = [...inState('retired'), ...(await make(inState('retired')))];
    const rotated = await openKeyRing(tenant, more, masterKey);
    expect(rotated.signingKid('referral_tokens')).not.toBe(kid);
    expect(await rotated.sign('referral_tokens', claims, kid)).toBe(await ring.sign('referral_tokens', claims));
    const revoked = await openKeyRing(tenant, inState('revoked'), masterKey);
    await expect(revoked.sign('referral_tokens', claims, kid)).rejects.toThrow(KeyUnavailable);
    expect(await revoked.signAgain('referral_tokens', claims, kid)).toBeNull();
    expect(await rotated.signAgain('referral_tokens', claims, kid)).toBe(await ring.sign('referral_tokens', claims));
    expect(await ring.signAgain('receipts', claims, kid)).toBeNull();
    expect(() => revoked.signingKid('referral_tokens')).toThrow(KeyUnavailable);
    await expect(ring.sign('receipts', claims, kid)).rejects.toThrow(KeyUnavailable);
  });

  test('does not open with a public half that was exchanged', async () => {
    const [one, other] = rows;
    await expect(openKeyRing(tenant, [{ ...one, public_jwk: other?.public_jwk } as KeyRow], masterKey)).rejects.toThrow('thumbprint');
  });

  test('does not open for another tenant', async () => {
    await expect(openKeyRing('ten_2', rows, masterKey)).rejects.toThrow('moved from another tenant');
  });
});

describe('verifyReferralToken', () => {
  test('gives the claims of a token of ours', async () => {
    const token = await ring.sign('referral_tokens', claims);
    expect(await verify(token)).toEqual({ jti: claims.jti, org: claims.org, sub: claims.sub, cmp: 'spring', dep: 0, exp: claims.exp });
    const { sub: _, cmp: __, ...bare } = claims;
    expect(await verify(await ring.sign('referral_tokens', bare))).toMatchObject({
      jti: claims.jti,
      org: claims.org,
      sub: null,
      cmp: null,
    });
  });

  test('accepts a token under a retired key, and refuses one under a revoked key', async () => {
    const token = await ring.sign('referral_tokens', claims);
    const under = async (state: string) => (await openKeyRing(tenant, inState(state), masterKey)).verifyReferralToken(token, origin, now);
    expect(await under('retired')).not.toBeNull();
    expect(await under('revoked')).toBeNull();
  });

  test('a token under the Ed25519 key verifies here and with the published keys alone, the algorithm following from its kid', async () => {
    const token = await ring.sign('referral_tokens', claims, edKid);
    expect(await verify(token)).toEqual(await verify(await ring.sign('referral_tokens', claims)));
    const published = createLocalJWKSet({ keys: ring.jwks.keys as JWK[] });
    const { protectedHeader } = await compactVerify(token, published);
    expect(protectedHeader).toEqual({ alg: 'EdDSA', kid: edKid, typ: 'ref+jwt' });
    expect(await ring.sign('referral_tokens', claims, edKid)).toBe(token);
  });

  test('a token may descend from three others at most, and then names its parent', async () => {
    for (const dep of [1, 2, 3]) {
      const token = await ring.sign('referral_tokens', { ...childClaims, dep });
      expect(await verify(token)).toMatchObject({ jti: claims.jti, dep, exp: claims.exp });
    }
  });

  test('expiry is exact, and a token of the future is refused', async () => {
    const token = await ring.sign('referral_tokens', claims);
    expect(await verify(token, new Date((claims.exp - 1) * 1000))).not.toBeNull();
    expect(await verify(token, new Date(claims.exp * 1000))).toBeNull();
    expect(await verify(token, new Date((iat - 60) * 1000))).toBeNull();
  });

  test('every character matters', async () => {
    const token = await ring.sign('referral_tokens', claims);
    for (let at = 0; at < token.length; at++) {
      const changed = `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
      expect(await verify(changed), `character ${at}`).toBeNull();
    }
    for (const last of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_') {
      expect((await verify(token.slice(0, -1) + last)) !== null).toBe(token.endsWith(last));
    }
  });

  test('what the forgeries below start from is a good token', async () => {
    expect(await verify(await forged(claims))).not.toBeNull();
    expect(await verify(await signedByHand({}))).not.toBeNull();
  });

  test.each(Object.keys(claims).filter((name) => name !== 'sub' && name !== 'cmp') as (keyof typeof claims)[])(
    'a token without %s is refused',
    async (name) => {
      expect(await verify(await forged(without(name)))).toBeNull();
    },
  );

  test.each([
    { tid: 'ten_00000000000000000000000002' },
    { iss: 'https://other.example.com' },
    { aud: 'https://other.example.com' },
    { aud: `${origin}/mcp` },
    { jti: 'rtk_../../etc' },
    { org: "org_' or 1=1 --" },
    { sub: 7 },
    { dep: 1 },
    { dep: -1 },
    { dep: 1.5 },
    { dep: '1' },
    { par: childClaims.par },
    { dep: 4, par: childClaims.par },
    { dep: 1, par: childClaims.par.slice(1) },
    { dep: 1, par: `${childClaims.par}=` },
    { dep: 1, par: '../../../../../../../../../../../../etc/pass' },
    { dep: 1, par: [childClaims.par] },
    { iat: iat + 60 },
    { exp: '2030' },
    { terms_sha256: 'x' },
    { nbf: iat + 60 },
  ])('a token that says %j is refused', async (change) => {
    expect(await verify(await forged({ ...claims, ...change }))).toBeNull();
  });

  test.each([
    { typ: 'at+jwt' },
    { typ: 'receipt+jwt' },
    { typ: undefined },
    { kid: undefined },
    { kid: 'unknown' },
    { kid: '../../etc/passwd' },
    { kid: "' or 1=1 --" },
    { kid: '__proto__' },
    { crit: ['exp'], exp: 1 },
  ])('a header with %j is refused', async (header) => {
    expect(await verify(await signedByHand(header))).toBeNull();
  });

  test('alg none, and an HMAC keyed with a published key, are refused', async () => {
    const none = `${base64url.encode(JSON.stringify({ alg: 'none', kid, typ: 'ref+jwt' }))}.${base64url.encode(JSON.stringify(claims))}.`;
    expect(await verify(none)).toBeNull();
    const published = ring.jwks.keys[0] as JWK;
    const confused = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', kid: published.kid ?? '', typ: 'ref+jwt' })
      .sign(base64url.decode(published.x ?? ''));
    expect(await verify(confused)).toBeNull();
  });

  test('an Ed25519 token with an HMAC header, keyed with whatever is public of its key, is refused', async () => {
    const jwk = ring.jwks.keys.find((key) => (key as JWK).kid === edKid) as JWK;
    const spki = await crypto.subtle.exportKey('spki', (await importJWK(jwk, 'EdDSA')) as CryptoKey);
    const publicly = [base64url.decode(jwk.x ?? ''), new TextEncoder().encode(jwk.x), new Uint8Array(spki), jwkText(jwk)];
    for (const known of publicly) {
      const confused = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: edKid, typ: 'ref+jwt' }).sign(known);
      expect(await verify(confused)).toBeNull();
    }
  });

  test('an HMAC token with an EdDSA header, and a good signature under the kid of the other algorithm, are refused', async () => {
    expect(await verify(await signedByHand({ alg: 'EdDSA' }))).toBeNull();
    expect(await verify(await signedByHand({ kid: edKid }))).toBeNull();
    const [, payload, signature] = (await ring.sign('referral_tokens', claims, edKid)).split('.');
    const underHmac = base64url.encode(JSON.stringify({ alg: 'EdDSA', kid, typ: 'ref+jwt' }));
    expect(await verify(`${underHmac}.${payload}.${signature}`)).toBeNull();
  });

  test('keys in the header are ignored', async () => {
    const jwk = { kty: 'oct', k: base64url.encode('x'.repeat(32)) };
    for (const header of [{ jwk }, { jku: 'https://evil.example/jwks.json' }, { x5u: 'https://evil.example/x.pem' }]) {
      const own = new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid, typ: 'ref+jwt', ...header });
      expect(await verify(await own.sign(new TextEncoder().encode('x'.repeat(32))))).toBeNull();
    }
  });

  test('what was signed for another purpose is no referral token', async () => {
    expect(await verify(await ring.sign('receipts', claims))).toBeNull();
    expect(await verify(await ring.sign('access_tokens', claims))).toBeNull();
    expect(await verify(await ring.sign('touches', claims))).toBeNull();
  });

  test.each([
    '',
    '.',
    '..',
    '...',
    'a.b.c',
    'eyJ',
    '💥.💥.💥',
    'a'.repeat(200_000),
    'a.'.repeat(100_000),
    'e30.e30.e30',
    'bnVsbA.bnVsbA.AA',
  ])('%.20s is refused', async (text) => {
    expect(await verify(text)).toBeNull();
  });
});

describe('verifyTouch', () => {
  const check = (token: string, at = now) => ring.verifyTouch(token, origin, at);

  test('gives the visit of a touch of ours, until it expires', async () => {
    const token = await ring.sign('touches', touchClaims);
    expect(await check(token)).toEqual({ visitId: touchClaims.jti, tokenId: claims.jti, organizationId: claims.org, visitedAt: now });
    expect(await check(token, new Date((touchClaims.exp - 1) * 1000))).not.toBeNull();
    expect(await check(token, new Date(touchClaims.exp * 1000))).toBeNull();
  });

  test.each([
    { tid: 'ten_00000000000000000000000002' },
    { iss: 'https://other.example.com' },
    { aud: 'https://other.example.com' },
    { jti: claims.jti },
    { rtk: 'x' },
    { org: undefined },
    { iat: undefined },
    { iat: iat + 60 },
    { exp: undefined },
  ])('a touch that says %j is refused', async (change) => {
    const said = Object.fromEntries(Object.entries({ ...touchClaims, ...change }).filter(([, value]) => value !== undefined));
    expect(await check(await ring.sign('touches', said))).toBeNull();
  });

  test('what was signed for another purpose is no touch, and a touch under a revoked key none any more', async () => {
    expect(await check(await ring.sign('referral_tokens', touchClaims))).toBeNull();
    expect(await check(await ring.sign('referral_tokens', touchClaims, edKid))).toBeNull();
    expect(await check(await ring.sign('receipts', touchClaims))).toBeNull();
    const token = await ring.sign('touches', touchClaims);
    const under = async (state: string) =>
      (await openKeyRing(tenant, inState(state, 'touches'), masterKey)).verifyTouch(token, origin, now);
    expect([(await under('retired')) === null, await under('revoked')]).toEqual([false, null]);
  });

  test.each(['', 'a.b.c', 'a'.repeat(200_000)])('%.20s is refused', async (text) => {
    expect(await check(text)).toBeNull();
  });
});
