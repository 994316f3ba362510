import { sql } from 'drizzle-orm';
import { check, foreignKey, index, integer, primaryKey, text, unique } from 'drizzle-orm/pg-core';
import { bytea, frontdesk, instant, tenantId, writerOfTenant } from './policies.ts';
import { workspaces } from './workspaces.ts';

/**
 * Who showed that a mailbox is theirs, to take one workspace over: asked for by mail and then proven, or proven at once by a session or by a
 * provider of identities; used once. Kept for a day, because the address of somebody who is nobody's customer stands in it.
 */
export const mailboxProofs = frontdesk.table(
  'mailbox_proofs',
  {
    tenantId: tenantId(),
    proofId: text('proof_id').notNull(),
    workspaceId: text('workspace_id').notNull(),
    /** Of the claim link on whose page it was asked for: a newer link knows nothing of it. */
    claimHash: bytea('claim_hash').notNull(),
    /** Of the token in the link that is mailed. */
    tokenHash: bytea('token_hash').notNull(),
    /** Of what the one browser keeps that may use it: its nonce, or its session. */
    browserHash: bytea('browser_hash').notNull(),
    /** Lower case. */
    email: text('email').notNull(),
    via: text('via').notNull(),
    version: integer('version').notNull(),
    createdAt: instant('created_at').notNull(),
    /** Until when it can be proven, and once it is, used. */
    expiresAt: instant('expires_at').notNull(),
    provenAt: instant('proven_at'),
    usedAt: instant('used_at'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.proofId] }),
    unique('mailbox_proofs_token').on(t.tenantId, t.tokenHash),
    index('mailbox_proofs_of_claim').on(t.tenantId, t.claimHash),
    index('mailbox_proofs_of_workspace').on(t.tenantId, t.workspaceId),
    foreignKey({
      name: 'mailbox_proofs_workspace',
      columns: [t.tenantId, t.workspaceId],
      foreignColumns: [workspaces.tenantId, workspaces.workspaceId],
    }),
    check('mailbox_proofs_email_lower', sql`email = lower(email)`),
    check('mailbox_proofs_via', sql`via in ('mail', 'session', 'provider')`),
    check('mailbox_proofs_end', sql`expires_at > created_at`),
    check('mailbox_proofs_in_order', sql`used_at is null or proven_at is not null`),
    writerOfTenant(),
  ],
);
