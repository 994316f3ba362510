import type { Finding } from '../domain/reconciliation.ts';
import { last, many, one, reaches } from './query.ts';

/** What the comparison with the payment provider asks. Amounts in the currency's smallest unit. */
export const reconcileQueries = {
  /** Fulfilments at the provider whose outcome is not known, sent before `before`, the longest ago first; and whether an effect is trying. */
  underway: (before: Date, limit: number) =>
    many<UnderwayRow>(
      'fulfilments.underway',
      `select f.fulfilment_id, f.reward_id, f.organization_id, f.kind, f.currency, f.amount_minor, f.sent_at, e.effect_id is not null as is_tried
       from (
         select * from frontdesk.fulfilments f where f.status = 'sent' and f.sent_at < $1 order by f.sent_at limit $2) f
       left join lateral ${effectWaitingFor} e on true
       where f.target is not null`,
      [before, limit],
    ),

  /**
   * Dead letters of what is done at the provider, among the newest ten thousand of any kind: first those whose error is none of `last`,
   * and of both the longest dead first.
   */
  givenUp: (last: readonly string[], limit: number) =>
    many<GivenUpRow>(
      'outbox.given_up',
      `select o.effect_id, o.kind, o.organization_id, o.last_error, o.last_status, o.created_at, o.due_at as died_at,
         o.payload ->> 'fulfilment_id' as fulfilment_id, o.payload ->> 'reward_id' as reward_id, o.payload ->> 'currency' as currency,
         o.payload ->> 'amount_minor' as amount_minor
       from (${newestDead}) o
       where starts_with(o.kind, 'stripe.') or starts_with(o.kind, 'rewards.')
       order by coalesce(o.last_error = any ($1::text[]), false), o.due_at, o.effect_id limit $2`,
      [last, limit],
    ),

  /** The effect that was to find out what became of what a reward was last sent as, unless it is done; null: there is none any more. */
  effectOfSent: (rewardId: string) =>
    one<{ effect_id: string; state: 'waiting' | 'dead' }>(
      'fulfilments.effect',
      `select e.effect_id, e.state from (
         select * from frontdesk.fulfilments f
         where f.reward_id = $1 and f.status = 'sent' and f.target is not null order by f.attempt desc limit 1) f
       cross join lateral (
         (select * from ${effectWaitingFor} w)
         union all
         (select o.effect_id, o.state from (${newestDead}) o where o.payload ->> 'fulfilment_id' = f.fulfilment_id limit 1)
         limit 1) e`,
      [rewardId],
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
  readonly is_tried: boolean;
}

/** The last three where its payload says so; the amount as decimal text. */
export interface GivenUpRow {
  readonly effect_id: string;
  readonly kind: string;
  readonly organization_id: string | null;
  readonly last_error: string | null;
  readonly last_status: number | null;
  readonly created_at: string;
  readonly died_at: string;
  readonly fulfilment_id: string | null;
  readonly reward_id: string | null;
  readonly currency: string | null;
  readonly amount_minor: string | null;
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

const newestDead = `select * from frontdesk.outbox o where o.state = 'dead' order by o.effect_id desc limit 10000`;
/** Of the fulfilment `f`. What touches one customer or account is one line, so that it is looked for there. */
const effectWaitingFor = `(
  select o.effect_id, o.state from frontdesk.outbox o
  where o.state = 'waiting' and o.aggregate = 'stripe:' || f.target and o.payload ->> 'fulfilment_id' = f.fulfilment_id limit 1)`;
