import { base64url, CompactSign, decodeProtectedHeader, FlattenedSign, jwtVerify } from 'jose';
import * as z from 'zod';
import { tiers } from '../domain/actor.ts';
import { canonicalize } from '../domain/canonical.ts';
import { deepest } from '../domain/lineage.ts';
import { invariant } from '../domain/result.ts';
import type {
  AccessTokenClaims,
  ClaimAsserted,
  IdentityAssertionClaims,
  LinkTouch,
  NoteSigned,
  ReferralTokenClaims,
} from '../operations/desk.ts';
import { type Algorithm, algorithmsOf, importSigningKey, type KeyRow, type Purpose, type SigningKey } from './signing-key.ts';

/** The keys of one tenant, opened. */
export interface KeyRing {
  /**
   * The key identifier with which this purpose signs now: its newest active key of this algorithm, otherwise of the purpose's first.
   * Throws {@link KeyUnavailable} where `canSign` is false.
   */
  signingKid(purpose: Purpose, algorithm?: Algorithm): string;
  /** Whether this purpose has an active key, of this algorithm or else of its first. */
  canSign(purpose: Purpose, algorithm?: Algorithm): boolean;
  /**
   * A compact JWS (RFC 7515 §3.1) over the canonical claims, under the purpose's current key or under `kid`, which may be a retired
   * one. The same claims and key give the same bytes. Rejects with {@link KeyUnavailable} for a revoked or unknown `kid`.
   */
  sign(purpose: Exclude<Purpose, 'capabilities'>, claims: Readonly<Record<string, unknown>>, kid?: string): Promise<string>;
  /** What was signed under `kid` before, byte for byte; null once that key is revoked. */
  signAgain(purpose: Exclude<Purpose, 'capabilities'>, claims: Readonly<Record<string, unknown>>, kid: string): Promise<string | null>;
  /** Signs a document's canonical bytes, detached (RFC 7515 appendix F): header and signature, both in base64url. */
  signDocument(purpose: 'capabilities', canonicalBytes: Uint8Array): Promise<{ readonly protected: string; readonly signature: string }>;
  /** Signs a checkpoint's bytes as they are, with Ed25519 (RFC 8032), and hands out the 32 bytes of the public half. */
  signNote(bytes: Uint8Array<ArrayBuffer>): Promise<NoteSigned>;
  /** The claims of an intact, timely referral token of this tenant and origin, under an active or retired key; else null. Never rejects. */
  verifyReferralToken(token: string, origin: string, now: Date): Promise<ReferralTokenClaims | null>;
  /** The claims of an intact, timely access token of this tenant for this resource, under an active or retired key; else null. Never rejects. */
  verifyAccessToken(
    token: string,
    at: { readonly origin: string; readonly resource: '' | '/mcp' },
    now: Date,
  ): Promise<{ readonly claims: AccessTokenClaims; readonly expiresAt: Date } | null>;
  /** The claims of an intact, timely identity assertion of this tenant, under an active or retired key; else null. Never rejects. */
  verifyAssertion(token: string, origin: string, now: Date): Promise<IdentityAssertionClaims | null>;
  /** What an intact, timely link touch of this tenant and origin says, under an active or retired key; else null. Never rejects. */
  verifyTouch(token: string, origin: string, now: Date): Promise<LinkTouch | null>;
  /** What an intact, timely claim assertion of this tenant says, for this audience, under an active or retired key; else null. Never rejects. */
  verifyClaimAssertion(token: string, at: { readonly origin: string; readonly audience: string }, now: Date): Promise<ClaimAsserted | null>;
  /** The public halves that signatures verify with, retired ones included (RFC 7517 §5). Shared secrets have none. */
  readonly jwks: { readonly keys: readonly object[] };
}

/** Unseals and imports every key that is not revoked. Rejects with `SealError` when one cannot be opened. Rows: oldest first. */
export async function openKeyRing(tenant: string, rows: readonly KeyRow[], masterKey: Uint8Array): Promise<KeyRing> {
  const usable = rows.filter(({ state }) => state === 'active' || state === 'retired');
  const keys = await Promise.all(usable.map((row) => importSigningKey(row, tenant, masterKey)));
  const byKid = new Map(keys.map((key) => [key.kid, key]));

  const current = (purpose: Purpose, algorithm: Algorithm = algorithmsOf[purpose][0]) =>
    keys.findLast((each) => each.purpose === purpose && each.algorithm === algorithm && each.state === 'active');
  const known = (purpose: Purpose, kid: string) => {
    const key = byKid.get(kid);
    return key?.purpose === purpose ? key : undefined;
  };
  function available(purpose: Purpose, key: SigningKey | undefined): SigningKey {
    if (!key) throw new KeyUnavailable(purpose);
    return key;
  }

  return {
    jwks: { keys: keys.flatMap(({ publicJwk }) => publicJwk ?? []) },
    signingKid: (purpose, algorithm) => available(purpose, current(purpose, algorithm)).kid,
    canSign: (purpose, algorithm) => current(purpose, algorithm) !== undefined,
    sign: async (purpose, claims, kid) => compact(available(purpose, kid === undefined ? current(purpose) : known(purpose, kid)), claims),
    async signAgain(purpose, claims, kid) {
      const key = known(purpose, kid);
      return key ? compact(key, claims) : null;
    },
    async signDocument(purpose, canonicalBytes) {
      const key = available(purpose, current(purpose));
      const signed = await new FlattenedSign(canonicalBytes).setProtectedHeader(header(key)).sign(key.signing);
      invariant(signed.protected !== undefined, 'a protected header was set');
      return { protected: signed.protected, signature: signed.signature };
    },
    async signNote(bytes) {
      const { kid, signing, publicJwk } = available('checkpoints', current('checkpoints'));
      invariant(publicJwk !== null, 'checkpoints are signed with a key pair');
      const signature = new Uint8Array(await crypto.subtle.sign('Ed25519', signing, bytes));
      return { kid, signature, publicKey: base64url.decode(publicJwk.x) };
    },
    async verifyReferralToken(token, origin, now) {
      const found = await verified(token, referralClaims, { keyOf: (kid) => known('referral_tokens', kid), tenant, origin, now });
      return found && { jti: found.jti, org: found.org, sub: found.sub ?? null, cmp: found.cmp ?? null, dep: found.dep, exp: found.exp };
    },
    async verifyAccessToken(token, { origin, resource }, now) {
      const expected = { keyOf: (kid: string) => known('access_tokens', kid), tenant, origin, audience: `${origin}${resource}`, now };
      const found = await verified(token, accessClaims, expected);
      if (found === null) return null;
      const { sub: agentId, epoch, key, scope, cnf } = found;
      const claims = { agentId, epoch, keyId: key ?? null, scopes: scope.split(' '), jkt: cnf?.jkt ?? null };
      return { claims, expiresAt: new Date(found.exp * 1000) };
    },
    async verifyAssertion(token, origin, now) {
      const found = await verified(token, assertionClaims, { keyOf: (kid) => known('assertions', kid), tenant, origin, now });
      return found && { agentId: found.sub, epoch: found.epoch };
    },
    async verifyTouch(token, origin, now) {
      const found = await verified(token, touchClaims, { keyOf: (kid) => known('touches', kid), tenant, origin, now });
      return found && { visitId: found.jti, tokenId: found.rtk, organizationId: found.org, visitedAt: new Date(found.iat * 1000) };
    },
    async verifyClaimAssertion(token, { origin, audience }, now) {
      const found = await verified(token, claimClaims, { keyOf: (kid) => known('claim_assertions', kid), tenant, origin, audience, now });
      return found && { workspaceId: found.sub, assertionId: found.jti, expiresAt: new Date(found.exp * 1000) };
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
  assertions: 'oauth-id-jag+jwt',
  referral_tokens: 'ref+jwt',
  touches: 'touch+jwt',
  claim_assertions: 'claim+jwt',
};

/** Long enough for every token of ours; nothing longer is parsed. */
const longestToken = 4096;
/** Instances do not agree on the time to the second. An expiry is exact all the same. */
const clockToleranceS = 5;

/** In every token of ours, beside `iss` and `aud`. Times in seconds. */
const always = { tid: z.string(), iat: z.int(), exp: z.int() };
const idOf = (prefix: string) => z.string().regex(new RegExp(`^${prefix}_[0-9a-z]{26}$`));

const referralClaims = z
  .object({
    ...always,
    org: idOf('org'),
    sub: idOf('agt').optional(),
    cmp: z.string().max(200).optional(),
    jti: idOf('rtk'),
    nbf: z.int(),
    dep: z.int().min(0).max(deepest),
    par: z
      .string()
      .regex(/^[A-Za-z0-9_-]{43}$/)
      .optional(),
    terms_sha256: z.string().regex(/^[0-9a-f]{64}$/),
  })
  .refine(({ dep, par }) => dep > 0 === (par !== undefined));

/** RFC 9068 §2.2 and RFC 9449 §6.1. `epoch` and `key` are ours: what must still hold for it to be good. */
const accessClaims = z.object({
  ...always,
  sub: idOf('agt'),
  client_id: z.string(),
  org: idOf('org'),
  tier: z.enum(tiers),
  scope: z.string().max(1000),
  jti: z.string().max(64),
  epoch: z.int(),
  key: idOf('key').optional(),
  cnf: z.object({ jkt: z.string().regex(/^[A-Za-z0-9_-]{43}$/) }).optional(),
});

const assertionClaims = z.object({ ...always, sub: idOf('agt'), jti: z.string().max(64), epoch: z.int() });

const touchClaims = z.object({ ...always, jti: idOf('vis'), rtk: idOf('rtk'), org: idOf('org') });

const claimClaims = z.object({ ...always, sub: idOf('ws'), jti: idOf('mbx') });

interface Expected {
  /** The key of this `kid`, of the purpose that is asked for. */
  readonly keyOf: (kid: string) => SigningKey | undefined;
  readonly tenant: string;
  readonly origin: string;
  /** Whom it must be for; the origin unless said otherwise. */
  readonly audience?: string;
  readonly now: Date;
}

/** The claims of a token of ours, or null. Only the kid is taken from its header: algorithm and key come from the ring (RFC 8725 §3.1). */
async function verified<C extends { readonly tid: string; readonly iat: number; readonly exp: number }>(
  token: string,
  claims: z.ZodType<C>,
  { keyOf, tenant, origin, audience = origin, now }: Expected,
): Promise<C | null> {
  try {
    if (token.length > longestToken || !isCanonicalJws(token)) return null;
    const key = keyOf(decodeProtectedHeader(token).kid ?? '');
    if (!key) return null;
    const { payload } = await jwtVerify(token, key.verifying, {
      algorithms: key.algorithm === 'EdDSA' ? ['EdDSA', 'Ed25519'] : ['HS256'],
      typ: types[key.purpose],
      issuer: origin,
      audience,
      requiredClaims: ['exp'],
      currentDate: now,
      clockTolerance: clockToleranceS,
    });
    const { success, data } = claims.safeParse(payload);
    if (!success || data.tid !== tenant || data.exp * 1000 <= now.getTime()) return null;
    return data.iat - clockToleranceS <= now.getTime() / 1000 ? data : null;
  } catch {
    return null;
  }
}

function compact(key: SigningKey, claims: Readonly<Record<string, unknown>>): Promise<string> {
  return new CompactSign(new TextEncoder().encode(canonicalize(claims))).setProtectedHeader(header(key)).sign(key.signing);
}

/** Three base64url parts without spare bits: one token has one spelling (RFC 4648 §3.5). */
function isCanonicalJws(token: string): boolean {
  const parts = token.split('.', 4);
  return parts.length === 3 && parts.every((part) => part !== '' && base64url.encode(base64url.decode(part)) === part);
}

function header({ algorithm, kid, purpose }: SigningKey) {
  return { alg: algorithm, kid, typ: types[purpose] };
}
