import { base64url, calculateJwkThumbprint } from 'jose';
import * as z from 'zod';
import type { Changes, Given } from '../domain/decision.ts';
import { invariant } from '../domain/result.ts';
import { seal, unseal } from './seal.ts';

/** What a key is for. No key serves two purposes. */
export const purposes = [
  'capabilities',
  'receipts',
  'checkpoints',
  'access_tokens',
  'assertions',
  'referral_tokens',
  'touches',
  'claim_assertions',
] as const;
export type Purpose = (typeof purposes)[number];
export type Algorithm = 'EdDSA' | 'HS256';

/**
 * With which algorithms each purpose signs; the first is meant where none is named. Ed25519 (RFC 8037) where others verify, an HMAC
 * secret where only we do. A referral token comes in both: short, or verifiable by whoever holds it.
 */
export const algorithmsOf: Readonly<Record<Purpose, readonly [Algorithm, ...Algorithm[]]>> = {
  capabilities: ['EdDSA'],
  receipts: ['EdDSA'],
  checkpoints: ['EdDSA'],
  access_tokens: ['EdDSA'],
  assertions: ['EdDSA'],
  referral_tokens: ['HS256', 'EdDSA'],
  touches: ['HS256'],
  claim_assertions: ['EdDSA'],
};

/** A key as the database keeps it. */
export interface KeyRow {
  readonly kid: string;
  readonly purpose: string;
  readonly algorithm: string;
  /** Null for a shared secret, which is never published. */
  readonly public_jwk: unknown;
  readonly sealed: string;
  readonly state: string;
}

/** A key in use. `active` signs and verifies, `retired` verifies and re-signs what it signed, `revoked` does nothing any more. */
export interface SigningKey {
  readonly kid: string;
  readonly purpose: Purpose;
  readonly algorithm: Algorithm;
  readonly state: 'active' | 'retired';
  readonly publicJwk: PublicJwk | null;
  readonly signing: CryptoKey;
  readonly verifying: CryptoKey;
}

/** One new key, sealed, for every purpose and each of its algorithms of which there is no active key. */
export async function makeMissingKeys(
  existing: readonly KeyRow[],
  given: { readonly tenant: string; readonly masterKey: Uint8Array; readonly now: Date; readonly random: Given['random'] },
): Promise<NonNullable<Changes['signing_keys']>> {
  const isThere = (purpose: Purpose, algorithm: Algorithm) =>
    existing.some((key) => key.purpose === purpose && key.algorithm === algorithm && key.state === 'active');
  const missing = purposes.flatMap((purpose) =>
    algorithmsOf[purpose].filter((algorithm) => !isThere(purpose, algorithm)).map((algorithm) => ({ purpose, algorithm })),
  );
  const made = missing.map(async ({ purpose, algorithm }) => {
    const { kid, secret, publicJwk } = algorithm === 'HS256' ? sharedSecret(given.random) : await keyPair();
    const sealed = await seal(secret, given.masterKey, { tenant: given.tenant, kid });
    return { kid, purpose, algorithm, public_jwk: publicJwk, sealed, state: 'active', created_at: given.now.toISOString() };
  });
  return Promise.all(made);
}

/** Unseals a key and hands it to WebCrypto, once. Rejects with `SealError`; throws on a row that this program cannot have written. */
export async function importSigningKey(row: KeyRow, tenant: string, masterKey: Uint8Array): Promise<SigningKey> {
  const { kid, purpose, state, ...form } = keyRow.parse(row);
  const secret = await unseal(row.sealed, masterKey, { tenant, kid });
  invariant(secret.length === 32, 'every signing key has 32 secret bytes');
  if (form.algorithm === 'HS256') {
    const key = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
    return { kid, purpose, state, algorithm: form.algorithm, publicJwk: null, signing: key, verifying: key };
  }
  const { crv, kty, x } = form.public_jwk;
  // The seal is bound to the kid, and the kid to the public half: a row whose public half was exchanged does not open.
  invariant((await calculateJwkThumbprint({ crv, kty, x })) === kid, 'the kid of a key pair is its thumbprint');
  const [signing, verifying] = await Promise.all([
    crypto.subtle.importKey('jwk', { crv, kty, x, d: base64url.encode(secret) }, 'Ed25519', false, ['sign']),
    crypto.subtle.importKey('jwk', { crv, kty, x }, 'Ed25519', false, ['verify']),
  ]);
  return { kid, purpose, state, algorithm: form.algorithm, publicJwk: publicJwkOf(kid, x), signing, verifying };
}

const stored = { kid: z.string().regex(/^[A-Za-z0-9_-]{16,64}$/), purpose: z.enum(purposes), state: z.enum(['active', 'retired']) };
const okp = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string().regex(/^[A-Za-z0-9_-]{43}$/) });
const keyRow = z.discriminatedUnion('algorithm', [
  z.object({ ...stored, algorithm: z.literal('EdDSA'), public_jwk: okp }),
  z.object({ ...stored, algorithm: z.literal('HS256'), public_jwk: z.null() }),
]);

type PublicJwk = ReturnType<typeof publicJwkOf>;

function publicJwkOf(kid: string, x: string) {
  return { kty: 'OKP', crv: 'Ed25519', x, kid, use: 'sig', alg: 'EdDSA' } as const;
}

async function keyPair() {
  const pair = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']);
  invariant('privateKey' in pair, 'Ed25519 keys come in pairs');
  const { x, d } = await crypto.subtle.exportKey('jwk', pair.privateKey);
  invariant(x !== undefined && d !== undefined, 'a private JWK has both halves');
  const kid = await calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x });
  return { kid, secret: new Uint8Array(base64url.decode(d)), publicJwk: publicJwkOf(kid, x) };
}

function sharedSecret(random: Given['random']) {
  return { kid: base64url.encode(random(16)), secret: new Uint8Array(random(32)), publicJwk: null };
}
