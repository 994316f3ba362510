import { sql } from 'drizzle-orm';
import { boolean, check, foreignKey, index, jsonb, primaryKey, text, unique } from 'drizzle-orm/pg-core';
import { frontdesk, instant, int8, readerOfOrganization, readerOfStaff, tenantId, writerOfTenant } from './policies.ts';
import { rewards } from './rewards.ts';
import { organizations } from './tenants.ts';

/** The tenant's account at Stripe: one each. Key and webhook secrets are sealed under the server key. */
export const stripeAccounts = frontdesk.table(
  'stripe_accounts',
  {
    tenantId: text('tenant_id').primaryKey(),
    accountId: text('account_id').notNull(),
    livemode: boolean('livemode').notNull(),
    /** JSON of `secret_key` and `webhook_secrets`, newest first, sealed. */
    sealed: text('sealed').notNull(),
    /** Up to when Stripe's own list of events was compared with what its webhooks brought. */
    eventsSeenAt: instant('events_seen_at').notNull(),
    connectedAt: instant('connected_at').notNull(),
  },
  () => [writerOfTenant()],
);

/** The inbox: what Stripe told, each once. What it is about is read again from Stripe, so that order and age do not matter. */
export const stripeEvents = frontdesk.table(
  'stripe_events',
  {
    tenantId: tenantId(),
    eventId: text('event_id').notNull(),
    type: text('type').notNull(),
    /** The object that it is about. */
    objectId: text('object_id'),
    /** The connected account that it is from; null: the tenant's own. */
    account: text('account'),
    createdAt: instant('created_at').notNull(),
    receivedAt: instant('received_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.eventId] }),
    index('stripe_events_age').on(t.tenantId, t.receivedAt),
    readerOfStaff(),
    writerOfTenant(),
  ],
);

/** Paid invoices of customers, as Stripe shows them now. Amounts in the currency's smallest unit. */
export const payments = frontdesk.table(
  'payments',
  {
    tenantId: tenantId(),
    invoiceId: text('invoice_id').notNull(),
    stripeCustomer: text('stripe_customer').notNull(),
    currency: text('currency').notNull(),
    /** Cash collected, net of tax, discounts, applied balance and credits: the base of rewards. */
    collectedMinor: int8('collected_minor').notNull(),
    /** Cash collected, tax included: what refunds are a part of. */
    paidMinor: int8('paid_minor').notNull(),
    /** `paid`, or what became of it. */
    status: text('status').notNull(),
    outOfBand: boolean('out_of_band').notNull(),
    subscription: text('subscription'),
    paidAt: instant('paid_at').notNull(),
    /** When Stripe was asked: an older answer does not replace a newer one. */
    seenAt: instant('seen_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.invoiceId] }),
    index('payments_of_customer').on(t.tenantId, t.stripeCustomer, t.paidAt),
    check('payments_status', sql`status in ('paid', 'void', 'uncollectible')`),
    check('payments_amounts', sql`collected_minor between 0 and paid_minor and currency ~ '^[a-z]{3}$'`),
    readerOfStaff(),
    writerOfTenant(),
  ],
);

/** Refunds, credit notes and payment disputes of an invoice, as Stripe shows them now. One may come before its payment. */
export const paymentReversals = frontdesk.table(
  'payment_reversals',
  {
    tenantId: tenantId(),
    sourceId: text('source_id').notNull(),
    invoiceId: text('invoice_id').notNull(),
    kind: text('kind').notNull(),
    currency: text('currency').notNull(),
    /** Tax included, as `payments.paid_minor`. What a credit note gave back by a refund stands with the refund. */
    amountMinor: int8('amount_minor').notNull(),
    /** `open`: a dispute that is not decided; `void`: a failed refund, a voided credit note, a won dispute. */
    state: text('state').notNull(),
    at: instant('at').notNull(),
    seenAt: instant('seen_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.sourceId, t.invoiceId] }),
    index('payment_reversals_of_invoice').on(t.tenantId, t.invoiceId),
    check('payment_reversals_kind', sql`kind in ('refund', 'credit_note', 'dispute')`),
    check('payment_reversals_state', sql`state in ('open', 'effective', 'void')`),
    check('payment_reversals_amount', sql`amount_minor >= 0 and currency ~ '^[a-z]{3}$'`),
    readerOfStaff(),
    writerOfTenant(),
  ],
);

/** The payments that a reward was earned by, and how much of each counted. Append-only. */
export const rewardBases = frontdesk.table(
  'reward_bases',
  {
    tenantId: tenantId(),
    rewardId: text('reward_id').notNull(),
    invoiceId: text('invoice_id').notNull(),
    /** Net of tax, as `payments.collected_minor`. */
    baseMinor: int8('base_minor').notNull(),
    organizationId: text('organization_id').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.rewardId, t.invoiceId] }),
    foreignKey({ name: 'reward_bases_reward', columns: [t.tenantId, t.rewardId], foreignColumns: [rewards.tenantId, rewards.rewardId] }),
    index('reward_bases_of_invoice').on(t.tenantId, t.invoiceId),
    check('reward_bases_positive', sql`base_minor > 0`),
    readerOfOrganization(),
    writerOfTenant(),
  ],
);

/** Where the money of an organization goes: its customer on the vendor's bill, or its connected account. One each, and each once. */
export const payees = frontdesk.table(
  'payees',
  {
    tenantId: tenantId(),
    organizationId: text('organization_id').notNull(),
    kind: text('kind').notNull(),
    stripeId: text('stripe_id').notNull(),
    /** Who says so. */
    source: text('source').notNull(),
    linkedBy: text('linked_by').notNull(),
    linkedAt: instant('linked_at').notNull(),
    /** Nothing is released or sent to it before: it was changed. */
    frozenUntil: instant('frozen_until'),
    /** Why nothing can be sent to it now, in our own words; null: it can. */
    obstacle: text('obstacle'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.organizationId, t.kind] }),
    unique('payees_once').on(t.tenantId, t.kind, t.stripeId),
    foreignKey({
      name: 'payees_organization',
      columns: [t.tenantId, t.organizationId],
      foreignColumns: [organizations.tenantId, organizations.organizationId],
    }),
    check('payees_kind', sql`kind in ('customer', 'account')`),
    check('payees_source', sql`source in ('operator', 'event', 'metadata', 'onboarding')`),
    readerOfOrganization(),
    writerOfTenant(),
  ],
);

/** Which invoices consumed a customer's balance, read back from Stripe. One credit may span several. Append-only. */
export const creditUses = frontdesk.table(
  'credit_uses',
  {
    tenantId: tenantId(),
    /** Stripe's balance transaction of type `applied_to_invoice`. */
    transactionId: text('transaction_id').notNull(),
    organizationId: text('organization_id').notNull(),
    invoiceId: text('invoice_id').notNull(),
    currency: text('currency').notNull(),
    amountMinor: int8('amount_minor').notNull(),
    at: instant('at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.transactionId] }),
    index('credit_uses_of_organization').on(t.tenantId, t.organizationId, t.transactionId),
    check('credit_uses_amount', sql`amount_minor > 0 and currency ~ '^[a-z]{3}$'`),
    readerOfOrganization(),
    writerOfTenant(),
  ],
);

/** What the comparison with Stripe found, each time it ran. */
export const reconciliations = frontdesk.table(
  'reconciliations',
  {
    tenantId: tenantId(),
    reconciliationId: text('reconciliation_id').notNull(),
    ranAt: instant('ran_at').notNull(),
    ok: boolean('ok').notNull(),
    checks: int8('checks').notNull(),
    findings: jsonb('findings').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.reconciliationId] }),
    check('reconciliations_ok', sql`ok = (jsonb_array_length(findings) = 0)`),
    readerOfStaff(),
    writerOfTenant(),
  ],
);
