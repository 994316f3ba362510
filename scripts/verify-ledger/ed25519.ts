import { createPublicKey, type JsonWebKeyInput, type KeyObject, verify } from 'node:crypto';
import { checksOfNote, ed25519KeyOf, type SignedNote } from '../../src/domain/checkpoint.ts';
import type { Jwks } from '../../src/domain/verification/jwks.ts';
import type { Fault } from '../../src/domain/verification/report.ts';

/** Nothing when one of the keys signed this note under its own origin's name (C2SP signed-note), else what is wrong. */
export function faultOfNote(note: SignedNote, keys: Jwks): Fault | null {
  const checks = checksOfNote(note, keys);
  if (checks.length === 0) return { code: 'key.unknown', message: 'No known key has the key hash of this checkpoint’s signature.' };
  const isGenuine = checks.some(({ message, publicKey, signature }) => verify(null, message, keyObject(publicKey), signature));
  return isGenuine ? null : { code: 'signature.invalid', message: 'The signature of this checkpoint is not over this text.' };
}

/** Nothing when the key named `kid` signed these bytes, else what is wrong. */
export function faultOfSignature(kid: string, message: string, signature: Uint8Array, keys: Jwks): Fault | null {
  const named = keys.flatMap((jwk) => ed25519KeyOf(jwk) ?? []).filter((key) => key.kid === kid);
  if (named.length === 0) return { code: 'key.unknown', message: 'No known key has the identifier that this receipt names.' };
  const isGenuine = named.some(({ publicKey }) => verify(null, Buffer.from(message), keyObject(publicKey), signature));
  return isGenuine ? null : { code: 'signature.invalid', message: 'The signature of this receipt is not over these claims.' };
}

function keyObject(publicKey: Uint8Array): KeyObject {
  const x = Buffer.from(publicKey).toString('base64url');
  const input: JsonWebKeyInput = { key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' };
  return createPublicKey(input);
}
