import { sql } from 'drizzle-orm';
import { check, foreignKey, index, integer, jsonb, primaryKey, text, unique, uniqueIndex } from 'drizzle-orm/pg-core';
import { frontdesk, instant, int8, readerOfOrganization, tenantId, writerOfTenant } from './policies.ts';
import { referrals } from './referrals.ts';

/** What a qualified referral earned: who, under which rule and terms, how much. Append-only. Born `accrued`. */
export const rewards = frontdesk.table(
  'rewards',
  {
    tenantId: tenantId(),
    rewardId: text('reward_id').notNull(),
    referralId: text('referral_id').notNull(),
    /** The beneficiary. */
    organizationId: text('organization_id').notNull(),
    side: text('side').notNull(),
    rule: text('rule').notNull(),
    /** What it was earned by: `once`, or the payment of a recurring reward. */
    occasion: text('occasion').notNull(),
    kind: text('kind').notNull(),
    currency: text('currency').notNull(),
    /** Zero: a promise that is no money (a discount, credits, an unlock); `details` says of what. */
    amountMinor: int8('amount_minor').notNull(),
    /** What is promised beside the amount: percent, months, units, feature. */
    details: jsonb('details').notNull().default({}),
    programId: text('program_id').notNull(),
    programVersion: integer('program_version').notNull(),
    termsSha256: text('terms_sha256').notNull(),
    entryId: text('entry_id').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.rewardId] }),
    unique('rewards_once').on(t.tenantId, t.referralId, t.side, t.rule, t.occasion),
    foreignKey({
      name: 'rewards_referral',
      columns: [t.tenantId, t.referralId],
      foreignColumns: [referrals.tenantId, referrals.referralId],
    }),
    check('rewards_side', sql`side in ('referrer', 'referee')`),
    check(
      'rewards_amount',
      sql`amount_minor >= 0 and (amount_minor > 0 or kind in ('stripe_subscription_discount', 'stripe_credit_grant', 'entitlement_unlock'))
        and currency ~ '^[a-z]{3}$'`,
    ),
    readerOfOrganization(),
    writerOfTenant(),
  ],
);

/** Every step of a reward after its birth; as `referral_transitions`. Append-only. */
export const rewardTransitions = frontdesk.table(
  'reward_transitions',
  {
    tenantId: tenantId(),
    rewardId: text('reward_id').notNull(),
    seq: integer('seq').notNull(),
    previousSeq: integer('previous_seq').generatedAlwaysAs(sql`nullif(seq - 1, 1)`),
    fromState: text('from_state').notNull(),
    toState: text('to_state').notNull(),
    referralId: text('referral_id').notNull(),
    organizationId: text('organization_id').notNull(),
    because: text('because').notNull(),
    actor: text('actor').notNull(),
    entryId: text('entry_id').notNull(),
    at: instant('at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.rewardId, t.seq] }),
    unique('reward_transitions_end').on(t.tenantId, t.rewardId, t.seq, t.toState),
    foreignKey({
      name: 'reward_transitions_follow',
      columns: [t.tenantId, t.rewardId, t.previousSeq, t.fromState],
      foreignColumns: [t.tenantId, t.rewardId, t.seq, t.toState],
    }),
    check('reward_transitions_first', sql`seq > 2 or (seq = 2 and from_state = 'accrued')`),
    check(
      'reward_transitions_allowed',
      sql`(from_state, to_state) in (('accrued', 'available'), ('accrued', 'fulfilled'), ('available', 'fulfilling'), ('available', 'fulfilled'), ('fulfilling', 'fulfilled'),
        ('fulfilling', 'available'), ('accrued', 'expired'), ('available', 'expired'), ('accrued', 'reversed'), ('available', 'reversed'),
        ('fulfilled', 'reversed'))
        or (from_state = 'reversed' and to_state in ('accrued', 'available', 'fulfilled') and because = 'refund_failed')`,
    ),
    readerOfOrganization(),
    writerOfTenant(),
  ],
);

/** Projection: where a reward stands now, and how much of it is left. Rebuilt from transitions and entries at will. */
export const rewardStates = frontdesk.table(
  'reward_states',
  {
    tenantId: tenantId(),
    rewardId: text('reward_id').notNull(),
    referralId: text('referral_id').notNull(),
    organizationId: text('organization_id').notNull(),
    kind: text('kind').notNull(),
    status: text('status').notNull(),
    seq: integer('seq').notNull(),
    currency: text('currency').notNull(),
    accruedMinor: int8('accrued_minor').notNull(),
    reversedMinor: int8('reversed_minor').notNull(),
    /** What of it paid back an earlier debt instead of being sent. */
    nettedMinor: int8('netted_minor').notNull(),
    /** From when it may be released, holds aside. */
    availableAt: instant('available_at').notNull(),
    /** Why it cannot be sent although nothing holds it, in our own words. */
    obstacle: text('obstacle'),
    changedAt: instant('changed_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.rewardId] }),
    foreignKey({
      name: 'reward_states_reward',
      columns: [t.tenantId, t.rewardId],
      foreignColumns: [rewards.tenantId, rewards.rewardId],
    }),
    index('reward_states_of_organization').on(t.tenantId, t.organizationId, t.rewardId),
    index('reward_states_by_status').on(t.tenantId, t.status, t.rewardId),
    index('reward_states_by_organization').on(t.tenantId, t.organizationId, t.status, t.rewardId),
    index('reward_states_of_referral').on(t.tenantId, t.referralId, t.rewardId),
    index('reward_states_accrued').on(t.tenantId, t.availableAt).where(sql`status = 'accrued'`),
    index('reward_states_available').on(t.tenantId, t.organizationId, t.currency).where(sql`status = 'available'`),
    index('reward_states_unsent').on(t.tenantId, t.kind, t.rewardId).where(sql`status = 'available'`),
    check('reward_states_reversed', sql`reversed_minor between 0 and accrued_minor`),
    check('reward_states_netted', sql`netted_minor between 0 and accrued_minor`),
    readerOfOrganization(),
    writerOfTenant(),
  ],
);

/** Attempts at handing a reward over. At most one per reward that is not known to have failed, whatever the kind. */
export const fulfilments = frontdesk.table(
  'fulfilments',
  {
    tenantId: tenantId(),
    fulfilmentId: text('fulfilment_id').notNull(),
    rewardId: text('reward_id').notNull(),
    referralId: text('referral_id').notNull(),
    organizationId: text('organization_id').notNull(),
    attempt: integer('attempt').notNull(),
    kind: text('kind').notNull(),
    currency: text('currency').notNull(),
    amountMinor: int8('amount_minor').notNull(),
    /** What at the provider it goes to: a customer, a connected account. Null where the vendor pays by itself. */
    target: text('target'),
    status: text('status').notNull(),
    /** The provider's own name of it, once confirmed. */
    reference: text('reference'),
    sentAt: instant('sent_at').notNull(),
    settledAt: instant('settled_at'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.fulfilmentId] }),
    unique('fulfilments_attempt').on(t.tenantId, t.rewardId, t.attempt),
    uniqueIndex('fulfilments_one').on(t.tenantId, t.rewardId).where(sql`status <> 'failed'`),
    index('fulfilments_sent').on(t.tenantId, t.sentAt).where(sql`status = 'sent'`),
    index('fulfilments_confirmed').on(t.tenantId, t.settledAt).where(sql`status = 'confirmed'`),
    foreignKey({
      name: 'fulfilments_reward',
      columns: [t.tenantId, t.rewardId],
      foreignColumns: [rewards.tenantId, rewards.rewardId],
    }),
    check('fulfilments_status', sql`status in ('sent', 'confirmed', 'failed')`),
    check('fulfilments_settled', sql`(status = 'sent') = (settled_at is null)`),
    check('fulfilments_amount', sql`amount_minor >= 0`),
    readerOfOrganization(),
    writerOfTenant(),
  ],
);
