import { type Changes, type Given, together } from './decision.ts';
import { sourceInLedger } from './evidence-source.ts';
import { ledgerEvent } from './ledger.ts';
import type { HoldKind } from './ledger-changes.ts';
import type { ProgramTerms } from './program.ts';
import type { ReferralState } from './referral-state.ts';

/** A referral as decisions that judge it see it. */
export interface JudgedReferral {
  readonly referralId: string;
  readonly organizationId: string;
  readonly status: ReferralState;
  readonly seq: number;
  /** Whether the prospect or the vendor ever linked something to it. Until then it counts against the cap of declared referrals. */
  readonly evidenced: boolean;
}

/** What a referral has become, and what that writes. */
export interface SteppedReferral<R extends JudgedReferral = JudgedReferral> {
  readonly referral: R;
  readonly changes: Changes;
}

export interface StepCause {
  readonly tenant: string;
  readonly actor: string;
  readonly because: string;
  readonly disputeId?: string;
  /** How many qualified referrals the organization had when this was decided, if something hangs on it: then the commit refuses another number. */
  readonly qualifiedBefore?: number;
}

/**
 * One step along the allowed ones, which the database knows. A declared referral that is no longer pending frees its place in the cap, and
 * an organization's qualified referrals are counted.
 */
export function stepReferral<R extends JudgedReferral>(referral: R, to: ReferralState, cause: StepCause, given: Given): SteppedReferral<R> {
  const seq = referral.seq + 1;
  const event = ledgerEvent(given, cause.tenant, {
    kind: `referral.${to}`,
    subjectId: referral.referralId,
    organizationId: referral.organizationId,
    referralId: referral.referralId,
    facts: {
      from: referral.status,
      to,
      seq,
      because: cause.because,
      ...(cause.disputeId === undefined ? {} : { dispute: cause.disputeId }),
    },
  });
  const move = {
    ...{ referral_id: referral.referralId, organization_id: referral.organizationId, seq, from_state: referral.status, to_state: to },
    ...{ because: cause.because, actor: cause.actor, dispute_id: cause.disputeId ?? null, entry_id: event.event_id, at: event.recorded_at },
    evidenced: referral.evidenced,
  };
  const freed = referral.status === 'pending' && !referral.evidenced ? [freedDeclaration(referral.organizationId)] : [];
  const counters = [...freed, ...recounted(referral, to, cause.qualifiedBefore)];
  const changes: Changes = { ledger_events: [event], referral_moves: [move], ...(counters.length > 0 ? { counters } : {}) };
  return { referral: { ...referral, status: to, seq }, changes };
}

const freedDeclaration = (organizationId: string) => ({ name: 'referrals.open_declared', subject: organizationId, by: -1, limit: 0 });

/** The counter of an organization's referrals that are qualified or rewarded now. */
export const qualifiedCounter = 'referrals.qualified';

/** What that counter says, among those that were loaded; none: zero. */
export function qualifiedBefore(
  organizationId: string,
  counters: readonly { readonly name: string; readonly subject: string; readonly value: bigint }[],
): number {
  return Number(counters.find(({ name, subject }) => name === qualifiedCounter && subject === organizationId)?.value ?? 0n);
}

/** What a step to `qualified` has to say where an amount hangs on the number. */
export function countedIn({ reward }: Pick<ProgramTerms, 'reward'>, before: number): Pick<StepCause, 'qualifiedBefore'> {
  return reward.rules.some(({ model }) => model === 'tiered') ? { qualifiedBefore: before } : {};
}

function recounted(
  { organizationId, status }: JudgedReferral,
  to: ReferralState,
  before = mostQualified,
): NonNullable<Changes['counters']> {
  const by = Number(isQualified(to)) - Number(isQualified(status));
  return by === 0 ? [] : [{ name: qualifiedCounter, subject: organizationId, by, limit: by > 0 ? before + 1 : 0 }];
}

const isQualified = (state: ReferralState): boolean => state === 'qualified' || state === 'rewarded';
/** No limit: what else is as far away. */
const mostQualified = 1_000_000_000;

/** Something that only this referral carries was linked by the prospect or the vendor. */
export interface Evidence {
  readonly kind: 'workspace_claimed' | 'report' | 'prospect_redeemed' | 'checkout' | 'stripe_metadata';
  /** The report, workspace or token it is read from. */
  readonly source: string;
  readonly occurredAt: Date;
}

/** Records evidence. The first one lifts a pending referral out of the cap of declared ones. */
export function addEvidence<R extends JudgedReferral>(
  tenant: string,
  referral: R,
  prospectId: string,
  evidence: Evidence,
  given: Given,
): SteppedReferral<R> {
  const occurred_at = evidence.occurredAt.toISOString();
  const event = ledgerEvent(given, tenant, {
    kind: 'evidence.recorded',
    subjectId: referral.referralId,
    organizationId: referral.organizationId,
    referralId: referral.referralId,
    facts: { evidence: evidence.kind, source: sourceInLedger(evidence.source), occurred_at },
  });
  const row = {
    ...{
      evidence_id: given.newId('evd'),
      referral_id: referral.referralId,
      organization_id: referral.organizationId,
      prospect_id: prospectId,
    },
    ...{ kind: evidence.kind, source: evidence.source, occurred_at, entry_id: event.event_id, created_at: event.recorded_at },
  };
  const first: Changes = referral.evidenced
    ? {}
    : {
        evidenced: [{ referral_id: referral.referralId, evidenced_at: event.recorded_at, status: referral.status }],
        ...(referral.status === 'pending' ? { counters: [freedDeclaration(referral.organizationId)] } : {}),
      };
  return { referral: { ...referral, evidenced: true }, changes: together({ ledger_events: [event], evidence: [row] }, first) };
}

/** The ledger's word for a hold of this kind: the two that callers see in a referral's status have names of their own. */
const holdEvents: Readonly<Record<HoldKind, readonly [opened: string, closed: string]>> = {
  risk: ['referral.quarantined', 'referral.released'],
  dispute: ['referral.disputed', 'hold.closed'],
  payment_dispute: ['hold.opened', 'hold.closed'],
  review: ['hold.opened', 'hold.closed'],
};

type Held = Pick<JudgedReferral, 'referralId' | 'organizationId'>;

/** From now on nothing of the referral is released or sent. `kind` and `cause` are open once at most. */
export function openHold(
  tenant: string,
  referral: Held,
  hold: { readonly kind: HoldKind; readonly cause: string; readonly actor: string },
  given: Given,
): Changes & { readonly holds: NonNullable<Changes['holds']> } {
  const holdId = given.newId('hld');
  const event = holdEvent(tenant, referral, holdEvents[hold.kind][0], { hold: holdId, hold_kind: hold.kind, cause: hold.cause }, given);
  const row = {
    ...{ hold_id: holdId, referral_id: referral.referralId, organization_id: referral.organizationId, kind: hold.kind, cause: hold.cause },
    ...{ opened_at: event.recorded_at, opened_by: hold.actor },
  };
  return { ledger_events: [event], holds: [row] };
}

/** Closes a hold. The state under it is what it was. */
export function closeHold(
  tenant: string,
  referral: Held,
  hold: { readonly holdId: string; readonly kind: HoldKind; readonly actor: string; readonly because: string },
  given: Given,
): Changes {
  const facts = { hold: hold.holdId, hold_kind: hold.kind, because: hold.because };
  const event = holdEvent(tenant, referral, holdEvents[hold.kind][1], facts, given);
  const row = { hold_id: hold.holdId, closed_at: event.recorded_at, closed_by: hold.actor, closed_because: hold.because };
  return { ledger_events: [event], closed_holds: [row] };
}

function holdEvent(tenant: string, referral: Held, kind: string, facts: Readonly<Record<string, unknown>>, given: Given) {
  const { referralId, organizationId } = referral;
  return ledgerEvent(given, tenant, { kind, subjectId: referralId, organizationId, referralId, facts });
}
