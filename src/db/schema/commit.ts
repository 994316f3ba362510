import { sql } from 'drizzle-orm';
import { bigint, check, index, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';
import { frontdesk, instant, tenantId, writerOfTenant } from './policies.ts';

/** One answered request: written in the same commit as its work. `result` is secret-free JSON text, byte for byte as committed. */
export const idempotency = frontdesk.table(
  'idempotency',
  {
    tenantId: tenantId(),
    principal: text('principal').notNull(),
    operation: text('operation').notNull(),
    key: text('key').notNull(),
    fingerprint: text('fingerprint').notNull(),
    result: text('result').notNull(),
    /** What the result is about, for views that need its present state when they replay. */
    subjectId: text('subject_id'),
    committedAt: instant('committed_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.principal, t.operation, t.key] }),
    index('idempotency_age').using('brin', t.committedAt),
    writerOfTenant(),
  ],
);

/** Rules over a set: a counter that may not pass its limit. A count taken in a load is only advice; this is the rule. */
export const counters = frontdesk.table(
  'counters',
  {
    tenantId: tenantId(),
    name: text('name').notNull(),
    subject: text('subject').notNull(),
    value: bigint('value', { mode: 'bigint' }).notNull(),
    limit: bigint('limit', { mode: 'bigint' }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.name, t.subject] }),
    check('counters_within_limit', sql`value >= 0 and value <= "limit"`),
    writerOfTenant(),
  ],
);

/**
 * GCRA state (generic cell rate algorithm): the theoretical arrival time of the next request, per bucket. In microseconds, because
 * what is rounded off a step adds up and costs a burst its last requests. Unlogged: losing it is harmless.
 */
export const limits = frontdesk.table(
  'limits',
  { tenantId: tenantId(), bucket: text('bucket').notNull(), tat: timestamp('tat', { withTimezone: true }).notNull() },
  (t) => [primaryKey({ columns: [t.tenantId, t.bucket] }), writerOfTenant()],
);
