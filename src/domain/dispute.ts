import { reaches, type Tier } from './actor.ts';
import { type Changes, type Given, together } from './decision.ts';
import { ledgerEvent, salt } from './ledger.ts';
import type { ReferralState } from './referral-state.ts';
import { closeHold, openHold } from './referral-step.ts';
import { ok, type Refusal, type Result, refuse } from './result.ts';

/** What a party wrote: a stranger's text, kept erasable beside the ledger. The address is shown, never fetched. */
export interface DisputeText {
  readonly claim: string;
  readonly evidence_url: string | null;
}

/** What a claim hangs on, in our own words, and when that connected the two. */
export interface Basis {
  readonly by: 'referral' | 'workspace' | 'referral_token';
  readonly id: string;
  readonly touched_at: string;
}

/** A claim to a prospect, with what is known of it. */
export interface Claim {
  readonly tenant: string;
  readonly organizationId: string;
  readonly agentId: string | null;
  readonly actor: string;
  readonly tier: Tier;
  readonly programId: string;
  readonly prospectId: string;
  /** Whether the claimant's own domain is the prospect's, and the program allows no resellers. */
  readonly isProspect: boolean;
  /** The claimant's own referral of the prospect, if it has one. */
  readonly own: { readonly referralId: string; readonly status: ReferralState } | null;
  /** Whoever the newest attribution credits. */
  readonly winner: { readonly referralId: string; readonly organizationId: string } | null;
  /** A dispute of the same claimant and prospect that is open, or ended without success while the same referral was credited. */
  readonly earlier: { readonly disputeId: string; readonly status: 'open' | 'denied' | 'withdrawn' } | null;
  readonly basis: Basis;
  readonly text: DisputeText;
}

export interface OpenedDispute {
  readonly disputeId: string;
  readonly evidenceId: string;
  readonly openedAt: string;
  readonly decideBy: string;
  readonly changes: Changes;
}

/** An undecided dispute is denied after this many days. */
export const decisionDays = 14;
/** Disputes that one organization may have open at once. */
export const mostOpenDisputes = 20;
/** Texts that one party may add to a dispute. */
export const mostEvidence = 20;

const day = 86_400_000;
const theDesk = 'system:disputes';

/**
 * Opens a dispute: what the current winner has not been paid is held, at most fourteen days. Refuses what can never succeed, and a
 * second attempt at the same decision (it would hold somebody else's money for another fourteen days).
 */
export function openDispute(claim: Claim, given: Given): Result<OpenedDispute, 'state.forbidden' | 'resource.conflict'> {
  const barred = whyBarred(claim);
  if (barred) return barred;
  const { tenant, organizationId, own, winner, basis } = claim;
  const disputeId = given.newId('dsp');
  const openedAt = given.now.toISOString();
  const decideBy = new Date(given.now.getTime() + decisionDays * day).toISOString();
  const written = writtenDown({ disputeId, organizationId, author: claim.actor, text: claim.text, more: { basis } }, given);
  const event = ledgerEvent(given, tenant, {
    kind: 'dispute.opened',
    subjectId: disputeId,
    organizationId,
    ...(own ? { referralId: own.referralId } : {}),
    facts: { program: claim.programId, prospect: claim.prospectId, decide_by: decideBy, evidence: written.evidenceId },
    content: written.content,
  });
  const row = {
    ...{ dispute_id: disputeId, organization_id: organizationId, agent_id: claim.agentId, program_id: claim.programId },
    ...{ prospect_id: claim.prospectId, claim_referral_id: own?.referralId ?? null, contested_referral_id: winner?.referralId ?? null },
    ...{ opened_at: openedAt, decide_by: decideBy },
  };
  const counters = [{ ...countOf(organizationId), by: 1, limit: mostOpenDisputes }];
  // Opened by us, not by the claimant: whoever is held learns that it is disputed, not by whom.
  const held = winner ? openHold(tenant, winner, { kind: 'dispute', cause: disputeId, actor: theDesk }, given) : {};
  const opened: Changes = { disputes: [row], dispute_evidence: [written.row], ledger_events: [event], counters };
  return ok({ disputeId, evidenceId: written.evidenceId, openedAt, decideBy, changes: together(opened, held) });
}

function whyBarred(claim: Claim): Refusal<'state.forbidden' | 'resource.conflict'> | null {
  const { own, winner, earlier } = claim;
  const forbidden = (detail: string) => refuse('state.forbidden', { detail });
  if (earlier?.status === 'open')
    return refuse('resource.conflict', { detail: 'Your dispute about this prospect is open: add evidence to it.' });
  if (!reaches(claim.tier, 'domain_verified'))
    return forbidden('Only an organization whose domain is verified may dispute. Verify yours with the vendor, then ask again.');
  if (claim.isProspect) return forbidden('The prospect is your own organization: this program credits nobody for itself.');
  if (winner?.organizationId === claim.organizationId) return forbidden('The prospect is credited to your organization already.');
  if (own && own.status !== 'pending' && own.status !== 'rejected')
    return forbidden('Only a referral that is pending or rejected can be disputed.');
  if (earlier) return forbidden('An earlier dispute of yours about the same decision has ended. It is decided once.');
  return null;
}

/** A dispute as later decisions see it. `holds` and `holders`: what it holds now, and whose that is. */
export interface Dispute {
  readonly disputeId: string;
  readonly organizationId: string;
  readonly agentId: string | null;
  readonly programId: string;
  readonly prospectId: string;
  readonly claimReferralId: string | null;
  readonly status: 'open' | 'upheld' | 'denied' | 'withdrawn';
  readonly openedAt: Date;
  readonly decideBy: Date;
  readonly holds: readonly DisputeHold[];
  /** Every text that was handed in, oldest first. */
  readonly evidenceIds: readonly string[];
}

export interface DisputeHold {
  readonly holdId: string;
  readonly referralId: string;
  readonly organizationId: string;
}

/** A dispute as it is stored, in the database's own column names. */
export interface StoredDispute {
  readonly dispute_id: string;
  readonly organization_id: string;
  readonly agent_id: string | null;
  readonly program_id: string;
  readonly prospect_id: string;
  readonly claim_referral_id: string | null;
  readonly status: Dispute['status'];
  readonly opened_at: string;
  readonly decide_by: string;
  readonly holds: readonly { readonly hold_id: string; readonly referral_id: string; readonly organization_id: string }[];
  readonly evidence: readonly { readonly evidence_id: string }[];
}

export const readDispute = (row: StoredDispute): Dispute => ({
  ...{ disputeId: row.dispute_id, organizationId: row.organization_id, agentId: row.agent_id, programId: row.program_id },
  ...{ prospectId: row.prospect_id, claimReferralId: row.claim_referral_id, status: row.status },
  ...{ openedAt: new Date(row.opened_at), decideBy: new Date(row.decide_by) },
  holds: readHolds(row.holds),
  evidenceIds: row.evidence.map(({ evidence_id }) => evidence_id),
});

export const readHolds = (rows: StoredDispute['holds']): readonly DisputeHold[] =>
  rows.map(({ hold_id, referral_id, organization_id }) => ({ holdId: hold_id, referralId: referral_id, organizationId: organization_id }));

/** Adds what a party has to say. `organizationId` null: the vendor's own people. `count`: what that party has handed in before. */
export function addDisputeEvidence(
  tenant: string,
  dispute: Pick<Dispute, 'disputeId' | 'status'>,
  by: { readonly organizationId: string | null; readonly referralId: string | null; readonly actor: string; readonly count: number },
  text: DisputeText,
  given: Given,
): Result<{ readonly evidenceId: string; readonly at: string; readonly changes: Changes }, 'state.forbidden'> {
  if (dispute.status !== 'open') return alreadyDecided;
  if (by.count >= mostEvidence) return refuse('state.forbidden', { detail: 'This dispute holds as much evidence of yours as it can.' });
  const { disputeId } = dispute;
  const written = writtenDown({ disputeId, organizationId: by.organizationId, author: by.actor, text }, given);
  const event = ledgerEvent(given, tenant, {
    kind: 'dispute.evidence_added',
    subjectId: disputeId,
    organizationId: by.organizationId,
    ...(by.referralId === null ? {} : { referralId: by.referralId }),
    facts: { evidence: written.evidenceId },
    content: written.content,
  });
  const changes: Changes = { dispute_evidence: [written.row], ledger_events: [event] };
  return ok({ evidenceId: written.evidenceId, at: event.recorded_at, changes });
}

/** Why a dispute ended: a closed list, because it is written into the ledger. */
export const denialReasons = ['evidence_missing', 'evidence_insufficient', 'outside_window', 'claimant_not_eligible', 'mistaken'] as const;
export const upholdingReasons = ['evidence_shown', 'first_contact_shown', 'link_misread', 'credited_by_mistake'] as const;

/** How a dispute was decided and what moved by it. Ids and closed words only. Of the tenant's own people; parties see the outcome. */
export interface DisputeTrace {
  readonly outcome: 'upheld' | 'denied' | 'withdrawn';
  readonly reason: string;
  readonly decided_by: string;
  readonly evidence: readonly string[];
  readonly moved: {
    readonly from: { readonly referral: string; readonly became: ReferralState; readonly rewards_reversed: readonly string[] } | null;
    readonly to: { readonly referral: string; readonly became: ReferralState; readonly opened: boolean } | null;
    readonly attribution: number | null;
  };
}

export const nothingMoved: DisputeTrace['moved'] = { from: null, to: null, attribution: null };

/** Why and by whom a dispute ends. */
export interface Ruling {
  readonly tenant: string;
  readonly actor: string;
  readonly reason: string;
}

/** The claim does not hold: its holds are closed, nothing moves. */
export const denyDispute = (dispute: Dispute, ruling: Ruling, given: Given): Result<Changes, 'state.forbidden'> =>
  endUnmoved(dispute, 'denied', ruling, given);

/** The claimant takes it back. It cannot be opened again while the same referral is credited. */
export const withdrawDispute = (dispute: Dispute, ruling: Omit<Ruling, 'reason'>, given: Given): Result<Changes, 'state.forbidden'> =>
  endUnmoved(dispute, 'withdrawn', { ...ruling, reason: 'withdrawn' }, given);

/** Nobody decided in time, so what stands stands. Nothing where it is not open any more, or not due yet. */
export function lapseDispute(tenant: string, dispute: Dispute, given: Given): Changes {
  if (dispute.status !== 'open' || dispute.decideBy > given.now) return {};
  const ended = endUnmoved(dispute, 'denied', { tenant, actor: theDesk, reason: 'time_limit' }, given);
  return ended.ok ? ended.value : {};
}

function endUnmoved(dispute: Dispute, outcome: 'denied' | 'withdrawn', ruling: Ruling, given: Given): Result<Changes, 'state.forbidden'> {
  return dispute.status === 'open' ? ok(endDispute(dispute, outcome, ruling, nothingMoved, given)) : alreadyDecided;
}

/** Closes the dispute and its holds, and tells each party on its own timeline. What moved was decided before. */
export function endDispute(
  dispute: Dispute,
  outcome: DisputeTrace['outcome'],
  { tenant, actor, reason }: Ruling,
  moved: DisputeTrace['moved'],
  given: Given,
): Changes {
  const trace: DisputeTrace = { outcome, reason, decided_by: actor, evidence: dispute.evidenceIds, moved };
  const own = moved.to?.referral ?? dispute.claimReferralId;
  const parties = [{ organizationId: dispute.organizationId, referralId: own }, ...dispute.holds];
  const resolved = parties.map(({ organizationId, referralId }) =>
    ledgerEvent(given, tenant, {
      kind: 'dispute.resolved',
      subjectId: dispute.disputeId,
      organizationId,
      ...(referralId === null ? {} : { referralId }),
      facts: { outcome, because: reason },
    }),
  );
  // Whoever is held learns that the dispute is over, not whose it was.
  const closedBy = (hold: DisputeHold): string =>
    outcome === 'withdrawn' && hold.organizationId !== dispute.organizationId ? theDesk : actor;
  const closed = dispute.holds.map((hold) =>
    closeHold(tenant, hold, { holdId: hold.holdId, kind: 'dispute', actor: closedBy(hold), because: `dispute.${outcome}` }, given),
  );
  const row = {
    dispute_id: dispute.disputeId,
    status: outcome,
    decided_at: given.now.toISOString(),
    decided_by: actor,
    because: reason,
    trace,
  };
  const counters = [{ ...countOf(dispute.organizationId), by: -1, limit: 0 }];
  return together(...closed, { ledger_events: resolved, decided_disputes: [row], counters });
}

export const alreadyDecided = refuse('state.forbidden', { detail: 'The dispute has ended already.' });

const countOf = (organizationId: string) => ({ name: 'disputes.open', subject: organizationId });

/** The erasable row of a text, and what its leaf is blinded with. `more`: what we know of it, beside the stranger's words. */
function writtenDown(
  what: {
    readonly disputeId: string;
    readonly organizationId: string | null;
    readonly author: string;
    readonly text: DisputeText;
    readonly more?: object;
  },
  given: Given,
) {
  const evidenceId = given.newId('dev');
  const blinding = salt(given);
  const row = {
    ...{ evidence_id: evidenceId, dispute_id: what.disputeId, organization_id: what.organizationId, added_by: what.author },
    ...{ content: { salt: blinding, text: what.text, ...what.more }, created_at: given.now.toISOString() },
  };
  return { evidenceId, row, content: { salt: blinding, value: what.text } };
}
