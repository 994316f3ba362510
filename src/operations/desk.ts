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
  /** How many tokens it descends from, 0 to 3. */
  readonly dep: number;
  /** When it expires, in seconds since 1970 (RFC 7519 §4.1.4). */
  readonly exp: number;
}

/** Verified claims of an access token that this tenant issued (RFC 9068 §2.2). */
export interface AccessTokenClaims {
  readonly agentId: string;
  /** The agent's when it was issued; later ones bury it. */
  readonly epoch: number;
  /** The API key that it was got with. */
  readonly keyId: string | null;
  readonly scopes: readonly string[];
  /** Thumbprint of the key that has to be shown with it (RFC 9449 §6.1). */
  readonly jkt: string | null;
}

/** Verified claims of an identity assertion that this tenant issued to an agent that registered itself. */
export interface IdentityAssertionClaims {
  readonly agentId: string;
  readonly epoch: number;
}

/** What an assertion says that a human took a workspace over: of which, and by what it is known again. */
export interface ClaimAsserted {
  readonly workspaceId: string;
  readonly assertionId: string;
  readonly expiresAt: Date;
}

/** What a visitor brings from a referral link: which token's link was followed, and when. */
export interface LinkTouch {
  readonly visitId: string;
  readonly tokenId: string;
  readonly organizationId: string;
  readonly visitedAt: Date;
}

/** A signature over bytes as they are, and the raw public key that it verifies with. */
export interface NoteSigned {
  readonly kid: string;
  readonly publicKey: Uint8Array;
  readonly signature: Uint8Array;
}

/** What requests sign for. */
export type SigningPurpose = 'receipts' | 'referral_tokens' | 'touches' | 'access_tokens' | 'assertions' | 'claim_assertions';

/** The vendor's account at Stripe: what its key opens, and what its webhooks are signed with. Never shown, never logged. */
export interface StripeConnection {
  readonly accountId: string;
  readonly livemode: boolean;
  readonly secretKey: string;
  /** Newest first; a new one is taken up before the old one goes. */
  readonly webhookSecrets: readonly string[];
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
  /** Null: no payment provider is connected. */
  readonly stripe: StripeConnection | null;
  readonly capabilities: Published;
  readonly jwks: Published;
  /** The key identifier (`kid`) with which this purpose signs now, by default with its first algorithm. Throws where `canSign` is false. */
  signingKid(purpose: SigningPurpose, algorithm?: 'HS256' | 'EdDSA'): string;
  /** Whether this purpose has a key to sign with. A tenant of an older release may lack one until its vendor file is applied again. */
  canSign(purpose: SigningPurpose, algorithm?: 'HS256' | 'EdDSA'): boolean;
  /** A compact JWS (RFC 7515) under the purpose's current key, or under `kid`. Deterministic for the same claims. */
  sign(purpose: SigningPurpose, claims: Readonly<Record<string, unknown>>, kid?: string): Promise<string>;
  /** What was signed under `kid` before, byte for byte; null once that key is revoked. */
  signAgain(purpose: SigningPurpose, claims: Readonly<Record<string, unknown>>, kid: string): Promise<string | null>;
  /** Ed25519 over the bytes of a checkpoint, under the current key of that purpose. */
  signNote(bytes: Uint8Array<ArrayBuffer>): Promise<NoteSigned>;
  /** The claims of a token of ours that is intact, unexpired and under a live key; null for anything else. */
  verifyReferralToken(token: string, now: Date): Promise<ReferralTokenClaims | null>;
  /** What an access token of ours says that is intact, unexpired, under a live key and for this resource ('' the API); else null. */
  verifyAccessToken(token: string, resource: '' | '/mcp', now: Date): Promise<AccessTokenClaims | null>;
  /** What an identity assertion of ours says that is intact, unexpired and under a live key; else null. */
  verifyAssertion(token: string, now: Date): Promise<IdentityAssertionClaims | null>;
  /** What a link touch of ours says that is intact, unexpired and under a live key; null for anything else. */
  verifyTouch(token: string, now: Date): Promise<LinkTouch | null>;
  /** What a claim assertion of ours says that is intact, unexpired, under a live key and for where this vendor's people sign up; else null. */
  verifyClaimAssertion(token: string, now: Date): Promise<ClaimAsserted | null>;
  /** HMAC-SHA-256 under this tenant's derivation key. */
  derive(purpose: string, id: string, version: number): Uint8Array;
  /** Whether we may send to this address, by its form alone: what its name resolves to is looked at each time something is sent. */
  mayReach(url: string): boolean;
}

/** Desks by host. `reopen` drops what is in memory. */
export interface Desks {
  find(host: string): Promise<Desk | null>;
  reopen(host: string): Promise<Desk | null>;
}
