import type { VendorConfig } from '../domain/vendor.ts';

/** A public document: served byte for byte, under an ETag that was computed once. */
export interface Published<T = unknown> {
  readonly value: T;
  readonly body: string;
  /** Strong entity tag (RFC 9110 §8.8.3), with its quotes. */
  readonly etag: string;
  readonly contentType: string;
  /** Whether these bytes can never change at this address. */
  readonly immutable: boolean;
}

/** Verified claims of a referral token that this tenant issued. */
export interface ReferralTokenClaims {
  readonly jti: string;
  readonly org: string;
  readonly sub: string | null;
  readonly cmp: string | null;
}

/** One tenant, opened: everything an instance keeps in memory so that a request need not load it. */
export interface Desk {
  readonly tenant: string;
  readonly name: string;
  /** The host it was opened under, as tenants are stored. */
  readonly host: string;
  /** Canonical origin, no trailing slash. */
  readonly origin: string;
  /** Grows with every change of the above or below; a load that sees another one reopens the desk. */
  readonly revision: number;
  /** `dev` in the embedded default, else `live`: part of every secret's form. */
  readonly environment: string;
  readonly vendor: VendorConfig;
  readonly program: { readonly id: string; readonly version: number; readonly sha256: string; readonly url: string };
  readonly capabilities: Published;
  readonly jwks: Published;
  /** The key identifier (`kid`) with which this purpose signs now. */
  signingKid(purpose: 'receipts' | 'referral_tokens'): string;
  /** A compact JWS (RFC 7515) under the purpose's current key, or under `kid`. Deterministic for the same claims. */
  sign(purpose: 'receipts' | 'referral_tokens', claims: Readonly<Record<string, unknown>>, kid?: string): Promise<string>;
  /** The claims of a token of ours that is intact, unexpired and under a live key; null for anything else. */
  verifyReferralToken(token: string, now: Date): Promise<ReferralTokenClaims | null>;
  /** HMAC-SHA-256 under this tenant's derivation key. */
  derive(purpose: string, id: string, version: number): Uint8Array;
}

/** Desks by host. `reopen` drops what is in memory. */
export interface Desks {
  find(host: string): Promise<Desk | null>;
  reopen(host: string): Promise<Desk | null>;
}
