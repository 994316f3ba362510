import { sql } from 'drizzle-orm';
import { check, foreignKey, index, integer, jsonb, primaryKey, text, unique, uniqueIndex } from 'drizzle-orm/pg-core';
import { bytea, frontdesk, instant, readerOfOrganization, readerOfStaff, tenantId, writerOfTenant, xid8 } from './policies.ts';

/** A company a referral or workspace is for. The fingerprint is a keyed hash of its registrable domain. */
export const prospects = frontdesk.table(
  'prospects',
  {
    tenantId: tenantId(),
    prospectId: text('prospect_id').notNull(),
    fingerprint: bytea('fingerprint').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.prospectId] }),
    unique('prospects_fingerprint').on(t.tenantId, t.fingerprint),
    writerOfTenant(),
  ],
);

/** What strangers wrote about a subject, and the salt that blinds it in its leaf. The only home of such text beside a workspace: erasable. */
export const particulars = frontdesk.table(
  'particulars',
  {
    tenantId: tenantId(),
    subjectId: text('subject_id').notNull(),
    organizationId: text('organization_id'),
    salt: bytea('salt').notNull(),
    content: jsonb('content').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.subjectId] }), readerOfOrganization(), writerOfTenant()],
);

/** Issued referral tokens: the claims (signed again on demand) and hashes of token and code, never the token itself. */
export const referralTokens = frontdesk.table(
  'referral_tokens',
  {
    tenantId: tenantId(),
    tokenId: text('token_id').notNull(),
    organizationId: text('organization_id').notNull(),
    agentId: text('agent_id'),
    campaign: text('campaign'),
    /** The token it was derived from, of the same organization, and how many stand above it. */
    parentId: text('parent_id'),
    depth: integer('depth').notNull().default(0),
    kid: text('kid').notNull(),
    claims: jsonb('claims').notNull(),
    tokenHash: bytea('token_hash').notNull(),
    codeHash: bytea('code_hash').notNull(),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    revokedAt: instant('revoked_at'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.tokenId] }),
    unique('referral_tokens_code').on(t.tenantId, t.codeHash),
    unique('referral_tokens_token').on(t.tenantId, t.tokenHash),
    index('referral_tokens_of_key').on(t.tenantId, t.kid),
    foreignKey({ name: 'referral_tokens_parent', columns: [t.tenantId, t.parentId], foreignColumns: [t.tenantId, t.tokenId] }),
    check('referral_tokens_depth', sql`depth between 0 and 3 and (depth > 0) = (parent_id is not null)`),
    readerOfOrganization(),
    writerOfTenant(),
  ],
);

/** Identity of a referral: what was promised to whom, under which terms. Append-only. */
export const referrals = frontdesk.table(
  'referrals',
  {
    tenantId: tenantId(),
    referralId: text('referral_id').notNull(),
    organizationId: text('organization_id').notNull(),
    agentId: text('agent_id'),
    prospectId: text('prospect_id').notNull(),
    programId: text('program_id').notNull(),
    programVersion: integer('program_version').notNull(),
    termsSha256: text('terms_sha256').notNull(),
    campaign: text('campaign'),
    tokenId: text('token_id'),
    entryId: text('entry_id').notNull(),
    receipt: text('receipt').notNull(),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.referralId] }),
    foreignKey({
      name: 'referrals_prospect',
      columns: [t.tenantId, t.prospectId],
      foreignColumns: [prospects.tenantId, prospects.prospectId],
    }),
    readerOfOrganization(),
    writerOfTenant(),
  ],
);

/**
 * Projection: where a referral stands now, and how many holds are open on it. Rebuilt from its transitions and holds at will. `shown` is
 * what callers see: a hold hides the state under it.
 */
export const referralStates = frontdesk.table(
  'referral_states',
  {
    tenantId: tenantId(),
    referralId: text('referral_id').notNull(),
    organizationId: text('organization_id').notNull(),
    programId: text('program_id').notNull(),
    prospectId: text('prospect_id').notNull(),
    status: text('status').notNull(),
    seq: integer('seq').notNull(),
    changedAt: instant('changed_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    /** As the referral says; `copy_identity` fills them in. What lists are filtered by stands in one row, so that one index answers. */
    createdAt: instant('created_at').notNull(),
    agentId: text('agent_id'),
    campaign: text('campaign'),
    /** When the first evidence came: from then on it is no agent's word alone. */
    evidencedAt: instant('evidenced_at'),
    riskHolds: integer('risk_holds').notNull().default(0),
    disputeHolds: integer('dispute_holds').notNull().default(0),
    otherHolds: integer('other_holds').notNull().default(0),
    shown: text('shown')
      .notNull()
      .generatedAlwaysAs(sql`case when risk_holds > 0 then 'quarantined' when dispute_holds > 0 then 'disputed' else status end`),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.referralId] }),
    foreignKey({
      name: 'referral_states_referral',
      columns: [t.tenantId, t.referralId],
      foreignColumns: [referrals.tenantId, referrals.referralId],
    }),
    uniqueIndex('referral_states_one_open')
      .on(t.tenantId, t.programId, t.prospectId, t.organizationId)
      .where(sql`status in ('pending', 'qualified', 'rewarded')`),
    index('referral_states_of_organization').on(t.tenantId, t.organizationId, t.referralId),
    index('referral_states_by_state').on(t.tenantId, t.shown, t.createdAt, t.referralId, t.organizationId, t.agentId, t.changedAt),
    index('referral_states_held')
      .on(t.tenantId, t.organizationId, t.referralId)
      .where(sql`risk_holds > 0 or dispute_holds > 0 or other_holds > 0`),
    index('referral_states_by_organization').on(t.tenantId, t.organizationId, t.shown, t.createdAt, t.referralId),
    index('referral_states_by_agent').on(t.tenantId, t.agentId, t.shown, t.createdAt, t.referralId).where(sql`agent_id is not null`),
    index('referral_states_by_campaign').on(t.tenantId, t.campaign, t.shown, t.createdAt, t.referralId).where(sql`campaign is not null`),
    index('referral_states_by_own_campaign')
      .on(t.tenantId, t.organizationId, t.campaign, t.createdAt, t.referralId)
      .where(sql`campaign is not null`),
    index('referral_states_of_prospect').on(t.tenantId, t.prospectId),
    index('referral_states_pending').on(t.tenantId, t.expiresAt).where(sql`status = 'pending'`),
    check('referral_states_holds', sql`risk_holds >= 0 and dispute_holds >= 0 and other_holds >= 0`),
    check('referral_states_status', sql`status in ('pending', 'qualified', 'rewarded', 'rejected', 'reversed', 'expired')`),
    readerOfOrganization(),
    writerOfTenant(),
  ],
);

/** What connects an organization to a prospect. All are kept. Append-only. */
export const touches = frontdesk.table(
  'touches',
  {
    tenantId: tenantId(),
    touchId: text('touch_id').notNull(),
    organizationId: text('organization_id').notNull(),
    prospectId: text('prospect_id').notNull(),
    referralId: text('referral_id').notNull(),
    workspaceId: text('workspace_id'),
    kind: text('kind').notNull(),
    via: text('via').notNull(),
    tokenId: text('token_id'),
    entryId: text('entry_id').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.referralId, t.touchId] }),
    foreignKey({
      name: 'touches_referral',
      columns: [t.tenantId, t.referralId],
      foreignColumns: [referrals.tenantId, referrals.referralId],
    }),
    check('touches_kind', sql`kind in ('declared', 'evidenced')`),
    readerOfOrganization(),
    writerOfTenant(),
  ],
);

/** A human followed a referral link; nobody is known yet, so nothing of the ledger is written. Swept. */
export const linkVisits = frontdesk.table(
  'link_visits',
  {
    tenantId: tenantId(),
    visitId: text('visit_id').notNull(),
    tokenId: text('token_id').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.visitId] }), readerOfStaff(), writerOfTenant()],
);

/**
 * The ledger: one row per event, append-only. `body` holds the canonical bytes (RFC 8785) without any personal text, `leaf` is
 * SHA-256(0x00 ‖ body) (RFC 6962 leaf prefix), checked by the database. `xid` lets a sealer wait for every earlier transaction.
 */
export const ledgerEvents = frontdesk.table(
  'ledger_events',
  {
    tenantId: tenantId(),
    eventId: text('event_id').notNull(),
    kind: text('kind').notNull(),
    subjectId: text('subject_id').notNull(),
    organizationId: text('organization_id'),
    /** The referral it belongs to, if any: its timeline. */
    referralId: text('referral_id'),
    body: text('body').notNull(),
    leaf: bytea('leaf').notNull(),
    recordedAt: instant('recorded_at').notNull(),
    xid: xid8('xid').notNull().default(sql`pg_current_xact_id()`),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.eventId] }),
    index('ledger_events_of_referral').on(t.tenantId, t.referralId, t.eventId),
    index('ledger_events_to_seal').on(t.tenantId, t.xid),
    check('ledger_events_leaf', sql`leaf = sha256('\\x00'::bytea || convert_to(body, 'UTF8'))`),
    readerOfOrganization(),
    writerOfTenant(),
  ],
);
