import { ed25519KeyOf } from '../checkpoint.ts';

/** Members of a JWK Set (RFC 7517 §5), not looked at yet. */
export type Jwks = readonly unknown[];

/** The members of a JWK Set with at least one Ed25519 key and at most 64 keys; null for anything else. */
export function readJwks(value: unknown): Jwks | null {
  if (typeof value !== 'object' || value === null || !('keys' in value) || !Array.isArray(value.keys)) return null;
  const keys: Jwks = value.keys;
  return keys.length <= 64 && keys.some((jwk) => ed25519KeyOf(jwk) !== null) ? keys : null;
}
