import { checkDomainEffect, weeklyCheck } from './check-domain-effect.ts';
import { type Changes, type Given, together } from './decision.ts';
import { openConflict } from './domain-conflict.ts';
import { type Brought, type DomainOwner, lowered, raised } from './domain-owner.ts';
import { isFreeMail } from './free-mail.ts';
import type { IdentityChanges } from './identity-changes.ts';
import { type AgentAtDomain, leaveDomain } from './leave-domain.ts';
import { ledgerEvent } from './ledger.ts';
import { registrableDomain } from './prospect.ts';
import { ok, type Result, refuse } from './result.ts';
import { base62 } from './secret.ts';

/** An organization's attempt to prove a domain, as it is stored and written. */
export type DomainProof = NonNullable<IdentityChanges['domain_proofs']>[number];

/** How a domain can be proven. Of documents the `token` of a proof is their address. */
export type ProofMethod = DomainProof['method'];

/** What an organization can choose to publish at its domain. The other proofs come with a request. */
export const publishedMethods = ['dns_txt', 'well_known'] as const;
export type PublishedMethod = (typeof publishedMethods)[number];

/** What a look at the domain showed. `disagree`: one resolver shows the proof and the other does not; `unreachable`: nobody can tell. */
export type Seen = 'proven' | 'absent' | 'disagree' | 'unreachable';

/** What an organization has before it asks. */
export interface ProofGround extends DomainOwner {
  /** Its proof of this domain that is pending, verified or disputed. */
  readonly live: DomainProof | null;
  /** An operator decided against its claim to this domain, not long ago. */
  readonly decidedAgainst: boolean;
}

/** Everything that decides what a look at a domain means. */
export interface ProofFile {
  readonly tenant: string;
  readonly proof: DomainProof;
  readonly organization: DomainOwner;
  /** Somebody said already where it is paid. */
  readonly hasPayee: boolean;
  /** Somebody other than the organization itself did. */
  readonly isPayeeNamed: boolean;
  /** Its agents whose documents lie at the domain. */
  readonly agentsThere: readonly AgentAtDomain[];
  /** Whoever has the domain now; null: nobody. */
  readonly holder: DomainOwner | null;
  /** Another proof of the domain is verified. */
  readonly isProvenElsewhere: boolean;
  /** The organization's claim to the domain is contested already. */
  readonly isContested: boolean;
}

/** A proof as the database writes it inside JSON: times in UTC with milliseconds again. */
export function readProof(stored: DomainProof): DomainProof {
  const inUtc = (time: string | null) => (time === null ? null : new Date(time).toISOString());
  return {
    ...stored,
    ...{ created_at: new Date(stored.created_at).toISOString(), expires_at: new Date(stored.expires_at).toISOString() },
    ...{ verified_at: inUtc(stored.verified_at), checked_at: inUtc(stored.checked_at) },
  };
}

export interface Opened {
  /** `looking`: it was there, and is looked at now. */
  readonly outcome: 'opened' | 'looking' | 'unchanged';
  readonly proof: DomainProof;
  readonly changes: Changes;
}

export const proofDays = 7;
export const mostOpenProofs = 10;

/** The registrable domain that can be proven of a host name. A public suffix and a provider of mailboxes stand for no organization. */
export function provableDomain(host: string): Result<string, 'request.invalid'> {
  const domain = registrableDomain(host);
  if (domain === null) return invalid('domain', 'Not a registrable domain: give the organization’s own domain, such as example.com.');
  if (isFreeMail(domain)) return invalid('free_mail', 'Anybody gets an address at this domain: it stands for no organization.');
  return ok(domain);
}

/** The name of the TXT record, and its text (draft-ietf-dnsop-domain-verification-techniques §6.1). */
export function challengeRecord(domain: string, token: string): { readonly name: string; readonly value: string } {
  return { name: `_frontdesk-challenge.${domain}`, value: `token=${token}` };
}

/** Where the file stands that proves a domain, and what is in it; tokens of others may stand beside ours. */
export function challengeFile(domain: string, token: string): { readonly url: string; readonly content: string } {
  return { url: `https://${domain}/.well-known/frontdesk-organization.json`, content: JSON.stringify({ challenges: [token] }) };
}

/**
 * Begins the proof of a domain, or has one that is pending looked at now. One proof of a domain is live at a time: asking for the other
 * method replaces it. `state.forbidden`: the organization has another domain, an operator decided against it, or the other method was asked
 * for within half a minute. More than `mostOpenProofs` pass their counter's limit.
 */
export function openProof(
  ground: ProofGround,
  wanted: { readonly domain: string; readonly method: PublishedMethod },
  given: Given,
): Result<Opened, 'state.forbidden'> {
  const { live } = ground;
  const at = given.now.toISOString();
  if (live && live.state !== 'pending') return ok({ outcome: 'unchanged', proof: live, changes: {} });
  if (live && live.method === wanted.method && live.expires_at > at) return ok(lookNow(live, given));
  if (ground.domain !== null && ground.domain !== wanted.domain) return otherDomain;
  if (ground.decidedAgainst) return decidedAgainst;
  if (live && wasJustSeen(live, given)) return tooSoon;
  const { domain, method } = wanted;
  const proof: DomainProof = {
    ...{ proof_id: given.newId('dpf'), organization_id: ground.organization_id, domain, method },
    ...{ token: `fd-${base62(given.random(32), 30)}`, state: 'pending', version: 1, failures: 0 },
    ...{ created_at: at, expires_at: new Date(given.now.getTime() + proofDays * dayMs).toISOString(), verified_at: null, checked_at: null },
  };
  const replaced: readonly DomainProof[] = live ? [{ ...live, state: 'expired', version: live.version + 1 }] : [];
  const counted = live ? {} : { counters: [{ ...quotaOf(proof), by: 1, limit: mostOpenProofs }] };
  const effects = [checkDomainEffect(proof, 'nothing', given.now, given)];
  return ok({ outcome: 'opened', proof, changes: { domain_proofs: [...replaced, proof], effects, ...counted } });
}

/** A look that waits is overtaken by the new version. Within half a minute of the last look nothing happens. */
function lookNow(live: DomainProof, given: Given): Opened {
  if (wasJustSeen(live, given)) return { outcome: 'unchanged', proof: live, changes: {} };
  const proof = { ...live, version: live.version + 1 };
  const effects = [checkDomainEffect(proof, 'nothing', given.now, given)];
  return { outcome: 'looking', proof, changes: { domain_proofs: [proof], effects } };
}

/** Whoever asks again and again does not make us look at somebody's domain again and again. */
function wasJustSeen({ checked_at, created_at }: DomainProof, { now }: Given): boolean {
  return now.getTime() - Date.parse(checked_at ?? created_at) < leastBetweenMs;
}

/**
 * What a look comes to. Pending: proven, looked for again, or expired after seven days. Verified: looked at every week; what is missing
 * three times in a row over three days has lapsed, unless the domain is disputed, which people decide.
 */
export function judgeLook(file: ProofFile, seen: Seen, brought: Brought, given: Given): Changes {
  const { proof, organization } = file;
  const looked = { ...proof, version: proof.version + 1, checked_at: given.now.toISOString() };
  if (proof.state === 'pending') {
    if (seen === 'proven') return prove(file, looked, given);
    if (looked.checked_at >= proof.expires_at) return closed({ ...looked, state: 'expired' });
    const missed = { ...looked, failures: proof.failures + 1 };
    return { domain_proofs: [missed], effects: [checkDomainEffect(missed, brought, nextLook(proof, given.now), given)] };
  }
  if (seen === 'proven') {
    const found = { ...looked, failures: 0 };
    return { domain_proofs: [found], effects: [weeklyCheck(found, brought, given)] };
  }
  // What one resolver still shows, or nobody can ask for, is not gone.
  const missed = { ...looked, failures: seen === 'absent' ? proof.failures + 1 : proof.failures };
  if (missed.failures >= lapseAfter && organization.frozen_at === null) {
    const row = lowered(organization, brought, file.isPayeeNamed);
    const facts = { proof: proof.proof_id, tier: row.tier, took: brought };
    return {
      ...leaveDomain(organization.organization_id, file.agentsThere),
      domain_proofs: [{ ...missed, state: 'lapsed' }],
      changed_organizations: [row],
      ledger_events: [told('lapsed', file, facts, given)],
    };
  }
  const effects = [checkDomainEffect(missed, brought, new Date(given.now.getTime() + missedMs), given)];
  return { domain_proofs: [missed], effects };
}

function prove(file: ProofFile, looked: DomainProof, given: Given): Changes {
  const { proof, organization, holder } = file;
  const hasOther = organization.domain !== null && organization.domain !== proof.domain;
  const isHeldByOther = holder !== null && holder.organization_id !== organization.organization_id;
  if (hasOther || (!isHeldByOther && file.isProvenElsewhere)) return closed({ ...looked, state: 'expired' });
  if (isHeldByOther) {
    const disputed = closed({ ...looked, state: 'disputed', failures: 0 });
    if (file.isContested) return disputed;
    const { conflict_id, changes } = openConflict(proof, holder, organization, given);
    const facts = { proof: proof.proof_id, conflict: conflict_id, holder: holder.organization_id };
    return together(disputed, changes, { ledger_events: [told('disputed', file, facts, given)] });
  }
  const { row, brought } = raised(organization, proof.domain, file.hasPayee);
  const verified: DomainProof = { ...looked, state: 'verified', failures: 0, verified_at: looked.checked_at };
  const facts = { proof: proof.proof_id, method: proof.method, tier: row.tier };
  return together(closed(verified), {
    ...{ changed_organizations: [row], effects: [weeklyCheck(verified, brought, given)] },
    ledger_events: [told('proven', file, facts, given)],
    // What waits for the tier is looked at.
    due: [{ kind: 'qualify', at: given.now.toISOString() }],
  });
}

/** The ledger names the organization and the proof, never the domain. */
function told(
  what: 'proven' | 'disputed' | 'lapsed',
  { tenant, organization }: ProofFile,
  facts: Readonly<Record<string, unknown>>,
  given: Given,
) {
  const { organization_id } = organization;
  return ledgerEvent(given, tenant, { kind: `domain.${what}`, subjectId: organization_id, organizationId: organization_id, facts });
}

/** It is not pending any more. */
const closed = (proof: DomainProof): Changes => ({
  domain_proofs: [proof],
  counters: [{ ...quotaOf(proof), by: -1, limit: mostOpenProofs }],
});

const quotaOf = ({ organization_id }: DomainProof) => ({ name: 'domain_proofs.open', subject: organization_id });

/** After 1, 5, 15 and 60 minutes, then hourly, and for the last time when it expires. */
function nextLook({ created_at, expires_at }: DomainProof, now: Date): Date {
  const begun = Date.parse(created_at);
  const age = now.getTime() - begun;
  const next = firstLooksMs.find((offset) => offset > age) ?? (Math.floor(age / hourMs) + 1) * hourMs;
  return new Date(Math.min(begun + next, Date.parse(expires_at)));
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const firstLooksMs = [60_000, 5 * 60_000, 15 * 60_000, hourMs];
const leastBetweenMs = 30_000;
/** Three looks, each this long after the one before, are three days. */
const lapseAfter = 3;
const missedMs = 1.5 * dayMs;

const invalid = (code: string, message: string) => refuse('request.invalid', { issues: [{ pointer: '/domain', code, message }] });
const otherDomain = refuse('state.forbidden', {
  detail: 'The organization has another domain already; only the vendor’s own people change that.',
});
const decidedAgainst = refuse('state.forbidden', {
  detail: 'The vendor decided lately that this domain belongs to another organization. Ask the vendor.',
});
const tooSoon = refuse('state.forbidden', { detail: 'It is being looked for in the other place: ask again in half a minute.' });
