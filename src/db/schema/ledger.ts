import { sql } from 'drizzle-orm';
import { boolean, check, foreignKey, index, integer, jsonb, primaryKey, text, unique, uniqueIndex } from 'drizzle-orm/pg-core';
import { bytea, frontdesk, instant, int8, readerOfOrganization, readerOfTenant, tenantId, writerOfTenant, xid8 } from './policies.ts';
import { ledgerEvents } from './referrals.ts';

/** A ledger event that moves money. Its postings sum to zero per currency, which is checked once, when its transaction commits. Append-only. */
export const entries = frontdesk.table(
  'entries',
  {
    tenantId: tenantId(),
    /** The ledger event whose leaf holds it. */
    entryId: text('entry_id').notNull(),
    kind: text('kind').notNull(),
    organizationId: text('organization_id').notNull(),
    referralId: text('referral_id'),
    rewardId: text('reward_id'),
    /** The refund, credit note or dispute that it reduces by, and how much of it had come in by then: once each. */
    source: text('source'),
    cumulativeMinor: int8('cumulative_minor'),
    recordedAt: instant('recorded_at').notNull(),
    xid: xid8('xid').notNull().default(sql`pg_current_xact_id()`),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.entryId] }),
    unique('entries_transaction').on(t.tenantId, t.entryId, t.xid),
    foreignKey({
      name: 'entries_event',
      columns: [t.tenantId, t.entryId],
      foreignColumns: [ledgerEvents.tenantId, ledgerEvents.eventId],
    }),
    index('entries_of_organization').on(t.tenantId, t.organizationId, t.entryId),
    index('entries_of_reward').on(t.tenantId, t.rewardId, t.entryId),
    uniqueIndex('entries_once_per_source').on(t.tenantId, t.rewardId, t.source, t.cumulativeMinor).where(sql`source is not null`),
    readerOfOrganization(),
    writerOfTenant(),
  ],
);

/** One side of an entry, written by the entry's own transaction: both carry its id. Append-only. */
export const postings = frontdesk.table(
  'postings',
  {
    tenantId: tenantId(),
    entryId: text('entry_id').notNull(),
    leg: integer('leg').notNull(),
    account: text('account').notNull(),
    /** Null: an account of the tenant itself. */
    organizationId: text('organization_id'),
    currency: text('currency').notNull(),
    /** Positive: the account gains. */
    amountMinor: int8('amount_minor').notNull(),
    xid: xid8('xid').notNull().default(sql`pg_current_xact_id()`),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.entryId, t.leg] }),
    foreignKey({
      name: 'postings_entry',
      columns: [t.tenantId, t.entryId, t.xid],
      foreignColumns: [entries.tenantId, entries.entryId, entries.xid],
    }),
    check(
      'postings_account',
      sql`account in ('escrow', 'payable', 'clearing', 'credit_settled', 'payout_settled', 'receivable') and organization_id is not null
        or account in ('expense', 'breakage', 'write_off', 'discount_settled') and organization_id is null`,
    ),
    check('postings_amount', sql`amount_minor <> 0 and currency ~ '^[a-z]{3}$'`),
    readerOfOrganization(),
    writerOfTenant(),
  ],
);

/** Projection: what stands on the accounts of an organization. The tenant's own accounts have none: they would be a row that all share. */
export const balances = frontdesk.table(
  'balances',
  {
    tenantId: tenantId(),
    organizationId: text('organization_id').notNull(),
    currency: text('currency').notNull(),
    account: text('account').notNull(),
    balanceMinor: int8('balance_minor').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.organizationId, t.currency, t.account] }),
    index('balances_clearing').on(t.tenantId, t.organizationId).where(sql`account = 'clearing' and balance_minor <> 0`),
    check('balances_sign', sql`case account when 'receivable' then balance_minor <= 0 else balance_minor >= 0 end`),
    readerOfOrganization(),
    writerOfTenant(),
  ],
);

/**
 * Sealed groups of leaves, each bound to the one before by its hash, and the signed head of the tree over all of them so far.
 * `header` are the canonical bytes whose RFC 6962 leaf hash is `hash`. Append-only.
 */
export const blocks = frontdesk.table(
  'blocks',
  {
    tenantId: tenantId(),
    number: integer('number').notNull(),
    previousNumber: integer('previous_number').generatedAlwaysAs(sql`nullif(number, 0) - 1`),
    previous: bytea('previous'),
    hash: bytea('hash').notNull(),
    root: bytea('root').notNull(),
    leafCount: integer('leaf_count').notNull(),
    /** Leaves of this and all earlier blocks. */
    leavesTotal: int8('leaves_total').notNull(),
    header: text('header').notNull(),
    treeRoot: bytea('tree_root').notNull(),
    /** Hashes of the complete subtrees that the tree of `number + 1` blocks consists of, the largest first, end to end. */
    frontier: bytea('frontier').notNull(),
    signedNote: text('signed_note').notNull(),
    sealedAt: instant('sealed_at').notNull(),
    /** Everything that was written here by transactions before this one is sealed: where the next round looks on. */
    sealedBelow: xid8('sealed_below').notNull(),
    /** The same for what a restore brought; null when all of that is sealed. */
    restoredFrom: xid8('restored_from'),
    xid: xid8('xid').notNull().default(sql`pg_current_xact_id()`),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.number] }),
    unique('blocks_hash').on(t.tenantId, t.number, t.hash),
    foreignKey({
      name: 'blocks_follow',
      columns: [t.tenantId, t.previousNumber, t.previous],
      foreignColumns: [t.tenantId, t.number, t.hash],
    }),
    check('blocks_first', sql`number >= 0 and (number = 0) = (previous is null)`),
    check('blocks_not_empty', sql`leaf_count > 0`),
    check('blocks_header', sql`hash = sha256('\\x00'::bytea || convert_to(header, 'UTF8'))`),
    readerOfTenant(),
    writerOfTenant(),
  ],
);

/** The leaves of each block in order: hashes only, so that everybody may be shown the tree. Append-only. */
export const leaves = frontdesk.table(
  'leaves',
  {
    tenantId: tenantId(),
    block: integer('block').notNull(),
    index: integer('index').notNull(),
    leaf: bytea('leaf').notNull(),
    /** Whose leaf it is, for exports. */
    eventId: text('event_id').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.block, t.index] }),
    unique('leaves_leaf').on(t.tenantId, t.leaf),
    foreignKey({ name: 'leaves_block', columns: [t.tenantId, t.block], foreignColumns: [blocks.tenantId, blocks.number] }),
    check('leaves_index', sql`"index" >= 0`),
    readerOfTenant(),
    writerOfTenant(),
  ],
);

/** Hashes of the complete subtrees of the tree over blocks, so that a proof reads as many rows as it has steps. Append-only. */
export const treeNodes = frontdesk.table(
  'tree_nodes',
  {
    tenantId: tenantId(),
    level: integer('level').notNull(),
    index: int8('index').notNull(),
    hash: bytea('hash').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.level, t.index] }), readerOfTenant(), writerOfTenant()],
);

/** What came of computing the hashes of these blocks again, each time it was done; `finding` says where the first broken thing is. Append-only. */
export const verifications = frontdesk.table(
  'verifications',
  {
    tenantId: tenantId(),
    verificationId: text('verification_id').notNull(),
    ranAt: instant('ran_at').notNull(),
    fromBlock: integer('from_block').notNull(),
    /** The last one that was looked at. */
    toBlock: integer('to_block').notNull(),
    leaves: integer('leaves').notNull(),
    ok: boolean('ok').notNull(),
    finding: jsonb('finding'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.verificationId] }),
    check('verifications_ok', sql`ok = (finding is null)`),
    check('verifications_blocks', sql`from_block >= 0 and to_block >= from_block`),
    readerOfTenant(),
    writerOfTenant(),
  ],
);
