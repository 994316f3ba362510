import type { Role } from '../domain/actor.ts';

/** A role other than an operator's, and for a partner or channel manager the organization that it would reach. */
export interface ViewAs {
  readonly role: Exclude<Role, 'operator'>;
  readonly organizationId: string | null;
}

/** What a door knows of a call before anything is loaded. */
export type Credential =
  | { readonly kind: 'none' }
  /** Not one of our secrets at all, or one with a typo. */
  | { readonly kind: 'invalid' }
  /** `hash`: SHA-256 of the secret, hex. */
  | { readonly kind: 'api_key' | 'workspace_key' | 'claim_token'; readonly hash: string }
  /** `viewAs`: as whom an operator wants to look at things. */
  | { readonly kind: 'session'; readonly hash: string; readonly viewAs?: ViewAs }
  /** A JWT that is still to be verified with the desk's keys. */
  | { readonly kind: 'access_token'; readonly token: string; readonly scheme: 'bearer' | 'dpop' }
  /** An agent that the door knows by other means: it signed the request itself (RFC 9421). */
  | { readonly kind: 'agent'; readonly agentId: string };

/** A nonce: its SHA-256 in hex, and until when it must be remembered. */
export interface Spend {
  readonly kind: 'challenge' | 'dpop' | 'signature';
  readonly digest: string;
  readonly expiresAt: Date;
}

export interface Call {
  /** The host the caller asked for, as tenants are looked up. */
  readonly host: string;
  readonly credential: Credential;
  /** Keyed hash of the caller's address (IPv4, or IPv6 /64): who an anonymous caller is. */
  readonly address: string;
  /** Keyed hash of the caller's network (IPv4 /24, IPv6 /48): whose quota an anonymous caller uses. */
  readonly network: string;
  readonly idempotencyKey?: string;
  /** Path of the resource that is called, below the origin: whom an access token must have been issued for (RFC 8707). */
  readonly resource: '' | '/mcp';
  /** A proof of possession that came with an access token (RFC 9449 §4), and the request that it must speak of, below the origin. */
  readonly dpop?: { readonly proof: string; readonly method: string; readonly path: string };
  /** The answer to a proof-of-work challenge. */
  readonly challengeResponse?: string;
  /** What is used up by this call, and lets it in once only. */
  readonly spend?: readonly Spend[];
  /** A further page of a call that was let in: what that one proved and used up holds for it. */
  readonly continued?: true;
  readonly requestId: string;
}
