import { kindOfSecret, secretHash } from '../domain/secret.ts';
import type { Credential } from '../operations/call.ts';

/**
 * The credential in an Authorization header (RFC 6750 §2.1), judged by its form and checksum alone. Absent is `none`; whatever is not
 * one of our API or workspace keys is `invalid`.
 */
export function credentialOf(authorization: string | null): Credential {
  if (authorization === null) return { kind: 'none' };
  if (authorization.length > longest) return invalid;
  const secret = /^bearer +(\S+)$/i.exec(authorization)?.[1];
  if (secret === undefined) return invalid;
  switch (kindOfSecret(secret)) {
    case 'key':
      return { kind: 'api_key', hash: secretHash(secret) };
    case 'sbx':
      return { kind: 'workspace_key', hash: secretHash(secret) };
    default:
      return invalid;
  }
}

/** A workspace key that came as an argument instead of a header. */
export function workspaceKeyCredential(text: string): Credential {
  return kindOfSecret(text) === 'sbx' ? { kind: 'workspace_key', hash: secretHash(text) } : invalid;
}

const invalid: Credential = { kind: 'invalid' };
const longest = 128;
