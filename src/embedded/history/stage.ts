import type { StripeAccess } from '../../effects/stripe/client.ts';
import type { RoundName } from './acts.ts';

/** The world in which the history is played: every door of the server, on a clock that the player moves. */
export interface Stage {
  /** Before the present until the history has come to it; never goes back. */
  readonly now: () => Date;
  /** Lets time pass until then, at Stripe as well. Nothing happens where it is over already. */
  goTo(at: Date): Promise<void>;
  /** A call through the REST door; `key` null is a stranger's. Rejects where it is refused. */
  call(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, key: string | null, body?: object): Promise<unknown>;
  /** A key of an organization's agent, or of a back end. */
  makeKey(wanted: KeyWanted): Promise<{ readonly key: string; readonly organizationId: string | null }>;
  /** `verify_organization`, asked by the one whom the letter to this address invited, now and for the first time. */
  verifyAsInvited(email: string, wanted: ProofWanted): Promise<unknown>;
  /** Lets the domain show this wherever its organization can publish, until something else stands there. */
  publish(domain: string, text: string): void;
  /** Makes the vendor what a file says. */
  apply(vendor: unknown): Promise<void>;
  /** A round of a schedule. */
  round(name: RoundName): Promise<void>;
  /** Brings what Stripe tells and what matters here; the rest is never told. */
  hearStripe(): Promise<void>;
  readonly stripe: StripeAccess;
}

export interface ProofWanted {
  readonly domain: string;
  readonly method: 'dns_txt' | 'well_known';
}

export interface KeyWanted {
  readonly organization?: { readonly domain: string; readonly name: string };
  readonly agentName: string;
  readonly scopes?: readonly string[];
  readonly tier?: 'key_bound' | 'domain_verified' | 'attested';
  readonly expiresAt?: Date;
}
