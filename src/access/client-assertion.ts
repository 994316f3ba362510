import { isStorableText } from '../domain/untrusted-text.ts';
import type { KeySource, KeysRefusal } from './client-keys.ts';
import { isOnlyFor, judgeTimes, readJwt, type StrangerJwt, type TimeRefusal, verifyWith } from './stranger-jwt.ts';
import { accepted, rejected, type Verdict } from './verdict.ts';

/** A client that proved itself by a signed assertion. `jti` has to be spent once until `expiresAt`. */
export interface ClientAssertion {
  readonly clientId: string;
  readonly jti: string;
  readonly expiresAt: Date;
  readonly thumbprint: string;
}

export type AssertionRefusal =
  | KeysRefusal
  | TimeRefusal
  | 'malformed'
  | 'typ_forbidden'
  | 'issuer_differs'
  | 'audience_differs'
  | 'jti_unusable'
  | 'key_unknown'
  | 'alg_forbidden'
  | 'signature_invalid';

/**
 * Verifies a JWT with which a client authenticates (RFC 7523 §3, draft-ietf-oauth-rfc7523bis). `clientId` is who is expected, `keys` are
 * its keys, `audiences` what it may be for: our issuer or token endpoint, exactly. Everything that needs no key is judged first.
 */
export async function verifyClientAssertion({
  assertion,
  clientId,
  keys,
  audiences,
  now,
}: AssertionCheck): Promise<Verdict<ClientAssertion, AssertionRefusal>> {
  const jwt = readJwt(assertion);
  if (jwt === null) return rejected('malformed');
  const { header, claims } = jwt;
  if (header.typ !== null && !assertionTypes.includes(header.typ)) return rejected('typ_forbidden');
  if (claims.iss !== clientId || claims.sub !== clientId) return rejected('issuer_differs');
  if (!isOnlyFor(claims.aud, audiences)) return rejected('audience_differs');
  const expiresAt = judgeTimes(claims, now);
  if (!expiresAt.ok) return expiresAt;
  const jti = jtiOf(jwt);
  if (jti === null) return rejected('jti_unusable');
  const key = await verifyWith(jwt, keys);
  if (!key.ok) return key;
  return accepted({ clientId, jti, expiresAt: expiresAt.value, thumbprint: key.value.thumbprint });
}

export interface AssertionCheck {
  readonly assertion: string;
  readonly clientId: string;
  readonly keys: KeySource;
  readonly audiences: readonly string[];
  readonly now: Date;
}

/** Who an assertion says it is from, unverified: where to look for keys. Null where that cannot be told. */
export function claimedClientId(assertion: string): string | null {
  const iss = readJwt(assertion)?.claims.iss;
  return typeof iss === 'string' && iss.length > 0 && iss.length <= 512 ? iss : null;
}

/** A JWT's id (RFC 7519 §4.1.7), if it is one that can be remembered: 1 to 255 characters. */
export function jtiOf({ claims: { jti } }: StrangerJwt): string | null {
  return typeof jti === 'string' && jti.length > 0 && jti.length <= 255 && isStorableText(jti) ? jti : null;
}

/** No type at all is what most clients send; the types of other tokens are never right. */
const assertionTypes = ['jwt', 'client-authentication+jwt'];
