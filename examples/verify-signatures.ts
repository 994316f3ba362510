import canonicalize from 'canonicalize';
import { base64url, compactVerify, createLocalJWKSet, flattenedVerify, type JSONWebKeySet } from 'jose';
import type { Capabilities, Terms } from './desk.ts';

/** What a receipt says. */
export interface ReceiptClaims {
  /** The vendor's origin. */
  readonly iss: string;
  /** The referral. */
  readonly sub: string;
  /** The ledger entry. */
  readonly jti: string;
  /** When it was signed, and by when the entry is sealed, in seconds since 1970. */
  readonly iat: number;
  readonly seal_by: number;
  /** RFC 6962 leaf hash of that entry, hex. */
  readonly leaf: string;
  readonly organization: string;
  readonly terms: Terms;
}

/**
 * Verifies a capabilities document: a JWS (RFC 7515 appendix F, detached) over the RFC 8785 form of the document without `signatures`.
 * Answers the identifier of the key. Rejects unless a key of `keys` signed exactly this document.
 */
export async function verifyDocument({ signatures, ...document }: Capabilities, keys: JSONWebKeySet): Promise<string> {
  const [signed] = signatures;
  const canonical = canonicalize(document);
  if (signed === undefined || canonical === undefined) throw new Error('The document is not signed.');
  const payload = base64url.encode(canonical);
  const { protectedHeader } = await flattenedVerify({ ...signed, payload }, createLocalJWKSet(keys), { algorithms });
  if (protectedHeader?.typ !== 'capabilities+jws') throw new Error('The signature was made for something else.');
  return protectedHeader.kid ?? '';
}

/** Verifies a receipt with nothing but the vendor's public keys. Rejects unless a key of `keys` signed exactly this receipt. */
export async function verifyReceipt(receipt: string, keys: JSONWebKeySet): Promise<{ kid: string; claims: ReceiptClaims; text: string }> {
  const { protectedHeader, payload } = await compactVerify(receipt, createLocalJWKSet(keys), { algorithms });
  if (protectedHeader.typ !== 'receipt+jwt') throw new Error('The signature was made for something else.');
  const text = new TextDecoder().decode(payload);
  return { kid: protectedHeader.kid ?? '', claims: JSON.parse(text), text };
}

/** The same JWS with one claim changed, its signature left as it was. */
export function forge(jws: string, change: Readonly<Record<string, unknown>>): string {
  const [header, payload = '', signature] = jws.split('.');
  const claims: object = JSON.parse(new TextDecoder().decode(base64url.decode(payload)));
  return [header, base64url.encode(JSON.stringify({ ...claims, ...change })), signature].join('.');
}

/** Named here, never taken from the header (RFC 8725 §3.1). */
const algorithms = ['EdDSA', 'Ed25519'];
