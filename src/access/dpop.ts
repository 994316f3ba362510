import { base64url } from 'jose';
import * as z from 'zod';
import { refuse } from '../domain/result.ts';
import type { ProveDpop } from '../operations/outside.ts';
import { jtiOf } from './client-assertion.ts';
import { readClientKey } from './client-keys.ts';
import { isSignedWith, readJwt } from './stranger-jwt.ts';
import { accepted, rejected, type Verdict } from './verdict.ts';

/** Somebody holds the private key of `thumbprint`. `jti` has to be spent once per thumbprint until `expiresAt`. */
export interface DpopProof {
  readonly thumbprint: string;
  readonly jti: string;
  readonly expiresAt: Date;
}

export type DpopRefusal =
  | 'malformed'
  | 'typ_forbidden'
  | 'key_unusable'
  | 'key_secret'
  | 'method_differs'
  | 'url_differs'
  | 'too_old'
  | 'issued_in_future'
  | 'jti_unusable'
  | 'token_differs'
  | 'signature_invalid';

/**
 * Verifies a DPoP proof (RFC 9449 §4.3) for a request with this method and URL. With `accessToken`, the one that came along, the proof has
 * to be for that token too. It is right from a minute before to a minute after it was made.
 */
export async function verifyDpopProof({ proof, method, url, accessToken, now }: DpopCheck): Promise<Verdict<DpopProof, DpopRefusal>> {
  const jwt = readJwt(proof);
  if (jwt === null) return rejected('malformed');
  if (jwt.header.typ !== 'dpop+jwt') return rejected('typ_forbidden');
  const claims = claimsForm.safeParse(jwt.claims);
  if (!claims.success) return rejected('malformed');
  const { htm, htu, iat, ath } = claims.data;
  if (htm !== method) return rejected('method_differs');
  if (!isSameTarget(htu, url)) return rejected('url_differs');
  const ageS = now.getTime() / 1000 - iat;
  if (ageS > windowS) return rejected('too_old');
  if (ageS < -windowS) return rejected('issued_in_future');
  const jti = jtiOf(jwt);
  if (jti === null) return rejected('jti_unusable');
  if (accessToken !== undefined && ath !== (await hashOf(accessToken))) return rejected('token_differs');
  const key = await readClientKey(embeddedKey(proof));
  if (!key.ok) return key;
  if (!(await isSignedWith(jwt, key.value))) return rejected('signature_invalid');
  return accepted({ thumbprint: key.value.thumbprint, jti, expiresAt: new Date((iat + windowS) * 1000) });
}

export interface DpopCheck {
  /** The value of the one `DPoP` header. */
  readonly proof: string;
  readonly method: string;
  /** Of this request, with the host that we are known by. Its query does not count. */
  readonly url: string;
  readonly accessToken?: string | undefined;
  readonly now: Date;
}

const windowS = 60;

const claimsForm = z.object({
  htm: z.string().max(32),
  htu: z.string().max(2048),
  iat: z.number().min(0).max(253_402_300_000),
  ath: z.string().max(64).optional(),
});

/** RFC 9449 §4.3, 9: without query and fragment, each as the URL standard spells it. */
function isSameTarget(htu: string, url: string): boolean {
  const target = (text: string) => {
    if (!URL.canParse(text)) return null;
    const { origin, pathname } = new URL(text);
    return origin + pathname;
  };
  const wanted = target(url);
  return wanted !== null && target(htu) === wanted;
}

async function hashOf(accessToken: string): Promise<string> {
  return base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(accessToken))));
}

/** The one place where a key of a token's own header is used: it proves nothing but itself. `readJwt` took the same header apart. */
function embeddedKey(proof: string): unknown {
  const header: unknown = JSON.parse(new TextDecoder().decode(base64url.decode(proof.slice(0, proof.indexOf('.')))));
  const form = z.object({ jwk: z.unknown() }).safeParse(header);
  return form.success ? form.data.jwk : undefined;
}

/** The same for the pipeline, which tells a caller nothing of why. */
export const proveDpop: ProveDpop = async (asked) => {
  const verdict = await verifyDpopProof(asked);
  return verdict.ok ? verdict : refuse('auth.invalid');
};
