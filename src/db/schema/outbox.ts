import { sql } from 'drizzle-orm';
import { boolean, check, index, integer, jsonb, primaryKey, text, unique } from 'drizzle-orm/pg-core';
import { frontdesk, instant, int8, readerOfOrganization, readerOfStaff, tenantId, writerOfTenant, xid8 } from './policies.ts';

/**
 * Effects: what has to happen after a commit. A worker claims with a lease; `lease` counts the claims and is the fencing token, so that a
 * worker whose lease ran out settles nothing. Within one `aggregate` nothing is claimed before what stands earlier by `position`.
 */
export const outbox = frontdesk.table(
  'outbox',
  {
    tenantId: tenantId(),
    effectId: text('effect_id').notNull(),
    kind: text('kind').notNull(),
    aggregate: text('aggregate').notNull(),
    position: int8('position').notNull().default(sql`0`),
    /** Whose circuit breaker it stands behind. */
    destination: text('destination'),
    organizationId: text('organization_id'),
    payload: jsonb('payload').notNull(),
    state: text('state').notNull().default('waiting'),
    attempts: integer('attempts').notNull(),
    lease: integer('lease').notNull().default(0),
    leasedUntil: instant('leased_until'),
    dueAt: instant('due_at').notNull(),
    createdAt: instant('created_at').notNull(),
    settledAt: instant('settled_at'),
    /** What came of the last attempt, in our own words. */
    lastError: text('last_error'),
    lastStatus: integer('last_status'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.effectId] }),
    index('outbox_due').on(t.tenantId, t.dueAt).where(sql`state = 'waiting'`),
    index('outbox_order').on(t.tenantId, t.aggregate, t.position, t.effectId).where(sql`state = 'waiting'`),
    index('outbox_of_destination').on(t.tenantId, t.destination, t.effectId),
    index('outbox_dead').on(t.tenantId, t.effectId).where(sql`state = 'dead'`),
    check('outbox_state', sql`state in ('waiting', 'done', 'dead', 'discarded')`),
    check('outbox_settled', sql`(state in ('done', 'discarded')) = (settled_at is not null)`),
    readerOfOrganization(),
    writerOfTenant(),
  ],
);

/** Circuit breakers: a destination that failed again and again is left alone until `open_until`. */
export const breakers = frontdesk.table(
  'breakers',
  {
    tenantId: tenantId(),
    destination: text('destination').notNull(),
    failures: integer('failures').notNull(),
    openUntil: instant('open_until'),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.destination] }), writerOfTenant()],
);

/** Where events are sent. The secret is derived from id and version; the version before it signs beside it until `previous_until`. */
export const webhookEndpoints = frontdesk.table(
  'webhook_endpoints',
  {
    tenantId: tenantId(),
    endpointId: text('endpoint_id').notNull(),
    /** Null: the vendor's own, which hears of everything. */
    organizationId: text('organization_id'),
    url: text('url').notNull(),
    types: text('types').array().notNull(),
    state: text('state').notNull(),
    disabledBecause: text('disabled_because'),
    secretVersion: integer('secret_version').notNull(),
    previousUntil: instant('previous_until'),
    createdAt: instant('created_at').notNull(),
    deletedAt: instant('deleted_at'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.endpointId] }),
    index('webhook_endpoints_of_organization').on(t.tenantId, t.organizationId, t.endpointId),
    check('webhook_endpoints_state', sql`state in ('active', 'disabled', 'deleted')`),
    readerOfOrganization(),
    writerOfTenant(),
  ],
);

/**
 * What happened, as subscribers and the live stream are told. `sequence` is given by the sealer, after the commit became visible to all:
 * without gaps, so that a reader who asks for what comes after n misses nothing. Swept after a while.
 */
export const events = frontdesk.table(
  'events',
  {
    tenantId: tenantId(),
    eventId: text('event_id').notNull(),
    type: text('type').notNull(),
    organizationId: text('organization_id'),
    subjectId: text('subject_id').notNull(),
    data: jsonb('data').notNull(),
    occurredAt: instant('occurred_at').notNull(),
    sequence: int8('sequence'),
    xid: xid8('xid').notNull().default(sql`pg_current_xact_id()`),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.eventId] }),
    unique('events_sequence').on(t.tenantId, t.sequence),
    index('events_of_organization').on(t.tenantId, t.organizationId, t.sequence),
    index('events_to_sequence').on(t.tenantId, t.xid).where(sql`sequence is null`),
    check('events_sequence_positive', sql`sequence > 0`),
    readerOfOrganization(),
    writerOfTenant(),
  ],
);

/** The inbox: what the vendor's back end and payment provider reported, each once. `data` is erasable, the rest is kept. */
export const reports = frontdesk.table(
  'reports',
  {
    tenantId: tenantId(),
    source: text('source').notNull(),
    /** The reporter's own id of it. */
    reportId: text('report_id').notNull(),
    type: text('type').notNull(),
    fingerprint: text('fingerprint').notNull(),
    occurredAt: instant('occurred_at').notNull(),
    receivedAt: instant('received_at').notNull(),
    prospectId: text('prospect_id'),
    referralId: text('referral_id'),
    workspaceId: text('workspace_id'),
    tokenId: text('token_id'),
    /** When the referral link was followed, if a touch was handed back. */
    visitedAt: instant('visited_at'),
    organizationId: text('organization_id'),
    stripeCustomer: text('stripe_customer'),
    data: jsonb('data').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.source, t.reportId] }),
    index('reports_of_prospect').on(t.tenantId, t.prospectId, t.occurredAt),
    index('reports_of_customer').on(t.tenantId, t.stripeCustomer).where(sql`prospect_id is null`),
    check('reports_source', sql`source in ('vendor', 'stripe')`),
    writerOfTenant(),
  ],
);

/** Which Stripe customer a prospect is. */
export const customers = frontdesk.table(
  'customers',
  {
    tenantId: tenantId(),
    stripeCustomer: text('stripe_customer').notNull(),
    prospectId: text('prospect_id').notNull(),
    linkedAt: instant('linked_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.stripeCustomer] }),
    index('customers_of_prospect').on(t.tenantId, t.prospectId),
    writerOfTenant(),
  ],
);

/** What the isolation audit found, each time it ran. */
export const audits = frontdesk.table(
  'audits',
  {
    tenantId: tenantId(),
    auditId: text('audit_id').notNull(),
    ranAt: instant('ran_at').notNull(),
    ok: boolean('ok').notNull(),
    checks: integer('checks').notNull(),
    findings: jsonb('findings').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.auditId] }),
    check('audits_ok', sql`ok = (jsonb_array_length(findings) = 0)`),
    readerOfStaff(),
    writerOfTenant(),
  ],
);
