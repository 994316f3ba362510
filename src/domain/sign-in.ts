import { bytesToHex } from '@noble/hashes/utils.js';
import { type Changes, type Given, together } from './decision.ts';
import type { IdentityChanges } from './identity-changes.ts';
import { ok, type Result, refuse } from './result.ts';
import { type LinkPurpose, linkSeconds, mailEffect, makeLink } from './sign-in-link.ts';

/** How long somebody may take at an identity provider, in seconds. */
export const providerSeconds = 600;

/** How many sign-in mails one person gets, and as many again by each browser that a mail signed them in at: strangers lock nobody out. */
export const mostMails = { hour: 5, day: 10 };

/** An address as people are known by it: in lower case, at most 254 characters (RFC 5321 §4.5.3.1.3); null when it is none. */
export function normaliseEmail(text: string): string | null {
  const email = text.trim().toLowerCase();
  return email.length <= 254 && form.test(email) ? email : null;
}

/** A single label is a domain as well: the operator of the embedded default is at localhost. */
const form = /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9-]{0,62})(?:\.[a-z0-9](?:[a-z0-9-]{0,62}))*$/;

/** Whom an address belongs to, and how many mails count against the next, of the last hour and day. */
export interface Correspondent {
  readonly person_id: string;
  readonly last_hour: number;
  readonly last_day: number;
}

/**
 * Somebody asks for a link. Whether the address is known, unknown or has had its mails, the same amount is written, so that neither the
 * answer nor the time that it takes tells.
 */
export function askForLink(known: Correspondent | null, browserHash: string, given: Given): Changes {
  if (known === null || known.last_hour >= mostMails.hour || known.last_day >= mostMails.day) return inItsPlace(given);
  const personId = known.person_id;
  const { changes, linkId } = makeLink({ personId, purpose: 'sign_in', browserHash }, given);
  return together(changes, { effects: [mailEffect({ mail: 'sign_in', person_id: personId, link_id: linkId }, given)] });
}

/** A row that says nothing and is gone when the link would be. */
export function inItsPlace(given: Given): Changes {
  const expiresAt = new Date(given.now.getTime() + linkSeconds.sign_in * 1000);
  return { spent: [{ kind: 'sign_in', digest: bytesToHex(given.random(32)), expires_at: expiresAt.toISOString() }] };
}

/** A stored link. Hashes in hex. */
export interface StoredLink {
  readonly link_id: string;
  readonly person_id: string;
  readonly email: string;
  readonly person_state: string;
  readonly purpose: LinkPurpose;
  /** Whether the person was ever signed in. */
  readonly was_here: boolean;
  readonly browser_hash: string | null;
  readonly expires_at: string;
  readonly used_at: string | null;
}

/**
 * The link, when it can still be used here. Refuses `resource.not_found` when it was used, has expired or leads nowhere, whichever it is,
 * and `state.forbidden` when another browser asked for it. An invitation is for whoever was never here: it is no key to what they become.
 */
export function usableLink(
  link: StoredLink | null,
  browserHash: string | null,
  now: Date,
): Result<StoredLink, 'resource.not_found' | 'state.forbidden'> {
  if (link === null || link.used_at !== null || link.person_state !== 'active') return refuse('resource.not_found');
  if (Date.parse(link.expires_at) <= now.getTime()) return refuse('resource.not_found');
  if (link.purpose === 'invitation' && link.was_here) return refuse('resource.not_found');
  if (link.browser_hash !== null && link.browser_hash !== browserHash) return refuse('state.forbidden');
  return ok(link);
}

type Person = NonNullable<IdentityChanges['people']>[number];

/** Who an identity provider says is here (OpenID Connect Core 1.0 §5.1). `email`: in lower case, verified by the provider; else null. */
export interface ProvenPerson {
  readonly issuer: string;
  readonly subject: string;
  readonly email: string | null;
}

/**
 * The person whom a provider vouches for: whoever is bound to this subject, else whoever is known by the verified address and not bound at
 * this provider yet, which happens now. Refuses `resource.not_found` for everybody else.
 */
export function vouchedPerson(
  people: readonly Person[],
  proven: ProvenPerson,
): Result<{ readonly person: Person; readonly changes: Pick<Changes, 'people'> }, 'resource.not_found'> {
  const bound = people.find((person) => person.oidc_issuer === proven.issuer && person.oidc_subject === proven.subject);
  if (bound) return bound.state === 'active' ? ok({ person: bound, changes: {} }) : refuse('resource.not_found');
  const person = people.find(
    ({ email, state, oidc_issuer }) => email === proven.email && state === 'active' && oidc_issuer !== proven.issuer,
  );
  if (!person) return refuse('resource.not_found');
  const row = { ...person, version: person.version + 1, oidc_issuer: proven.issuer, oidc_subject: proven.subject };
  return ok({ person, changes: { people: [row] } });
}
