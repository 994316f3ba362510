import { base64url, CompactSign, decodeProtectedHeader, FlattenedSign, jwtVerify } from 'jose';
import { z } from 'zod';
import { canonicalize } from '../domain/canonical.ts';
import { invariant } from '../domain/result.ts';
import type { ReferralTokenClaims } from '../operations/desk.ts';
import { importSigningKey, type KeyRow, type Purpose, type SigningKey } from './signing-key.ts';

/** The keys of one tenant, opened. */
export interface KeyRing {
  /** The key identifier with which this purpose signs now: its newest active key. */
  signingKid(purpose: Purpose): string;
  /**
   * A compact JWS (RFC 7515 §3.1) over the canonical claims, under the purpose's current key or under `kid`, which may be a retired
   * one. The same claims and key give the same bytes. Rejects with {@link KeyUnavailable} for a revoked or unknown `kid`.
   */
  sign(purpose: Exclude<Purpose, 'capabilities'>, claims: Readonly<Record<string, unknown>>, kid?: string): Promise<string>;
  /** Signs a document's canonical bytes, detached (RFC 7515 appendix F): header and signature, both in base64url. */
  signDocument(purpose: 'capabilities', canonicalBytes: Uint8Array): Promise<{ readonly protected: string; readonly signature: string }>;
  /** The claims of an intact, timely referral token of this tenant and origin, under an active or retired key; else null. Never rejects. */
  verifyReferralToken(token: string, origin: string, now: Date): Promise<ReferralTokenClaims | null>;
  /** The public halves that signatures verify with, retired ones included (RFC 7517 §5). Shared secrets have none. */
  readonly jwks: { readonly keys: readonly object[] };
}

/** Unseals and imports every key that is not revoked. Rejects with `SealError` when one cannot be opened. Rows: oldest first. */
export async function openKeyRing(tenant: string, rows: readonly KeyRow[], masterKey: Uint8Array): Promise<KeyRing> {
  const usable = rows.filter(({ state }) => state === 'active' || state === 'retired');
  const keys = await Promise.all(usable.map((row) => importSigningKey(row, tenant, masterKey)));
  const byKid = new Map(keys.map((key) => [key.kid, key]));

  function keyOf(purpose: Purpose, kid?: string): SigningKey {
    const key = kid === undefined ? keys.findLast((each) => each.purpose === purpose && each.state === 'active') : byKid.get(kid);
    if (key?.purpose !== purpose) throw new KeyUnavailable(purpose);
    return key;
  }

  return {
    jwks: { keys: keys.flatMap(({ publicJwk }) => publicJwk ?? []) },
    signingKid: (purpose) => keyOf(purpose).kid,
    async sign(purpose, claims, kid) {
      const key = keyOf(purpose, kid);
      return new CompactSign(new TextEncoder().encode(canonicalize(claims))).setProtectedHeader(header(key)).sign(key.signing);
    },
    async signDocument(purpose, canonicalBytes) {
      const key = keyOf(purpose);
      const signed = await new FlattenedSign(canonicalBytes).setProtectedHeader(header(key)).sign(key.signing);
      invariant(signed.protected !== undefined, 'a protected header was set');
      return { protected: signed.protected, signature: signed.signature };
    },
    async verifyReferralToken(token, origin, now) {
      try {
        if (token.length > longestToken || !isCanonicalJws(token)) return null;
        // Only the kid is taken from the header: algorithm and key come from the ring (RFC 8725 §3.1).
        const key = byKid.get(decodeProtectedHeader(token).kid ?? '');
        if (key?.purpose !== 'referral_tokens') return null;
        return await verified(token, key, { tenant, origin, now });
      } catch {
        return null;
      }
    },
  };
}

/** A purpose has no active key, or the key asked for is revoked, unknown or of another purpose. */
export class KeyUnavailable extends Error {
  override readonly name = 'KeyUnavailable';
  constructor(purpose: Purpose) {
    super(`no usable signing key for ${purpose}`);
  }
}

/** Each purpose has a `typ` of its own, so that no signature can be taken for another (RFC 8725 §3.11). */
const types: Readonly<Record<Purpose, string>> = {
  capabilities: 'capabilities+jws',
  receipts: 'receipt+jwt',
  checkpoints: 'checkpoint+jwt',
  access_tokens: 'at+jwt',
  referral_tokens: 'ref+jwt',
};

/** Long enough for every token of ours; nothing longer is parsed. */
const longestToken = 4096;
/** Instances do not agree on the time to the second. An expiry is exact all the same. */
const clockToleranceS = 5;

const referralClaims = z.object({
  tid: z.string(),
  org: z.string().regex(/^org_[0-9a-z]{26}$/),
  sub: z
    .string()
    .regex(/^agt_[0-9a-z]{26}$/)
    .optional(),
  cmp: z.string().max(200).optional(),
  jti: z.string().regex(/^rtk_[0-9a-z]{26}$/),
  exp: z.int(),
  dep: z.literal(0),
  terms_sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

async function verified(
  token: string,
  key: SigningKey,
  expected: { readonly tenant: string; readonly origin: string; readonly now: Date },
): Promise<ReferralTokenClaims | null> {
  const { payload } = await jwtVerify(token, key.verifying, {
    algorithms: key.algorithm === 'EdDSA' ? ['EdDSA', 'Ed25519'] : ['HS256'],
    typ: types.referral_tokens,
    issuer: expected.origin,
    audience: expected.origin,
    requiredClaims: ['tid', 'org', 'jti', 'iat', 'nbf', 'exp', 'dep', 'terms_sha256'],
    currentDate: expected.now,
    clockTolerance: clockToleranceS,
  });
  const { success, data } = referralClaims.safeParse(payload);
  if (!success || data.tid !== expected.tenant || data.exp * 1000 <= expected.now.getTime()) return null;
  return { jti: data.jti, org: data.org, sub: data.sub ?? null, cmp: data.cmp ?? null };
}

/** Three base64url parts without spare bits: one token has one spelling (RFC 4648 §3.5). */
function isCanonicalJws(token: string): boolean {
  const parts = token.split('.', 4);
  return parts.length === 3 && parts.every((part) => part !== '' && base64url.encode(base64url.decode(part)) === part);
}

function header({ algorithm, kid, purpose }: SigningKey) {
  return { alg: algorithm, kid, typ: types[purpose] };
}
