import type { Finding } from '../domain/reconciliation.ts';
import { last, many, reaches } from './query.ts';

/** What the comparison with the payment provider asks. Amounts in the currency's smallest unit. */
export const reconcileQueries = {
  /** Fulfilments at the provider whose outcome is not known, sent before `before`, the longest ago first; with what is trying to find out. */
  underway: (before: Date, limit: number) =>
    many<UnderwayRow>(
      'fulfilments.underway',
      `select f.fulfilment_id, f.reward_id, f.organization_id, f.kind, f.currency, f.amount_minor, f.sent_at, e.effect_id, e.state, e.last_error,
         e.due_at
       from (
         select * from frontdesk.fulfilments f where f.status = 'sent' and f.sent_at < $1 order by f.sent_at limit $2) f
       left join lateral (
         select o.effect_id, o.state, o.last_error, o.due_at from (
           (select * from frontdesk.outbox o where o.state = 'waiting' and o.aggregate = 'stripe:' || f.target limit 1000)
           union all
           (select * from frontdesk.outbox o where o.state = 'dead' order by o.effect_id limit 1000)) o
         where o.payload ->> 'fulfilment_id' = f.fulfilment_id limit 1) e on true
       where f.target is not null`,
      [before, limit],
    ),

  /** What the provider confirmed since `since`, the newest first. */
  confirmedFulfilments: (since: Date, limit: number) =>
    many<ConfirmedRow>(
      'fulfilments.confirmed_since',
      `select f.fulfilment_id, f.kind, f.currency, f.amount_minor, f.target, f.reference from frontdesk.fulfilments f
       where f.status = 'confirmed' and f.settled_at >= $1 and f.target is not null order by f.settled_at desc limit $2`,
      [since, limit],
    ),

  /** The references of fulfilments, by id; those that are not there are left out. */
  references: (fulfilmentIds: readonly string[]) =>
    many<{ fulfilment_id: string; reference: string | null }>(
      'fulfilments.references',
      `select f.fulfilment_id, f.reference from jsonb_array_elements_text($1::jsonb) i (id)
       cross join lateral (select * from frontdesk.fulfilments f where f.fulfilment_id = i.id limit 1) f`,
      [JSON.stringify(fulfilmentIds)],
    ),

  /** Newest first; one more than `limit`. */
  reconciliations: (page: { after: string | null; limit: number }) =>
    many<ReconciliationRow>(
      'reconciliations.page',
      `select r.reconciliation_id, r.ran_at, r.ok, r.checks, r.findings from frontdesk.reconciliations r
       where ${reaches('tenant')} and r.reconciliation_id < $1 order by r.reconciliation_id desc limit $2`,
      [page.after ?? last, page.limit + 1],
    ),

  /** What stands on clearing, and what of it is on its way, for organizations that have something there. */
  clearing: (limit: number) =>
    many<{ organization_id: string; currency: string; clearing_minor: bigint; sent_minor: bigint }>(
      'balances.clearing',
      `select b.organization_id, b.currency, b.balance_minor as clearing_minor, s.sent_minor from (
         select * from frontdesk.balances b where b.account = 'clearing' and b.balance_minor <> 0 order by b.organization_id limit $1) b
       cross join lateral (
         select coalesce(sum(f.amount_minor), 0)::int8 as sent_minor from frontdesk.fulfilments f
         where f.status = 'sent' and f.organization_id = b.organization_id and f.currency = b.currency) s`,
      [limit],
    ),
} as const;

export interface UnderwayRow {
  readonly fulfilment_id: string;
  readonly reward_id: string;
  readonly organization_id: string;
  readonly kind: string;
  readonly currency: string;
  readonly amount_minor: bigint;
  readonly sent_at: string;
  readonly effect_id: string | null;
  readonly state: 'waiting' | 'dead' | null;
  readonly last_error: string | null;
  readonly due_at: string | null;
}

export interface ReconciliationRow {
  readonly reconciliation_id: string;
  readonly ran_at: string;
  readonly ok: boolean;
  readonly checks: bigint;
  readonly findings: readonly Finding[];
}

export interface ConfirmedRow {
  readonly fulfilment_id: string;
  readonly kind: string;
  readonly currency: string;
  readonly amount_minor: bigint;
  readonly target: string;
  readonly reference: string | null;
}
