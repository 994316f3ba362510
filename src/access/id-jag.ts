import * as z from 'zod';
import { isStorableText } from '../domain/untrusted-text.ts';
import { type AssertionRefusal, jtiOf } from './client-assertion.ts';
import { publishedKeys } from './client-keys.ts';
import type { Documents } from './documents.ts';
import { isOnlyFor, judgeTimes, readJwt, verifyWith } from './stranger-jwt.ts';
import { accepted, rejected, type Verdict } from './verdict.ts';

/** An issuer whose word the vendor trusts about who its users' agents are. */
export interface TrustedIssuer {
  readonly issuer: string;
  readonly jwksUri: string;
}

/** What a trusted issuer says (draft-ietf-oauth-identity-assertion-authz-grant). `jti` has to be spent once per issuer until `expiresAt`. */
export interface IdJag {
  readonly issuer: string;
  readonly subject: string;
  /** The client that the issuer gave it to. Nothing here shows who presents it: it is a bearer's, and a client that names itself has to be this one. */
  readonly clientId: string;
  readonly jti: string;
  readonly expiresAt: Date;
  /** What the issuer allows, space-separated; null where it says nothing. */
  readonly scope: string | null;
  /** The resource that it is for, as the issuer wrote it. */
  readonly resource: string | null;
  readonly thumbprint: string;
}

export type IdJagRefusal = AssertionRefusal | 'issuer_untrusted' | 'claims_malformed';

/** Verifies an identity assertion grant for `audience`, our issuer. The issuer's keys come from the address that was configured for it. */
export async function verifyIdJag({ assertion, issuers, audience, documents, now }: IdJagCheck): Promise<Verdict<IdJag, IdJagRefusal>> {
  const jwt = readJwt(assertion);
  if (jwt === null) return rejected('malformed');
  if (jwt.header.typ !== 'oauth-id-jag+jwt') return rejected('typ_forbidden');
  const trusted = issuers.find(({ issuer }) => issuer === jwt.claims.iss);
  if (trusted === undefined) return rejected('issuer_untrusted');
  if (!isOnlyFor(jwt.claims.aud, [audience])) return rejected('audience_differs');
  const expiresAt = judgeTimes(jwt.claims, now);
  if (!expiresAt.ok) return expiresAt;
  const jti = jtiOf(jwt);
  if (jti === null) return rejected('jti_unusable');
  const claims = claimsForm.safeParse(jwt.claims);
  if (!claims.success) return rejected('claims_malformed');
  const key = await verifyWith(jwt, publishedKeys(documents, 'issuer_keys', trusted.jwksUri));
  if (!key.ok) return key;
  const { sub: subject, client_id: clientId, scope = null, resource } = claims.data;
  return accepted({
    ...{ issuer: trusted.issuer, subject, clientId, jti, expiresAt: expiresAt.value, scope },
    ...{ resource: (Array.isArray(resource) ? resource[0] : resource) ?? null, thumbprint: key.value.thumbprint },
  });
}

export interface IdJagCheck {
  readonly assertion: string;
  readonly issuers: readonly TrustedIssuer[];
  readonly audience: string;
  readonly documents: Documents;
  readonly now: Date;
}

const text = (longest: number) => z.string().min(1).max(longest).refine(isStorableText);

const claimsForm = z.object({
  iat: z.number(),
  sub: text(255),
  client_id: text(512),
  scope: text(1024).optional(),
  resource: z.union([text(2048), z.array(text(2048)).length(1)]).optional(),
});
