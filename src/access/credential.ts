import { kindOfSecret, secretHash } from '../domain/secret.ts';
import type { Credential } from '../operations/call.ts';

/**
 * The credential in an Authorization header (RFC 6750 §2.1, RFC 9449 §7.1), judged by its form alone: one of our API or workspace keys
 * with its checksum, or what may be an access token (RFC 9068). Absent is `none`; whatever is neither is `invalid`.
 */
export function credentialOf(authorization: string | null): Credential {
  if (authorization === null) return { kind: 'none' };
  if (authorization.length > longest) return invalid;
  const [, scheme = '', secret = ''] = /^(bearer|dpop) +(\S+)$/i.exec(authorization) ?? [];
  const isBearer = scheme.toLowerCase() === 'bearer';
  if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(secret)) return { kind: 'access_token', token: secret, scheme: isBearer ? 'bearer' : 'dpop' };
  if (!isBearer) return invalid;
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
/** An access token of ours is below a thousand characters. */
const longest = 4096;
