import type { Result } from '../domain/result.ts';

/**
 * What operations may learn from hosts of strangers: documents and keys, fetched within bounds (`access/guarded-fetch.ts`), and what is
 * signed with them. Nothing here rejects for what the outside does. Reasons are for the operator; callers are told that it did not prove.
 */
export interface Outside {
  /** Who asserts itself with a signed JWT (RFC 7523 §3), by keys we hold or by those of its metadata document. */
  readonly proveClient: (asked: ClientAsserted) => Promise<Result<ProvenClient, 'auth.invalid'>>;
  /** What an issuer asserts that the vendor trusts: an identity assertion authorization grant. */
  readonly proveIssued: (asked: IssuerAsserted) => Promise<Result<ProvenSubject, 'auth.invalid'>>;
  /** Possession of a key, shown with the request (RFC 9449 §4.3). */
  readonly proveDpop: (asked: {
    readonly proof: string;
    readonly method: string;
    readonly url: string;
    readonly accessToken?: string;
    readonly now: Date;
  }) => Promise<Result<ProvenKey, 'auth.invalid'>>;
}

export interface ClientAsserted {
  readonly assertion: string;
  /** The agent's id, or the https address of its metadata document. */
  readonly clientId: string;
  /** Keys that the agent registered; null: its document names them. */
  readonly keys: readonly { readonly thumbprint: string; readonly public_jwk: object }[] | null;
  /** The issuer and the address of the endpoint: either is right (RFC 7523 §3). */
  readonly audiences: readonly string[];
  readonly now: Date;
}

export interface ProvenClient {
  readonly clientId: string;
  /** RFC 7638. */
  readonly thumbprint: string;
  /** Its JWT id and until when it must not come again. */
  readonly jti: string;
  readonly expiresAt: Date;
  /** What its document says; null where the key was ours already. `domain`: which registrable domain it proves, if any. */
  readonly document: { readonly name: string; readonly domain: string | null } | null;
}

export interface IssuerAsserted {
  readonly assertion: string;
  readonly issuers: readonly { readonly issuer: string; readonly jwks_uri: string }[];
  readonly audience: string;
  readonly now: Date;
}

export interface ProvenSubject {
  readonly issuer: string;
  readonly subject: string;
  readonly clientId: string;
  readonly jti: string;
  readonly expiresAt: Date;
  readonly scope: string | null;
  readonly email: string | null;
}

export interface ProvenKey {
  readonly thumbprint: string;
  readonly jti: string;
  readonly expiresAt: Date;
}
