import type { Result } from '../domain/result.ts';

/**
 * What browsers do with passkeys, checked (Web Authentication Level 3). A challenge goes with the browser, sealed for one person in one
 * session, and so is of no use to anybody else; that it is used once is for whoever asks to see to.
 */
export interface PasskeyVerifier {
  /** Options for `navigator.credentials.create` (§5.4), as JSON. */
  readonly beginRegistration: (asked: PasskeyPlace & { readonly name: string; readonly known: readonly KnownPasskey[] }) => Promise<Begun>;
  /** §7.1. `challenge.required` where the answer does not hold, whatever of it does not. */
  readonly finishRegistration: (
    asked: PasskeyPlace & { readonly kept: string; readonly response: RegistrationAnswer },
  ) => Promise<Result<NewPasskey, 'challenge.required'>>;
  /** Options for `navigator.credentials.get` (§5.5), as JSON. */
  readonly beginStepUp: (asked: PasskeyPlace & { readonly known: readonly KnownPasskey[] }) => Promise<Begun>;
  /** §7.2. Answers the new counter. */
  readonly finishStepUp: (
    asked: PasskeyPlace & { readonly kept: string; readonly response: PresenceAnswer; readonly passkey: StoredPasskey },
  ) => Promise<Result<{ readonly counter: number }, 'challenge.required'>>;
}

/** Who does it, where: a session by the SHA-256 of its secret, at an origin of a tenant. */
export interface PasskeyPlace {
  readonly tenant: string;
  readonly origin: string;
  readonly vendor: string;
  readonly personId: string;
  readonly session: string;
  readonly now: Date;
}

/** `options` for the page's script, `kept` to be brought back with the answer. */
export interface Begun {
  readonly options: string;
  readonly kept: string;
}

export interface KnownPasskey {
  readonly credential_id: string;
  readonly transports: readonly string[];
}

export interface StoredPasskey extends KnownPasskey {
  /** COSE key, base64url. */
  readonly public_key: string;
  readonly counter: number;
}

export type NewPasskey = StoredPasskey;

/** As `PublicKeyCredential.toJSON` writes them (§5.1.8), as far as they are read. */
export interface RegistrationAnswer {
  readonly id: string;
  readonly clientDataJSON: string;
  readonly attestationObject: string;
  readonly transports: readonly string[];
}

export interface PresenceAnswer {
  readonly id: string;
  readonly clientDataJSON: string;
  readonly authenticatorData: string;
  readonly signature: string;
}
