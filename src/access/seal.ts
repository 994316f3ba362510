import { base64url } from 'jose';
import { masterKeyId, serverKey } from './server-key.ts';

/** What a sealed secret belongs to. It opens nowhere else: both go into the authenticated data. */
export interface SealedFor {
  readonly tenant: string;
  readonly kid: string;
}

/**
 * Seals a small secret with AES-256-GCM (NIST SP 800-38D, 96-bit random IV) under a key derived from the master key.
 * Gives `v1.<master key id>.<iv>.<ciphertext and tag>`, the last two in base64url.
 */
export async function seal(secret: Uint8Array<ArrayBuffer>, masterKey: Uint8Array, owner: SealedFor): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const box = await crypto.subtle.encrypt(parameters(iv, owner), await sealingKey(masterKey, 'encrypt'), secret);
  return `v1.${masterKeyId(masterKey)}.${base64url.encode(iv)}.${base64url.encode(new Uint8Array(box))}`;
}

/** Opens what `seal` gave. Rejects with {@link SealError}, whose reason tells a wrong master key from a damaged or moved secret. */
export async function unseal(sealed: string, masterKey: Uint8Array, owner: SealedFor): Promise<Uint8Array<ArrayBuffer>> {
  const match = sealed.length <= 4096 ? form.exec(sealed) : null;
  const [, keyId, iv, box] = match ?? [];
  if (keyId === undefined || iv === undefined || box === undefined) throw new SealError('malformed');
  if (keyId !== masterKeyId(masterKey)) throw new SealError('other_master_key');
  const key = await sealingKey(masterKey, 'decrypt');
  try {
    return new Uint8Array(await crypto.subtle.decrypt(parameters(bytes(iv), owner), key, bytes(box)));
  } catch (cause) {
    throw new SealError('not_authentic', { cause });
  }
}

const reasons = {
  malformed: 'a sealed secret does not have the form v1.<key id>.<iv>.<ciphertext>',
  other_master_key: 'a secret was sealed under another master key: restore FRONTDESK_MASTER_KEY',
  not_authentic: 'a sealed secret was damaged, or moved from another tenant or key',
} as const;

/** A sealed secret that cannot be opened. The message never holds any of it. */
export class SealError extends Error {
  override readonly name = 'SealError';
  constructor(
    readonly reason: keyof typeof reasons,
    options?: ErrorOptions,
  ) {
    super(reasons[reason], options);
  }
}

const form = /^v1\.([0-9a-f]{8})\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{22,4000})$/;

function parameters(iv: Uint8Array<ArrayBuffer>, { tenant, kid }: SealedFor): AesGcmParams {
  return { name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(`${tenant}|${kid}`) };
}

function sealingKey(masterKey: Uint8Array, usage: 'encrypt' | 'decrypt'): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', serverKey(masterKey, 'seal'), 'AES-GCM', false, [usage]);
}

/** A copy in a buffer of its own, as WebCrypto's types want it. */
function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(base64url.decode(text));
}
