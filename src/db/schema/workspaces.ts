import { sql } from 'drizzle-orm';
import { check, foreignKey, index, integer, jsonb, primaryKey, text, unique } from 'drizzle-orm/pg-core';
import { bytea, frontdesk, instant, readerOfWorkspace, tenantId, writerOfTenant } from './policies.ts';
import { prospects } from './referrals.ts';

/** A provisioned sandbox. Secrets are derived; only their hashes are here. */
export const workspaces = frontdesk.table(
  'workspaces',
  {
    tenantId: tenantId(),
    workspaceId: text('workspace_id').notNull(),
    /** Null: anonymous. Its key alone opens it. */
    organizationId: text('organization_id'),
    /** Whose quota it uses: an organization, a key or a hashed address prefix. */
    owner: text('owner').notNull(),
    agentId: text('agent_id'),
    prospectId: text('prospect_id').notNull(),
    referralId: text('referral_id'),
    status: text('status').notNull(),
    host: text('host').notNull(),
    /** The data model that rows are checked against. */
    model: jsonb('model').notNull(),
    mapping: jsonb('mapping').notNull(),
    /** Texts of strangers: prospect, original names. Erasable. */
    untrusted: jsonb('untrusted').notNull(),
    rowCount: integer('row_count').notNull(),
    rowLimit: integer('row_limit').notNull(),
    /** Rows that callers ever wrote, synthetic ones not counted. */
    writes: integer('writes').notNull().default(0),
    keyVersion: integer('key_version').notNull(),
    keyHash: bytea('key_hash').notNull(),
    claimVersion: integer('claim_version').notNull(),
    claimHash: bytea('claim_hash').notNull(),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    endedAt: instant('ended_at'),
    claimedAt: instant('claimed_at'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.workspaceId] }),
    unique('workspaces_key').on(t.tenantId, t.keyHash),
    unique('workspaces_claim').on(t.tenantId, t.claimHash),
    foreignKey({
      name: 'workspaces_prospect',
      columns: [t.tenantId, t.prospectId],
      foreignColumns: [prospects.tenantId, prospects.prospectId],
    }),
    index('workspaces_of_organization').on(t.tenantId, t.organizationId, t.workspaceId),
    index('workspaces_by_status').on(t.tenantId, t.status, t.workspaceId),
    index('workspaces_of_prospect').on(t.tenantId, t.prospectId),
    index('workspaces_of_referrals')
      .on(t.tenantId, t.workspaceId, t.organizationId, t.referralId, t.claimedAt)
      .where(sql`referral_id is not null`),
    index('workspaces_to_expire').on(t.tenantId, t.expiresAt).where(sql`status = 'active'`),
    check('workspaces_status', sql`status in ('provisioning', 'active', 'claimed', 'expired', 'revoked', 'suspended', 'failed')`),
    check('workspaces_claimed', sql`status <> 'claimed' or claimed_at is not null`),
    check('workspaces_rows_within_limit', sql`row_count >= 0 and row_count <= row_limit`),
    readerOfWorkspace('workspace_id'),
    writerOfTenant(),
  ],
);

/** The rows of all workspaces: typed values under row-level security, no DDL, no compute. */
export const workspaceRows = frontdesk.table(
  'workspace_rows',
  {
    tenantId: tenantId(),
    workspaceId: text('workspace_id').notNull(),
    entity: text('entity').notNull(),
    rowId: text('row_id').notNull(),
    organizationId: text('organization_id'),
    values: jsonb('values').notNull(),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.workspaceId, t.entity, t.rowId] }),
    foreignKey({
      name: 'workspace_rows_workspace',
      columns: [t.tenantId, t.workspaceId],
      foreignColumns: [workspaces.tenantId, workspaces.workspaceId],
    }),
    readerOfWorkspace('workspace_id'),
    writerOfTenant(),
  ],
);
