import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Tier } from './actor.ts';
import { type Changes, type Given, together } from './decision.ts';
import type { IdentityChanges } from './identity-changes.ts';
import { salt } from './ledger.ts';
import { ok, type Result, refuse } from './result.ts';
import { formatSecret, secretHash, userCode } from './secret.ts';
import { cleanText } from './untrusted-text.ts';

/** How long an identity assertion is good for, in seconds; it can be exchanged for access tokens as often as wanted. */
export const assertionSeconds = 86_400;
/** How long somebody may take an identity over, in seconds. */
export const claimSeconds = 86_400;
/** How long a user code may be typed, in seconds. */
export const codeSeconds = 900;
/** How long to wait between two polls, in seconds (RFC 8628 §3.2). */
export const pollSeconds = 5;

/** A row of `registrations`, whole: see `IdentityChanges`. */
export type RegistrationRow = NonNullable<IdentityChanges['registrations']>[number];

/** A registration with what is known of its agent. */
export interface StoredRegistration extends RegistrationRow {
  readonly agent: RegisteredAgent;
  readonly stated: Stated | null;
}

/** What an agent said of itself when it registered, cleaned: shown as its word only. */
export interface Stated {
  readonly client_name: string | null;
  readonly organization: { readonly name: string; readonly domain: string | null } | null;
}

export interface RegisteredAgent {
  readonly agent_id: string;
  readonly name: string;
  readonly kind: 'registered' | 'document' | 'anonymous' | 'attested';
  readonly status: 'active' | 'revoked';
  readonly epoch: number;
  readonly organization_id: string;
  readonly tier: Tier;
  /** Whether its organization was made for it alone and nobody has joined it: nobody loses anything when it moves. */
  readonly alone: boolean;
  /** Whether it showed a key of its own. */
  readonly keyed: boolean;
}

export interface Newcomer {
  readonly clientName: string | undefined;
  /** As it says itself: nothing of it is proven. */
  readonly organization: { readonly name: string; readonly domain?: string | undefined } | undefined;
  readonly key: { readonly thumbprint: string; readonly publicJwk: object } | null;
}

/** A new agent with an organization of its own, and its registration: what anybody may have, with a key or without. */
export function newIdentity(
  { clientName, organization, key }: Newcomer,
  environment: string,
  given: Given,
): { readonly registration: RegistrationRow; readonly changes: Changes } {
  const [agent_id, organization_id] = [given.newId('agt'), given.newId('org')];
  const created_at = given.now.toISOString();
  const name = cleanText(clientName ?? '', 120);
  const registration = newRegistration(agent_id, environment, given);
  const said: Stated = { client_name: name || null, organization: organization ? stated(organization) : null };
  const identity: Changes = {
    organizations: [
      {
        organization_id,
        name: said.organization?.name || name || 'An agent of its own',
        domain: null,
        tier: key ? 'key_bound' : 'anonymous',
        created_at,
      },
    ],
    agents: [{ agent_id, organization_id, name: name || 'agent', kind: key ? 'registered' : 'anonymous', created_at }],
  };
  const keys: Changes = key
    ? { agent_keys: [{ agent_id, organization_id, thumbprint: key.thumbprint, public_jwk: key.publicJwk, created_at }] }
    : {};
  const words: Changes =
    name || organization
      ? { particulars: [{ subject_id: registration.registration_id, organization_id, salt: salt(given), content: said }] }
      : {};
  return { registration, changes: together(identity, keys, words) };
}

const stated = ({ name, domain }: { readonly name: string; readonly domain?: string | undefined }) => ({
  name: cleanText(name, 120),
  domain: domain === undefined ? null : cleanText(domain, 253),
});

/** A registration that can be claimed for a day, by whoever gets its token. */
export function newRegistration(agentId: string, environment: string, given: Given): RegistrationRow {
  const registration_id = given.newId('reg');
  return {
    registration_id,
    agent_id: agentId,
    claim_hash: secretHash(claimToken(given.derive, environment, registration_id)),
    claim_expires_at: after(given.now, claimSeconds).toISOString(),
    code_hash: null,
    code_expires_at: null,
    polled_at: null,
    state: 'open',
    version: 1,
    claimed_by: null,
    created_at: given.now.toISOString(),
  };
}

/** The secret by which an agent has its registration claimed. Derived for a purpose of its own: it is no workspace's claim token. */
export function claimToken(derive: Given['derive'], environment: string, registrationId: string): string {
  return formatSecret('clm', environment, derive('identity-claim', registrationId, 1));
}

/** Opens an attempt at linking: a fresh code that only one person can use; the code of an earlier attempt is dead with it. */
export function withCode(
  row: RegistrationRow,
  email: string,
  given: Given,
): { readonly row: RegistrationRow; readonly code: string; readonly expiresIn: number } {
  const code = userCode(given.random(16));
  const ends = Math.min(after(given.now, codeSeconds).getTime(), Date.parse(row.claim_expires_at));
  return {
    code,
    expiresIn: Math.floor((ends - given.now.getTime()) / 1000),
    row: { ...row, code_hash: codeHash(given.derive, code, email), code_expires_at: new Date(ends).toISOString() },
  };
}

/**
 * What is stored of a user code, in hex: SHA-256 over its keyed hash and the address of the person who may type it. Whoever is signed in
 * with another address looks for another hash, and the address itself is not kept.
 */
export function codeHash(derive: Given['derive'], code: string, email: string): string {
  return bytesToHex(sha256(concatBytes(hexToBytes(codeKey(derive, code)), utf8ToBytes(email.toLowerCase()))));
}

/** The keyed hash of a user code as people type it: case, spaces and dashes do not count. Hex. */
export function codeKey(derive: Given['derive'], typed: string): string {
  return bytesToHex(derive('link-code', typed.toUpperCase().replace(/[\s-]/g, ''), 1));
}

/** How a registration stands, as far as its agent is concerned. */
export function standingOf(row: RegistrationRow, now: Date): 'open' | 'claimed' | 'collected' | 'expired' {
  return row.state === 'open' && Date.parse(row.claim_expires_at) <= now.getTime() ? 'expired' : row.state;
}

/** A registration that somebody may still take over. One whose organization is not its own any more cannot be. */
export function claimable(
  registration: StoredRegistration | null,
  now: Date,
): Result<StoredRegistration, 'invalid_claim_token' | 'claim_expired' | 'claimed_or_in_flight'> {
  if (registration?.agent.status !== 'active') return refuse('invalid_claim_token');
  const standing = standingOf(registration, now);
  if (standing === 'expired') return refuse('claim_expired');
  if (standing !== 'open' || !registration.agent.alone) return refuse('claimed_or_in_flight');
  return ok(registration);
}

/** The claims of an identity assertion (typ oauth-id-jag+jwt): exchanged at the token endpoint for access tokens of this epoch. */
export function assertionClaims(
  agent: { readonly agent_id: string; readonly epoch: number },
  desk: { readonly origin: string; readonly tenant: string },
  given: Pick<Given, 'now' | 'newId'>,
) {
  const iat = Math.floor(given.now.getTime() / 1000);
  return {
    iss: desk.origin,
    aud: desk.origin,
    tid: desk.tenant,
    sub: agent.agent_id,
    epoch: agent.epoch,
    jti: given.newId('tok'),
    iat,
    exp: iat + assertionSeconds,
  };
}

export const after = (from: Date, seconds: number): Date => new Date(from.getTime() + seconds * 1000);
