/** What a door knows of a call before anything is loaded. */
export type Credential =
  | { readonly kind: 'none' }
  /** Not one of our secrets at all, or one with a typo. */
  | { readonly kind: 'invalid' }
  /** `hash`: SHA-256 of the secret, hex. */
  | { readonly kind: 'api_key' | 'workspace_key' | 'claim_token'; readonly hash: string };

export interface Call {
  /** The host the caller asked for, as tenants are looked up. */
  readonly host: string;
  readonly credential: Credential;
  /** Keyed hash of the caller's address (IPv4, or IPv6 /64): who an anonymous caller is. */
  readonly address: string;
  /** Keyed hash of the caller's network (IPv4 /24, IPv6 /48): whose quota an anonymous caller uses. */
  readonly network: string;
  readonly idempotencyKey?: string;
  readonly requestId: string;
}
