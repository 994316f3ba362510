import { calculateJwkThumbprint } from 'jose';
import * as z from 'zod';
import type { DocumentRefusal, Documents } from './documents.ts';
import { accepted, rejected, type Verdict } from './verdict.ts';

/** A public key with which a stranger signs. Nothing but what verifying needs is kept of its JWK. */
export interface ClientKey {
  readonly kid: string | null;
  /** RFC 7638 over SHA-256, base64url: what a key is known by here. */
  readonly thumbprint: string;
  readonly jwk: PublicJwk;
  /** The names of JWS algorithms that this key may be used with; the key decides, never a token's header. */
  readonly algorithms: readonly JwsAlgorithm[];
}

export type PublicJwk =
  | { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string }
  | { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }
  | { readonly kty: 'RSA'; readonly n: string; readonly e: string };

/** `Ed25519` (RFC 9864) and `EdDSA` (RFC 8037) are two names of one algorithm for an Ed25519 key. */
export const jwsAlgorithms = ['EdDSA', 'Ed25519', 'ES256', 'RS256', 'PS256'] as const;
export type JwsAlgorithm = (typeof jwsAlgorithms)[number];

export type KeysRefusal = DocumentRefusal | 'keys_malformed' | 'keys_none' | 'keys_too_many' | 'key_secret' | 'key_unusable';
export type KeysVerdict = Verdict<readonly ClientKey[], KeysRefusal>;

/** Where somebody's keys come from; with `reload`, looked up again because one is missing, as often as that is allowed. */
export type KeySource = (reload: boolean) => Promise<KeysVerdict>;

/**
 * Reads a JSON Web Key Set (RFC 7517 §5) of 1 to 20 keys. Symmetric keys and private members refuse the whole set: whoever publishes them
 * has no key any more. Keys for other uses or of other kinds than Ed25519, P-256 and RSA of 2048 to 4096 bits are passed over, since a
 * set may serve others too; if no other is left the set is refused.
 */
export async function readClientKeys(json: unknown): Promise<KeysVerdict> {
  const set = z.object({ keys: z.array(z.record(z.string(), z.unknown())) }).safeParse(json);
  if (!set.success) return rejected('keys_malformed');
  const { keys } = set.data;
  if (keys.length === 0) return rejected('keys_none');
  if (keys.length > mostKeys) return rejected('keys_too_many');
  if (keys.some(isSecret)) return rejected('key_secret');
  const usable: ClientKey[] = [];
  for (const jwk of keys) {
    const key = await readClientKey(jwk);
    if (key.ok) usable.push(key.value);
  }
  return usable.length === 0 ? rejected('key_unusable') : accepted(usable);
}

/** Reads one public JWK. */
export async function readClientKey(json: unknown): Promise<Verdict<ClientKey, 'key_secret' | 'key_unusable'>> {
  const record = z.record(z.string(), z.unknown()).safeParse(json);
  if (record.success && isSecret(record.data)) return rejected('key_secret');
  const jwk = publicJwk.safeParse(json);
  const about = labels.safeParse(json);
  if (!jwk.success || !about.success) return rejected('key_unusable');
  const { use, key_ops, alg, kid } = about.data;
  if ((use !== undefined && use !== 'sig') || (key_ops !== undefined && !key_ops.includes('verify'))) return rejected('key_unusable');
  const algorithms = algorithmsOf(jwk.data, alg);
  if (algorithms.length === 0) return rejected('key_unusable');
  const { data } = jwk;
  return accepted({ kid: kid ?? null, thumbprint: await calculateJwkThumbprint({ ...data }), jwk: data, algorithms });
}

/**
 * The one key that is meant: by its own id or its thumbprint, for this algorithm. Without an id, the only key that fits. Where the source
 * does not have it, it is looked up again.
 */
export async function findClientKey(
  source: KeySource,
  { kid, alg }: { readonly kid: string | null; readonly alg: string },
): Promise<Verdict<ClientKey, KeysRefusal | 'key_unknown'>> {
  const known = await source(false);
  if (!known.ok) return known;
  const found = pick(known.value, kid, alg);
  if (found !== null) return accepted(found);
  const again = await source(true);
  if (!again.ok) return again;
  const foundAgain = pick(again.value, kid, alg);
  return foundAgain === null ? rejected('key_unknown') : accepted(foundAgain);
}

/** The keys at an address. */
export function publishedKeys(documents: Documents, kind: KeyDocument, url: string): KeySource {
  return async (reload) => {
    const document = await (reload ? documents.reload(kind, url) : documents.read(kind, url));
    return document.ok ? readClientKeys(document.value.json) : document;
  };
}

/** Keys that are at hand, for example those that were registered: looking again finds the same. */
export function storedKeys(keys: readonly ClientKey[]): KeySource {
  const verdict: KeysVerdict = keys.length === 0 ? rejected('keys_none') : accepted(keys);
  return async () => verdict;
}

type KeyDocument = 'client_keys' | 'key_directory' | 'issuer_keys';

const mostKeys = 20;

function pick(keys: readonly ClientKey[], kid: string | null, alg: string): ClientKey | null {
  const fitting = keys.filter(({ algorithms }) => algorithms.some((name) => name === alg));
  const named = kid === null ? fitting : fitting.filter((key) => key.kid === kid || key.thumbprint === kid);
  const [first, second] = named;
  return first !== undefined && (second === undefined || named.every(({ thumbprint }) => thumbprint === first.thumbprint)) ? first : null;
}

/** RFC 7518 §6: `d` is the private part of EC, OKP and RSA keys, the others are more of it; `k` is a symmetric key. */
function isSecret(jwk: Readonly<Record<string, unknown>>): boolean {
  return jwk.kty === 'oct' || ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'].some((member) => Object.hasOwn(jwk, member));
}

const base64url = (length: number) =>
  z
    .string()
    .length(length)
    .regex(/^[\w-]+$/);
/** 2048 to 4096 bits: a longer one only costs us time. */
const modulus = z
  .string()
  .min(342)
  .max(683)
  .regex(/^[\w-]+$/)
  .refine(isLongModulus);

const publicJwk = z.discriminatedUnion('kty', [
  z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: base64url(43) }),
  z.object({ kty: z.literal('EC'), crv: z.literal('P-256'), x: base64url(43), y: base64url(43) }),
  z.object({ kty: z.literal('RSA'), n: modulus, e: z.literal('AQAB') }),
]);

const labels = z.object({
  kid: z.string().min(1).max(256).optional(),
  use: z.string().optional(),
  key_ops: z.array(z.string()).optional(),
  alg: z.string().optional(),
});

/** 342 digits hold 256 bytes, so a modulus that does not begin with zeros has 2048 bits when its first byte is at least 0x80. */
function isLongModulus(n: string): boolean {
  return n.length > 342 ? !n.startsWith('A') : /^[g-z0-9_-]/.test(n);
}

function algorithmsOf({ kty }: PublicJwk, alg: string | undefined): readonly JwsAlgorithm[] {
  switch (kty) {
    case 'OKP':
      // Lower case is how the registry of HTTP message signatures writes it (RFC 9421 §6.2).
      return alg === undefined || ['EdDSA', 'Ed25519', 'ed25519'].includes(alg) ? ['EdDSA', 'Ed25519'] : [];
    case 'EC':
      return alg === undefined || alg === 'ES256' ? ['ES256'] : [];
    case 'RSA':
      return (['RS256', 'PS256'] as const).filter((name) => alg === undefined || alg === name);
  }
}
