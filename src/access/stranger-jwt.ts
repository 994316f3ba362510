import { base64url, compactVerify } from 'jose';
import * as z from 'zod';
import { type ClientKey, findClientKey, jwsAlgorithms, type KeySource, type KeysRefusal } from './client-keys.ts';
import { accepted, rejected, type Verdict } from './verdict.ts';

/** A compact JWT (RFC 7519) as a stranger sent it, nothing of it verified. */
export interface StrangerJwt {
  readonly token: string;
  readonly header: JwtHeader;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** What we look at. Where keys are said to be (`jku`, `jwk`, `x5u`, `x5c`) is left out: a caller does not choose by what it is verified. */
export interface JwtHeader {
  readonly alg: string;
  readonly typ: string | null;
  readonly kid: string | null;
}

/** Takes a JWT apart: at most 8 KB, three parts, header and claims JSON objects. Null for what is none. */
export function readJwt(token: string): StrangerJwt | null {
  if (token.length > longestToken) return null;
  const [head, body, signature, ...more] = token.split('.');
  if (head === undefined || body === undefined || signature === undefined || more.length > 0) return null;
  const header = headerForm.safeParse(jsonOf(head));
  const claims = z.record(z.string(), z.unknown()).safeParse(jsonOf(body));
  if (!header.success || !claims.success) return null;
  const { alg, typ, kid } = header.data;
  return { token, header: { alg, typ: typ === undefined ? null : mediaTypeOf(typ), kid: kid ?? null }, claims: claims.data };
}

/** Whether this key made the signature, by the algorithm that the header names and the key allows. An unknown `crit` is refused. */
export async function isSignedWith({ token, header }: StrangerJwt, { jwk, algorithms }: ClientKey): Promise<boolean> {
  try {
    await compactVerify(token, { ...jwk }, { algorithms: algorithms.filter((name) => name === header.alg) });
    return true;
  } catch {
    return false;
  }
}

/** Finds the key that a JWT names and verifies it. The header's algorithm only chooses among those that the key allows. */
export async function verifyWith(
  jwt: StrangerJwt,
  keys: KeySource,
): Promise<Verdict<ClientKey, KeysRefusal | 'key_unknown' | 'alg_forbidden' | 'signature_invalid'>> {
  if (!jwsAlgorithms.some((name) => name === jwt.header.alg)) return rejected('alg_forbidden');
  const key = await findClientKey(keys, jwt.header);
  if (!key.ok) return key;
  return (await isSignedWith(jwt, key.value)) ? key : rejected('signature_invalid');
}

export type TimeRefusal = 'exp_missing' | 'expired' | 'lives_too_long' | 'not_yet_valid' | 'issued_in_future';

/**
 * The times of a short-lived JWT (RFC 7519 §4.1.4 to 4.1.6): `exp` is required, not past, and at most five minutes ahead or after `iat`;
 * `nbf` and `iat` are not ahead. A clock that is ahead of ours by up to a minute is forgiven, one that is behind is not.
 */
export function judgeTimes(claims: StrangerJwt['claims'], now: Date): Verdict<Date, TimeRefusal> {
  const times = timesForm.safeParse(claims);
  if (!times.success) return rejected('exp_missing');
  const { exp, iat, nbf } = times.data;
  const at = now.getTime() / 1000;
  if (exp <= at) return rejected('expired');
  if (exp - Math.min(at, iat ?? at) > longestLifeS + skewS) return rejected('lives_too_long');
  if (iat !== undefined && iat > at + skewS) return rejected('issued_in_future');
  if (nbf !== undefined && nbf > at + skewS) return rejected('not_yet_valid');
  return accepted(new Date(exp * 1000));
}

/** RFC 7519 §4.1.3: a text, or an array of them. An assertion that is also for somebody else could be used by them, so one only. */
export function isOnlyFor(aud: unknown, audiences: readonly string[]): boolean {
  const only: unknown = Array.isArray(aud) && aud.length === 1 ? aud[0] : aud;
  return typeof only === 'string' && audiences.includes(only);
}

const longestToken = 8192;
const longestLifeS = 300;
const skewS = 60;

const headerForm = z.object({ alg: z.string().max(32), typ: z.string().max(64).optional(), kid: z.string().min(1).max(256).optional() });

/** Up to the year 9999, so that every time is a date. */
const seconds = z.number().min(0).max(253_402_300_799);
const timesForm = z.object({ exp: seconds, iat: seconds.optional(), nbf: seconds.optional() });

/** RFC 7515 §4.1.9: `application/` may be left out, and case does not count. */
function mediaTypeOf(typ: string): string {
  return typ.toLowerCase().replace(/^application\//, '');
}

function jsonOf(part: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(base64url.decode(part)));
  } catch {
    return null;
  }
}
