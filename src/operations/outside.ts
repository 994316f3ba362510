import type { Refusal, Result } from '../domain/result.ts';
import type { PasskeyVerifier } from './passkey-verifier.ts';
import type { SignInProvider } from './sign-in-provider.ts';

/**
 * What operations may learn from hosts of strangers: documents and keys, fetched within bounds (`access/guarded-fetch.ts`), and what is
 * signed with them. Nothing here rejects for what the outside does. Reasons are for the operator; callers are told that it did not prove,
 * or that it could not be looked up.
 */
export interface Outside {
  /** Who asserts itself with a signed JWT (RFC 7523 §3), by keys we hold or by those of its metadata document. */
  readonly proveClient: (asked: ClientAsserted) => Promise<Result<ProvenClient, Unproven>>;
  /** What an issuer asserts that the vendor trusts: an identity assertion authorization grant. */
  readonly proveIssued: (asked: IssuerAsserted) => Promise<Result<ProvenSubject, Unproven>>;
  /** Who signed a request (RFC 9421), by the keys at the address that it names. The nonce is the caller's to spend. */
  readonly proveRequest: (request: SignedRequest, now: Date) => Promise<Result<ProvenSigner, Unproven>>;
  /** Where people sign in otherwise than by mail; absent: nowhere. */
  readonly signIn?: SignInProvider;
  /** What checks passkeys; absent: nothing here does. */
  readonly passkeys?: PasskeyVerifier;
}

/** It does not prove what it should; or what says so could not be asked for, and may be soon. */
export type Unproven = 'auth.invalid' | 'upstream.unavailable';

/**
 * Proves something, and tells an outage as one, whatever word an operation has for what did not prove: who could not be looked up is not
 * called a wrong client.
 */
export async function provenBy<P>(prove: (outside: Outside) => Promise<Result<P>>, outside: Outside): Promise<Result<P>> {
  const outages: Refusal[] = [];
  const noting = <A extends readonly unknown[], T>(ask: (...asked: A) => Promise<Result<T, Unproven>>) => {
    return async (...asked: A): Promise<Result<T, Unproven>> => {
      const answer = await ask(...asked);
      if (!answer.ok && answer.code === 'upstream.unavailable') outages.push(answer);
      return answer;
    };
  };
  const { proveClient, proveIssued, proveRequest, ...rest } = outside;
  const proven = await prove({
    ...rest,
    ...{ proveClient: noting(proveClient), proveIssued: noting(proveIssued), proveRequest: noting(proveRequest) },
  });
  return proven.ok ? proven : (outages[0] ?? proven);
}

/** Verifies possession of a key, shown with the request (RFC 9449 §4.3). Looks nothing up. */
export type ProveDpop = (asked: {
  readonly proof: string;
  readonly method: string;
  readonly url: string;
  readonly accessToken?: string;
  readonly now: Date;
}) => Promise<Result<ProvenKey, 'auth.invalid'>>;

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
  /** The resource that the issuer means it for; null: it says nothing. */
  readonly resource: string | null;
}

/** A request as it arrived. `url` is absolute, with the host that we are known by; `body` is the bytes before anything read them. */
export interface SignedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

export interface ProvenSigner {
  /** Where its keys are published: what it is known by. */
  readonly documentUrl: string;
  /** Whether that is a directory of keys, and no metadata document. */
  readonly isDirectory: boolean;
  readonly thumbprint: string;
  readonly nonce: string;
  readonly expiresAt: Date;
  readonly name: string | null;
  /** The registrable domain that its document proves, if any. */
  readonly domain: string | null;
}

export interface ProvenKey {
  readonly thumbprint: string;
  readonly jti: string;
  readonly expiresAt: Date;
}
