import { bytesToHex } from '@noble/hashes/utils.js';
import type { ClaimableWorkspace } from './claim.ts';
import type { Changes, Given } from './decision.ts';
import { isFreeMail } from './free-mail.ts';
import type { IdentityChanges } from './identity-changes.ts';
import { fingerprintOf, isLent, registrableDomain } from './prospect.ts';
import { ok, type Result, refuse } from './result.ts';
import { base62, secretHash } from './secret.ts';
import { mostMails } from './sign-in.ts';
import { stageEffect } from './stage.ts';

/** How long the link in a mail works, and how long what it proved can be used, in seconds. */
export const proofSeconds = { asked: 900, proven: 1800 } as const;

/** How many codes can be tried at a claim link in a quarter of an hour, the right one included. */
export const mostCodes = 5;

/**
 * How many mails go out at all: to one address in a day, and on account of one prospect in an hour, at however many links. By whose workspace
 * it is, each on top of those before: what strangers can use up leaves a reserve to whoever is known.
 */
export const mostMailsInAll = {
  stranger: { address: 10, prospect: 20 },
  referrer: { address: 20, prospect: 40 },
  known: { address: 40, prospect: 60 },
} as const;

/** A row of `mailbox_proofs`, whole: see `IdentityChanges`. */
export type MailboxProof = NonNullable<IdentityChanges['mailbox_proofs']>[number];

/** A workspace behind a claim link. */
export interface LinkedWorkspace extends ClaimableWorkspace {
  /** SHA-256 of the link's token, hex. */
  readonly claim_hash: string;
  readonly claim_version: number;
}

type Derive = Given['derive'];

/**
 * The registrable domain of an address when it is the prospect's own: compared by fingerprint, as prospects are. Null for another company,
 * and for mail and names that anybody gets, whosesoever prospect that is.
 * @param email in lower case
 * @param prospect fingerprint of the prospect, hex
 */
export function domainOfProspect(email: string, prospect: string, derive: Derive): string | null {
  const domain = registrableDomain(email.slice(email.lastIndexOf('@') + 1));
  if (domain === null || isFreeMail(domain) || isLent(domain)) return null;
  return fingerprintOf(domain, derive) === prospect ? domain : null;
}

/** Whose mailbox it is said to be, and what the one browser keeps that may use the proof: a hash in hex. */
export interface Mailbox {
  readonly email: string;
  readonly browserHash: string;
}

/**
 * Mails a link by which somebody shows that a mailbox at the prospect's domain is theirs. Counted by address at each workspace, and in all by
 * address and by prospect; the commit refuses one too many with `quota.exhausted`. Counters know an address by a keyed hash.
 */
export function askForProof(workspace: LinkedWorkspace, mailbox: Mailbox, given: Given): Changes {
  const proof = newProof(workspace, mailbox, 'mail', given);
  const [hour, day] = [3_600_000, 86_400_000].map((length) => Math.floor(given.now.getTime() / length));
  const to = bytesToHex(given.derive('mailbox', mailbox.email, 1).slice(0, 16));
  const payload: ProofMailPayload = { proof_id: proof.proof_id };
  const inAll = mostMailsInAll[openedBy(workspace)];
  return {
    mailbox_proofs: [proof],
    effects: [stageEffect(given, { kind: proofMailKind, aggregate: `mail:${proof.proof_id}`, destination: 'mail', payload })],
    counters: [
      { name: 'claim.mails', subject: `${to}.${workspace.workspace_id}:hour:${hour}`, by: 1, limit: mostMails.hour },
      { name: 'claim.mails', subject: `${to}.${workspace.workspace_id}:day:${day}`, by: 1, limit: mostMails.day },
      { name: 'claim.mails', subject: `${to}:day:${day}`, by: 1, limit: inAll.address },
      { name: 'claim.mails', subject: `${workspace.prospect_id}:hour:${hour}`, by: 1, limit: inAll.prospect },
    ],
  };
}

/**
 * Who opened it. Workspaces of whoever made itself up belong to its network (`net:`), the others to an organization that is proven or that
 * the operator named. A referral takes a key or a token at least.
 */
function openedBy({ owner, referral_id }: LinkedWorkspace): keyof typeof mostMailsInAll {
  if (!owner.startsWith('net:')) return 'known';
  return referral_id === null ? 'stranger' : 'referrer';
}

/** What the mail is staged with: ids only, so that no address lies in a table that is kept. */
export interface ProofMailPayload {
  readonly proof_id: string;
}

export const proofMailKind = 'mail.claim';

/** A proof by whoever knows for certain already: a session of ours, or a provider of identities that verified the address. */
export function vouchedProof(workspace: LinkedWorkspace, mailbox: Mailbox, via: 'session' | 'provider', given: Given): MailboxProof {
  const row = newProof(workspace, mailbox, via, given);
  return { ...row, proven_at: row.created_at, expires_at: after(given.now, proofSeconds.proven) };
}

/**
 * The proof that a mailed link leads to, when it can still be given here. Refuses `resource.not_found` when it was given, is over or never
 * was, whichever it is, and `state.forbidden` when another browser asked for it.
 */
export function givableProof(
  proof: MailboxProof | null,
  browserHash: string | null,
  now: Date,
): Result<MailboxProof, 'resource.not_found' | 'state.forbidden'> {
  if (proof === null || proof.via !== 'mail' || proof.proven_at !== null || isOver(proof, now)) return refuse('resource.not_found');
  return proof.browser_hash === browserHash ? ok(proof) : refuse('state.forbidden');
}

/** The mailed link was followed to its end. */
export function givenProof(proof: MailboxProof, given: Pick<Given, 'now'>): MailboxProof {
  const expires_at = after(given.now, proofSeconds.proven);
  return { ...proof, version: proof.version + 1, proven_at: given.now.toISOString(), expires_at };
}

/**
 * What was proven here. At a session only while somebody is signed in by it; such a proof is used from the start, and then it is what the
 * workspace was taken over by.
 */
export function provenHere<P extends MailboxProof>(found: {
  readonly atBrowser: P | null;
  readonly atSession: P | null;
  readonly person: object | null;
}): P | null {
  return (found.person && found.atSession) ?? found.atBrowser;
}

/** Whether a workspace can be taken over by it now. */
export const isUsable = (proof: MailboxProof, now: Date): boolean =>
  proof.proven_at !== null && proof.used_at === null && !isOver(proof, now);

/** A workspace is taken over by it: never again. */
export function usedProof(proof: MailboxProof, given: Pick<Given, 'now'>): MailboxProof {
  return { ...proof, version: proof.version + 1, used_at: given.now.toISOString() };
}

/** The 256 bits in the link that is mailed, as 43 base62 characters. Derived, so that the mail can be written without storing them. */
export function proofToken(derive: Derive, proofId: string): string {
  return base62(derive('mailbox-link', proofId, 1), 43);
}

/** Where the link in the mail leads. */
export function proofUrl(origin: string, token: string): string {
  return `${origin}/claim/mailbox/${token}`;
}

/**
 * Counts a code that is tried at a claim link, right or wrong: whether it is right is what somebody guesses at, and of many tries at once only
 * as many are committed as may be.
 */
export function triedClaimCode({ workspace_id, claim_version }: LinkedWorkspace, now: Date): NonNullable<Changes['counters']>[number] {
  const quarter = Math.floor(now.getTime() / 900_000);
  return { name: 'claim.codes', subject: `${workspace_id}.${claim_version}:${quarter}`, by: 1, limit: mostCodes };
}

/** Whether a user code was typed as it was given: case, spaces and dashes do not count. Compared as keyed hashes, which take as long whichever. */
export function isCode(typed: string, code: string, derive: Derive): boolean {
  const hashOf = (text: string) => bytesToHex(derive('claim-code', text.toUpperCase().replace(/[\s-]/g, ''), 1));
  return hashOf(typed) === hashOf(code);
}

function newProof({ workspace_id, claim_hash }: LinkedWorkspace, mailbox: Mailbox, via: MailboxProof['via'], given: Given): MailboxProof {
  const proof_id = given.newId('mbx');
  return {
    ...{ proof_id, workspace_id, claim_hash, token_hash: secretHash(proofToken(given.derive, proof_id)) },
    ...{ browser_hash: mailbox.browserHash, email: mailbox.email, via, version: 1, created_at: given.now.toISOString() },
    ...{ expires_at: after(given.now, proofSeconds.asked), proven_at: null, used_at: null },
  };
}

const isOver = ({ expires_at }: MailboxProof, now: Date): boolean => Date.parse(expires_at) <= now.getTime();
const after = (from: Date, seconds: number): string => new Date(from.getTime() + seconds * 1000).toISOString();
