import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import canonicalizeJson from 'canonicalize';
import { invariant } from './result.ts';

/** RFC 8785 canonical JSON: the bytes that are hashed and signed. */
export function canonicalize(value: unknown): string {
  const text = canonicalizeJson(value);
  invariant(text !== undefined, 'only JSON values have a canonical form');
  return text;
}

/** SHA-256 of UTF-8 text, in lower-case hex. */
export function sha256Hex(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}

/** RFC 6962 §2.1 leaf hash, SHA-256(0x00 ‖ bytes), in lower-case hex. */
export function leafHash(canonical: string): string {
  return bytesToHex(sha256(concatBytes(new Uint8Array([0]), utf8ToBytes(canonical))));
}
