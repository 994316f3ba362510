import { sql } from 'drizzle-orm';
import { check, foreignKey, index, integer, jsonb, primaryKey, text, unique, uniqueIndex } from 'drizzle-orm/pg-core';
import { frontdesk, instant, readerOfOrganization, readerOfStaff, tenantId, writerOfTenant } from './policies.ts';
import { prospects, referrals } from './referrals.ts';

/**
 * Every step of a referral after its birth, append-only. A referral is born pending by its own row; step `seq` begins where step
 * `seq - 1` ended, which a foreign key holds: no state is skipped and no two steps have one number.
 */
export const referralTransitions = frontdesk.table(
  'referral_transitions',
  {
    tenantId: tenantId(),
    referralId: text('referral_id').notNull(),
    seq: integer('seq').notNull(),
    previousSeq: integer('previous_seq').generatedAlwaysAs(sql`nullif(seq - 1, 1)`),
    fromState: text('from_state').notNull(),
    toState: text('to_state').notNull(),
    organizationId: text('organization_id').notNull(),
    because: text('because').notNull(),
    actor: text('actor').notNull(),
    /** Set on the one way back from `rejected`. */
    disputeId: text('dispute_id'),
    entryId: text('entry_id').notNull(),
    at: instant('at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.referralId, t.seq] }),
    unique('referral_transitions_end').on(t.tenantId, t.referralId, t.seq, t.toState),
    foreignKey({
      name: 'referral_transitions_follow',
      columns: [t.tenantId, t.referralId, t.previousSeq, t.fromState],
      foreignColumns: [t.tenantId, t.referralId, t.seq, t.toState],
    }),
    check('referral_transitions_first', sql`seq > 2 or (seq = 2 and from_state = 'pending')`),
    check(
      'referral_transitions_allowed',
      sql`(from_state, to_state) in (('pending', 'qualified'), ('pending', 'rejected'), ('pending', 'expired'), ('qualified', 'rewarded'),
        ('qualified', 'rejected'), ('qualified', 'reversed'), ('rewarded', 'reversed'))
        or (from_state = 'rejected' and to_state = 'qualified' and dispute_id is not null)
        or (from_state = 'reversed' and to_state in ('qualified', 'rewarded') and because = 'refund_failed')`,
    ),
    readerOfOrganization(),
    writerOfTenant(),
  ],
);

/** Reasons why nothing of a referral may be released. Several may be open; one per kind and cause. A projection of `hold.*` events. */
export const holds = frontdesk.table(
  'holds',
  {
    tenantId: tenantId(),
    holdId: text('hold_id').notNull(),
    referralId: text('referral_id').notNull(),
    organizationId: text('organization_id').notNull(),
    kind: text('kind').notNull(),
    /** What it hangs on: a dispute, a key, a rule. */
    cause: text('cause').notNull(),
    openedAt: instant('opened_at').notNull(),
    openedBy: text('opened_by').notNull(),
    closedAt: instant('closed_at'),
    closedBy: text('closed_by'),
    closedBecause: text('closed_because'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.holdId] }),
    uniqueIndex('holds_open').on(t.tenantId, t.referralId, t.kind, t.cause).where(sql`closed_at is null`),
    index('holds_waiting').on(t.tenantId, t.holdId).where(sql`closed_at is null`),
    index('holds_of_organization').on(t.tenantId, t.organizationId, t.holdId).where(sql`closed_at is null`),
    check('holds_kind', sql`kind in ('risk', 'dispute', 'payment_dispute', 'review')`),
    check('holds_closed', sql`(closed_at is null) = (closed_by is null) and (closed_at is null) = (closed_because is null)`),
    readerOfOrganization(),
    writerOfTenant(),
  ],
);

/** What the prospect or the vendor linked to a referral. Append-only. */
export const evidence = frontdesk.table(
  'evidence',
  {
    tenantId: tenantId(),
    evidenceId: text('evidence_id').notNull(),
    referralId: text('referral_id').notNull(),
    organizationId: text('organization_id').notNull(),
    prospectId: text('prospect_id').notNull(),
    kind: text('kind').notNull(),
    /** The report, workspace or token it is read from. */
    source: text('source').notNull(),
    /** When the link came to be, by the source's own clock. */
    occurredAt: instant('occurred_at').notNull(),
    entryId: text('entry_id').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.evidenceId] }),
    unique('evidence_once').on(t.tenantId, t.referralId, t.kind, t.source),
    foreignKey({
      name: 'evidence_referral',
      columns: [t.tenantId, t.referralId],
      foreignColumns: [referrals.tenantId, referrals.referralId],
    }),
    check('evidence_kind', sql`kind in ('workspace_claimed', 'report', 'prospect_redeemed', 'checkout', 'stripe_metadata')`),
    readerOfOrganization(),
    writerOfTenant(),
  ],
);

/** Who was credited with a prospect, by which rule, and who lost why. Decided once; a dispute decides again under the next number. Append-only. */
export const attributions = frontdesk.table(
  'attributions',
  {
    tenantId: tenantId(),
    programId: text('program_id').notNull(),
    prospectId: text('prospect_id').notNull(),
    seq: integer('seq').notNull(),
    referralId: text('referral_id').notNull(),
    organizationId: text('organization_id').notNull(),
    rule: text('rule').notNull(),
    /** Every candidate with its touches, and why it won or lost. */
    trace: jsonb('trace').notNull(),
    disputeId: text('dispute_id'),
    entryId: text('entry_id').notNull(),
    decidedAt: instant('decided_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.programId, t.prospectId, t.seq] }),
    foreignKey({
      name: 'attributions_referral',
      columns: [t.tenantId, t.referralId],
      foreignColumns: [referrals.tenantId, referrals.referralId],
    }),
    check('attributions_seq', sql`seq >= 1 and (seq = 1 or dispute_id is not null)`),
    readerOfStaff(),
    writerOfTenant(),
  ],
);

/** A claim that an attribution is wrong. A projection of `dispute.*` events; its texts are in `dispute_evidence`. */
export const disputes = frontdesk.table(
  'disputes',
  {
    tenantId: tenantId(),
    disputeId: text('dispute_id').notNull(),
    /** Who claims. */
    organizationId: text('organization_id').notNull(),
    agentId: text('agent_id'),
    programId: text('program_id').notNull(),
    prospectId: text('prospect_id').notNull(),
    /** The claimant's own referral, if it has one. */
    claimReferralId: text('claim_referral_id'),
    /** The referral of whoever is credited now, which is held. */
    contestedReferralId: text('contested_referral_id'),
    status: text('status').notNull(),
    openedAt: instant('opened_at').notNull(),
    decideBy: instant('decide_by').notNull(),
    decidedAt: instant('decided_at'),
    decidedBy: text('decided_by'),
    because: text('because'),
    trace: jsonb('trace'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.disputeId] }),
    foreignKey({
      name: 'disputes_prospect',
      columns: [t.tenantId, t.prospectId],
      foreignColumns: [prospects.tenantId, prospects.prospectId],
    }),
    uniqueIndex('disputes_one_open').on(t.tenantId, t.prospectId, t.organizationId).where(sql`status = 'open'`),
    index('disputes_waiting').on(t.tenantId, t.disputeId).where(sql`status = 'open'`),
    index('disputes_to_decide').on(t.tenantId, t.decideBy).where(sql`status = 'open'`),
    index('disputes_of_organization').on(t.tenantId, t.organizationId, t.disputeId),
    check('disputes_status', sql`status in ('open', 'upheld', 'denied', 'withdrawn')`),
    check('disputes_decided', sql`(status = 'open') = (decided_at is null)`),
    readerOfOrganization(),
    writerOfTenant(),
  ],
);

/** What parties of a dispute wrote: strangers' text, erasable; the ledger holds its blinded hash. */
export const disputeEvidence = frontdesk.table(
  'dispute_evidence',
  {
    tenantId: tenantId(),
    evidenceId: text('evidence_id').notNull(),
    disputeId: text('dispute_id').notNull(),
    organizationId: text('organization_id'),
    addedBy: text('added_by').notNull(),
    content: jsonb('content').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.disputeId, t.evidenceId] }),
    foreignKey({
      name: 'dispute_evidence_dispute',
      columns: [t.tenantId, t.disputeId],
      foreignColumns: [disputes.tenantId, disputes.disputeId],
    }),
    readerOfOrganization(),
    writerOfTenant(),
  ],
);
