import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** Kinds of secret; `key` API key, `sbx` sandbox key, `clm` claim token, `whs` webhook secret, `ses` session. */
export type SecretKind = 'key' | 'sbx' | 'clm' | 'whs' | 'ses';

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const shape = /^fd_(key|sbx|clm|whs|ses)_([a-z]{2,8})_([0-9A-Za-z]{30})([0-9A-Za-z]{6})$/;

/**
 * `fd_<kind>_<env>_<30 base62><6 base62 CRC-32>`: 178 bits from at least 24 bytes of entropy. The checksum lets a scanner and this
 * server tell a typo from a key without asking the database.
 */
export function formatSecret(kind: SecretKind, environment: string, entropy: Uint8Array): string {
  const body = `fd_${kind}_${environment}_${base62(entropy, 30)}`;
  return body + base62Number(crc32(utf8ToBytes(body)), 6);
}

/** The kind of a well-formed secret whose checksum holds, else null. */
export function kindOfSecret(text: string): SecretKind | null {
  const match = text.length <= 64 ? shape.exec(text) : null;
  if (!match) return null;
  const body = text.slice(0, -6);
  return base62Number(crc32(utf8ToBytes(body)), 6) === match[4] ? (match[1] as SecretKind) : null;
}

/** What is stored of a secret: SHA-256 in hex. 178 bits of entropy need no slow hash. */
export function secretHash(secret: string): string {
  return bytesToHex(sha256(utf8ToBytes(secret)));
}

/** HMAC-SHA-256 over length-prefixed parts: the one way in which a value is derived from a server key. */
export function deriveBytes(key: Uint8Array, ...parts: readonly (string | number)[]): Uint8Array {
  return hmac(sha256, key, utf8ToBytes(parts.map((part) => `${String(part).length}:${part}`).join('|')));
}

/** `length` base62 characters from bytes read as one big number; uniform enough when 8·bytes exceeds 6·length by 64. */
export function base62(bytes: Uint8Array, length: number): string {
  let value = BigInt(`0x${bytesToHex(bytes)}`);
  let text = '';
  for (let i = 0; i < length; i++) {
    text = digits[Number(value % 62n)] + text;
    value /= 62n;
  }
  return text;
}

/** Eight letters and digits without look-alikes (RFC 8628 §6.1), as `XXXX-XXXX`, for people to type: 28⁸ of them, which is 38.46 bits. */
export function userCode(bytes: Uint8Array): string {
  const alphabet = 'BCDFGHJKLMNPQRSTVWXZ23456789';
  let value = BigInt(`0x${bytesToHex(bytes)}`);
  let text = '';
  for (let i = 0; i < 8; i++) {
    text += alphabet[Number(value % 28n)];
    value /= 28n;
  }
  return `${text.slice(0, 4)}-${text.slice(4)}`;
}

function base62Number(value: number, length: number): string {
  let rest = value;
  let text = '';
  for (let i = 0; i < length; i++) {
    text = digits[rest % 62] + text;
    rest = Math.floor(rest / 62);
  }
  return text;
}

/** CRC-32 (ISO 3309), bit by bit: inputs are 50 bytes. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
