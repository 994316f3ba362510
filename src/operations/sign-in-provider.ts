import type { Result } from '../domain/result.ts';
import type { ProvenPerson } from '../domain/sign-in.ts';

/**
 * Where people of a company sign in otherwise: OpenID Connect Core 1.0, code flow (§3.1). What has to be remembered between leaving and
 * coming back goes with the browser, sealed.
 */
export interface SignInProvider {
  /** Where the browser is sent. `kept` is for its cookie, for `providerSeconds`. */
  readonly begin: (asked: SignInPlace) => Promise<Result<{ readonly location: string; readonly kept: string }, 'upstream.unavailable'>>;
  /** Whom the provider vouches for. `answer`: the query with which the browser came back; `kept`: what it brought. */
  readonly finish: (
    asked: SignInPlace & { readonly answer: string; readonly kept: string },
  ) => Promise<Result<ProvenPerson, 'auth.invalid' | 'upstream.unavailable'>>;
}

/** Of which tenant, at which origin. */
export interface SignInPlace {
  readonly tenant: string;
  readonly origin: string;
  readonly now: Date;
}
