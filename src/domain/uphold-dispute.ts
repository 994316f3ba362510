import { canonicalize, sha256Hex } from './canonical.ts';
import { type Changes, type Given, type ToSign, together } from './decision.ts';
import { type Basis, type Dispute, type DisputeHold, type DisputeTrace, endDispute, nothingMoved, type Ruling } from './dispute.ts';
import { earn } from './earn.ts';
import type { EarningFacts } from './earn-facts.ts';
import { judgeEffect } from './judge-effect.ts';
import { ledgerEvent } from './ledger.ts';
import type { ProgramTerms } from './program.ts';
import { qualifyingPayments } from './qualification.ts';
import { credit, type ProgramBinding } from './referral.ts';
import { addEvidence, closeHold, countedIn, type JudgedReferral, openHold, qualifiedBefore, stepReferral } from './referral-step.ts';
import { isPromise, type Reward, reduce, withdraw } from './reward.ts';
import { undoEffect } from './take-back.ts';

/** A referral of the claimant's to the disputed prospect. */
export interface ClaimantReferral extends JudgedReferral {
  readonly terms: ProgramTerms;
  readonly termsSha256: string;
  /** Whether it has ever earned anything: what was earned once cannot be earned again under it. */
  readonly earned: boolean;
  readonly touchedAt: Date;
}

/** Everything that upholding a dispute depends on. */
export interface DisputeFile {
  readonly tenant: string;
  readonly origin: string;
  readonly dispute: Dispute;
  /** What the claim hangs on, as it was stored at the start; null once it was erased. */
  readonly basis: Basis | null;
  /** The version that a referral which is opened now is bound to. */
  readonly program: ProgramBinding & { readonly terms: ProgramTerms };
  /** The newest attribution, with the referral that it credits and what that has earned; null while nobody is credited. */
  readonly credited: {
    readonly seq: number;
    readonly referral: JudgedReferral;
    readonly rewards: readonly Reward[];
    /** Since when payments earn. */
    readonly from: Date;
  } | null;
  /** The claimant's referrals of this prospect, newest first. */
  readonly own: readonly ClaimantReferral[];
  /** Other open disputes about the same prospect, with what they hold. */
  readonly others: readonly { readonly disputeId: string; readonly holds: readonly DisputeHold[] }[];
  readonly earning: EarningFacts;
}

/** What is written, and which receipt has to be signed for it first. */
export interface Upheld {
  readonly sign: Readonly<Record<string, ToSign>>;
  readonly changes: (signed: Readonly<Record<string, string>>) => Changes;
}

const because = 'dispute.upheld';

/**
 * The claim holds. Whoever was credited loses the referral and every reward of it that is not over; the claimant's referral qualifies and
 * earns under its own terms, as if it had been credited then. What the referred side was given stays its own and is not given twice; the attribution is decided again under the next number. While nobody is credited and the claimant's
 * referral can still be judged, it counts as evidenced and the prospect is judged once more: conditions and window hold for it, too.
 */
export function upholdDispute(file: DisputeFile, ruling: Ruling, given: Given): Upheld {
  const { dispute, credited } = file;
  if (credited?.referral.organizationId === dispute.organizationId) {
    const changes = endDispute(dispute, 'upheld', ruling, nothingMoved, given);
    return { sign: {}, changes: () => changes };
  }
  const claimant = claimantOf(file, given);
  const rest =
    credited === null && claimant.referral.status === 'pending'
      ? toBeJudged(file, claimant.referral, ruling, given)
      : transferred(file, claimant, ruling, given);
  return { sign: claimant.sign, changes: (signed) => together(claimant.opened(signed), rest) };
}

interface Claimant {
  readonly referral: ClaimantReferral;
  readonly isNew: boolean;
  readonly sign: Upheld['sign'];
  readonly opened: Upheld['changes'];
}

/** The claimant's open referral; else the rejected one that the claim names, or its newest; else a new one. */
function claimantOf(file: DisputeFile, given: Given): Claimant {
  const rejected = file.own.filter(({ status, earned }) => status === 'rejected' && !earned);
  const known =
    file.own.find(({ status }) => status === 'pending') ??
    rejected.find(({ referralId }) => referralId === file.dispute.claimReferralId) ??
    rejected[0];
  if (known) return { referral: known, isNew: false, sign: {}, opened: () => ({}) };
  const { dispute, program, basis, tenant, origin } = file;
  const { organizationId, agentId, prospectId } = dispute;
  const evidencedAt = basis === null ? dispute.openedAt : new Date(basis.touched_at);
  const made = credit(
    {
      ...{ tenant, origin, program, prospectId, existing: null, via: 'report', evidencedAt, particulars: {} },
      attribution: { outcome: 'attributed', rule: 'dispute', organizationId, agentId, token: null },
      workspaceId: basis?.by === 'workspace' ? basis.id : null,
    },
    given,
  );
  const referralId = made.referral.id;
  return {
    referral: {
      ...{ referralId, organizationId, status: 'pending', seq: 1, evidenced: true, earned: false },
      ...{ terms: program.terms, termsSha256: program.sha256, touchedAt: evidencedAt },
    },
    isNew: true,
    sign: made.toSign ? { [referralId]: made.toSign } : {},
    opened: (signed) => made.changes(signed[referralId] ?? ''),
  };
}

/** The finding is evidence from the moment of the touch that it confirms. */
function toBeJudged({ tenant, dispute }: DisputeFile, referral: ClaimantReferral, ruling: Ruling, given: Given): Changes {
  const found = { kind: 'report', source: dispute.disputeId, occurredAt: referral.touchedAt } as const;
  return together(
    addEvidence(tenant, referral, dispute.prospectId, found, given).changes,
    { effects: [judgeEffect(dispute.prospectId, given)] },
    endDispute(dispute, 'upheld', ruling, nothingMoved, given),
  );
}

function transferred(file: DisputeFile, { referral, isNew }: Claimant, ruling: Ruling, given: Given): Changes {
  const { tenant, dispute, credited } = file;
  const cause = { tenant, actor: ruling.actor, because, disputeId: dispute.disputeId };
  const lost = credited ? takenBack(credited, cause, given) : null;
  const before = qualifiedBefore(referral.organizationId, file.earning.capUse);
  const won = stepReferral(referral, 'qualified', { ...cause, ...countedIn(referral.terms, before) }, given);
  const from = credited?.from ?? referral.touchedAt;
  const seq = (credited?.seq ?? 0) + 1;
  const moved: DisputeTrace['moved'] = {
    from: lost?.trace ?? null,
    to: { referral: referral.referralId, became: won.referral.status, opened: isNew },
    attribution: seq,
  };
  return together(
    lost?.changes ?? {},
    won.changes,
    earn({ tenant, prospectId: dispute.prospectId, referral, from, ...earningAnew(file, referral, before) }, given),
    attributedAnew(file, referral, { seq, from }, given),
    ...file.others.map((other) => heldAnew(tenant, other, referral, ruling, given)),
    endDispute(dispute, 'upheld', ruling, moved, given),
  );
}

/** What the prospect was not sent yet is taken back with the rest, and may be earned anew. */
function earningAnew({ earning }: DisputeFile, { terms }: ClaimantReferral, before: number) {
  return {
    qualified: { before, by: qualifyingPayments(terms, earning.payments) },
    facts: { ...earning, earned: earning.earned.filter(({ isUnsent }) => !isUnsent) },
  };
}

/** What was credited wrongly is over: the referral by the step that its state allows, every reward down to nothing. */
function takenBack(
  { referral, rewards }: NonNullable<DisputeFile['credited']>,
  cause: { readonly tenant: string; readonly actor: string; readonly because: string; readonly disputeId: string },
  given: Given,
) {
  const to = referral.status === 'rewarded' ? 'reversed' : referral.status === 'qualified' ? 'rejected' : null;
  const stepped = to === null ? { referral, changes: {} } : stepReferral(referral, to, cause, given);
  const lost = rewards.filter(
    ({ organizationId, status }) => organizationId === referral.organizationId || status === 'accrued' || status === 'available',
  );
  const reduced = lost.flatMap((reward) => {
    const source = { id: cause.disputeId, cumulativeMinor: reward.accruedMinor };
    if (isPromise(reward)) return withdraw(reward, source, cause, given) ?? [];
    return reduce(reward, reward.accruedMinor, source, cause, given) ?? [];
  });
  const rewards_reversed = reduced.map(({ reward }) => reward.rewardId);
  const handedOver = lost.filter(({ rewardId, status }) => status === 'fulfilled' && rewards_reversed.includes(rewardId));
  const effects = handedOver.flatMap((reward) => undoEffect(reward, undefined, given) ?? []);
  return {
    changes: together(stepped.changes, ...reduced.map(({ changes }) => changes), effects.length > 0 ? { effects } : {}),
    trace: { referral: referral.referralId, became: stepped.referral.status, rewards_reversed },
  };
}

function attributedAnew(
  { tenant, dispute, credited }: DisputeFile,
  winner: ClaimantReferral,
  { seq, from }: { readonly seq: number; readonly from: Date },
  given: Given,
): Changes {
  const { disputeId, programId, prospectId } = dispute;
  const nameOf = ({ referralId, organizationId }: JudgedReferral) => ({ referral: referralId, organization: organizationId });
  const trace = {
    ...{ rule: 'dispute', dispute: disputeId, judged_at: given.now.toISOString(), earns_from: from.toISOString() },
    winner: { ...nameOf(winner), touched_at: winner.touchedAt.toISOString() },
    losers: credited ? [{ ...nameOf(credited.referral), reason: because }] : [],
  };
  const decided = ledgerEvent(given, tenant, {
    kind: 'attribution.decided',
    subjectId: winner.referralId,
    organizationId: winner.organizationId,
    referralId: winner.referralId,
    facts: { program: programId, prospect: prospectId, rule: trace.rule, dispute: disputeId, trace_sha256: sha256Hex(canonicalize(trace)) },
  });
  const row = {
    ...{ program_id: programId, prospect_id: prospectId, seq, referral_id: winner.referralId, organization_id: winner.organizationId },
    ...{ rule: trace.rule, trace, dispute_id: disputeId, entry_id: decided.event_id, decided_at: decided.recorded_at },
  };
  return { ledger_events: [decided], attributions: [row] };
}

/** Another claim to the same prospect is now one against the new winner. */
function heldAnew(
  tenant: string,
  other: DisputeFile['others'][number],
  winner: ClaimantReferral,
  { actor }: Ruling,
  given: Given,
): Changes {
  const closed = other.holds.map((hold) =>
    closeHold(tenant, hold, { holdId: hold.holdId, kind: 'dispute', actor, because: 'attribution.decided_again' }, given),
  );
  return together(...closed, openHold(tenant, winner, { kind: 'dispute', cause: other.disputeId, actor: 'system:disputes' }, given));
}
