import { sha256Hex } from './canonical.ts';
import type { Changes } from './decision.ts';
import { isStorableText } from './untrusted-text.ts';
import { unverifiedClaims } from './unverified-claims.ts';

/** What an assertion (RFC 7521) says of itself, nothing of it verified: whom to ask about it, and what is looked up before it is. */
export interface Said {
  readonly issuer: string;
  readonly subject: string;
  readonly jti: string;
}

/** Null for what is no JWT, or has no `iss`, `sub` and `jti` that could be those of one that is accepted. */
export function saidOf(jwt: string): Said | null {
  const { iss: issuer, sub: subject, jti } = unverifiedClaims(jwt) ?? {};
  return isText(issuer, 512) && isText(subject, 512) && isText(jti, 255) ? { issuer, subject, jti } : null;
}

/** By what an assertion is known once it was used, in hex: JWT ids are their issuer's own (RFC 7523 §3). */
export const assertionDigest = ({ issuer, jti }: Pick<Said, 'issuer' | 'jti'>): string => sha256Hex(JSON.stringify([issuer, jti]));

/** Uses it up, for as long as it could come again. `digest`: of the assertion, in hex. */
export const spentAssertion = (digest: string, expiresAt: Date): Required<Pick<Changes, 'spent'>> => ({
  spent: [{ kind: 'assertion', digest, expires_at: expiresAt.toISOString() }],
});

const isText = (claim: unknown, longest: number): claim is string =>
  typeof claim === 'string' && claim.length > 0 && claim.length <= longest && isStorableText(claim);
