import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';

/**
 * 32 bytes for one use and no other, derived from the master key (HKDF-SHA-256, RFC 5869). `subject` tells tenants apart. Knowing one
 * of these keys says nothing about the master key or the others.
 */
export function serverKey(masterKey: Uint8Array, use: 'seal' | 'derive' | 'address', subject = ''): Uint8Array<ArrayBuffer> {
  return new Uint8Array(hkdf(sha256, masterKey, undefined, utf8ToBytes(`frontdesk ${use} v1|${subject}`), 32));
}

/** Eight hex digits that tell which master key sealed something: the head of SHA-256("frontdesk master key id" ‖ key). */
export function masterKeyId(masterKey: Uint8Array): string {
  return bytesToHex(sha256(concatBytes(utf8ToBytes('frontdesk master key id'), masterKey))).slice(0, 8);
}
