import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { canonicalize } from './canonical.ts';

/** The members of a public key that say which key it is (RFC 7638 §3.2), and nothing else of its JWK. */
export type PublicKeyMembers =
  | { readonly kty: 'OKP'; readonly crv: string; readonly x: string }
  | { readonly kty: 'EC'; readonly crv: string; readonly x: string; readonly y: string }
  | { readonly kty: 'RSA'; readonly n: string; readonly e: string };

/** RFC 7638: SHA-256 over the members in order, base64url without padding. */
export function keyThumbprint(members: PublicKeyMembers): string {
  const digest = sha256(utf8ToBytes(canonicalize(members)));
  return btoa(String.fromCharCode(...digest))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
