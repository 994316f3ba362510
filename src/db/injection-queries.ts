import { many, one, reaches } from './query.ts';

/** What is asked where rewards are handed over at the payment provider, and afterwards. Amounts in the currency's smallest unit. */
export const injectionQueries = {
  /** Available credit of whoever has this customer, in this currency and neither held nor frozen, oldest first. */
  injectable: (customer: string, currency: string, limit: number) =>
    many<{ reward_id: string }>(
      'rewards.injectable',
      `select s.reward_id from ${whoHas('$1')} cross join lateral (
         select s.reward_id from frontdesk.reward_states s
         cross join lateral (select * from frontdesk.referral_states h where h.referral_id = s.referral_id limit 1) h
         where s.organization_id = o.organization_id and s.status = 'available' and s.currency = $2 and s.kind = 'stripe_balance_credit'
           and h.risk_holds + h.dispute_holds + h.other_holds = 0 and ${ofThatSide}
           and not exists (select from frontdesk.organizations z where z.organization_id = o.organization_id and z.frozen_at is not null)
         order by s.reward_id limit $3) s
       order by s.reward_id limit $3`,
      [customer, currency, limit],
    ),

  /** Available credit of whoever has this customer, in another currency, as far as that was not noted yet. */
  inOtherCurrencies: (customer: string, currency: string, limit: number) =>
    many<{ reward_id: string }>(
      'rewards.in_other_currencies',
      `select s.reward_id from ${whoHas('$1')} cross join lateral (
         select s.reward_id from frontdesk.reward_states s
         where s.organization_id = o.organization_id and s.status = 'available' and s.currency <> $2 and s.kind = 'stripe_balance_credit'
           and s.obstacle is distinct from 'customer_currency_differs' and ${ofThatSide}
         order by s.reward_id limit $3) s
       order by s.reward_id limit $3`,
      [customer, currency, limit],
    ),

  /** What waits for a subscription of this customer. */
  waitingForSubscription: (customer: string, limit: number) =>
    many<{ reward_id: string }>(
      'rewards.waiting_for_subscription',
      `select s.reward_id from ${whoHas('$1')} cross join lateral (
         select s.reward_id from frontdesk.reward_states s
         where s.organization_id = o.organization_id and s.status = 'available' and s.obstacle = 'no_subscription' and ${ofThatSide}
         order by s.reward_id limit $2) s
       order by s.reward_id limit $2`,
      [customer, limit],
    ),

  /** Who has this customer; null: nobody. */
  customerHolder: (customer: string) =>
    one<{ organization_id: string }>('organizations.of_customer', `select o.organization_id from ${whoHas('$1')} limit 1`, [customer]),

  /** A reward that was handed over: where to, under which name, and what of it is settled. */
  handedOver: (rewardId: string) =>
    one<HandedOverRow>(
      'rewards.handed_over',
      `select s.reward_id, s.referral_id, s.organization_id, s.kind, s.currency, s.status, s.accrued_minor, s.reversed_minor, s.netted_minor,
         f.fulfilment_id, f.target, f.reference, ${settledOf('s')} as settled_minor,
         coalesce((select -b.balance_minor from frontdesk.balances b
           where b.organization_id = s.organization_id and b.currency = s.currency and b.account = 'receivable'), 0) as owed_minor
       from frontdesk.reward_states s
       cross join lateral (select * from frontdesk.fulfilments x where x.reward_id = s.reward_id and x.status = 'confirmed' limit 1) f
       where s.reward_id = $1`,
      [rewardId],
    ),

  /** Of up to a hundred rewards those whose discount on this invoice is not entered yet. */
  unrealised: (rewardIds: readonly string[], invoiceId: string) =>
    many<{ reward_id: string; referral_id: string; organization_id: string }>(
      'rewards.unrealised',
      `select s.reward_id, s.referral_id, s.organization_id from unnest($1::text[]) i (id)
       cross join lateral (select * from frontdesk.reward_states s where s.reward_id = i.id limit 1) s
       where s.kind = 'stripe_subscription_discount'
         and not exists (select from frontdesk.entries e where e.reward_id = s.reward_id and e.source = $2)`,
      [rewardIds, invoiceId],
    ),

  /** Which of up to a hundred objects at the provider are entered for a reward. */
  enteredSources: (rewardId: string, sources: readonly string[]) =>
    many<{ source: string }>(
      'entries.of_sources',
      `select e.source from unnest($2::text[]) i (id)
       cross join lateral (select * from frontdesk.entries e where e.reward_id = $1 and e.source = i.id limit 1) e`,
      [rewardId, sources],
    ),

  /**
   * What decides which bills consumed the credit of a reward: the credits of its organization in its currency as they arrived, and what its
   * bills used; one more than `limit` of each, to know whether there is more. Null: it is no credit.
   */
  creditUses: (rewardId: string, limit: number) =>
    one<CreditUsesRow>(
      'credit_uses.of_reward',
      `select (
           select coalesce(jsonb_agg(jsonb_build_object('reward_id', c.reward_id, 'amount_minor', c.amount_minor::text)
             order by c.settled_at, c.fulfilment_id), '[]')
           from (
             select x.reward_id, f.fulfilment_id, f.settled_at, case when x.reversed_minor = 0 then f.amount_minor else ${settledOf('x')} end as amount_minor
             from frontdesk.reward_states x
             cross join lateral (select * from frontdesk.fulfilments f where f.reward_id = x.reward_id and f.status = 'confirmed' limit 1) f
             where x.organization_id = s.organization_id and x.currency = s.currency and x.kind = s.kind
             order by x.reward_id limit $2) c) as credits,
         (select coalesce(jsonb_agg(jsonb_build_object('invoice_id', u.invoice_id, 'amount_minor', u.amount_minor::text)
             order by u.at, u.transaction_id), '[]')
           from (
             select * from frontdesk.credit_uses u where u.organization_id = s.organization_id and u.currency = s.currency
             order by u.transaction_id limit $2) u) as uses
       from frontdesk.reward_states s where s.reward_id = $1 and s.kind = 'stripe_balance_credit'`,
      [rewardId, limit + 1],
    ),

  /** What organizations were credited and paid from `from` until `until`, by kind and currency; whole organizations, in order of their id. */
  payoutTotals: (span: { readonly from: Date; readonly until: Date }, page: { readonly after: string; readonly limit: number }) =>
    many<PayoutTotalRow>(
      'fulfilments.totals',
      // From one organization to the next along the index, instead of through all that they ever earned.
      `with recursive page (organization_id, n) as (
         (select s.organization_id, 1 from frontdesk.reward_states s
           where ${reaches('tenant')} and s.organization_id > $3 order by s.organization_id limit 1)
         union all
         select x.organization_id, p.n + 1 from page p cross join lateral (
           select s.organization_id from frontdesk.reward_states s where s.organization_id > p.organization_id order by s.organization_id limit 1) x
         where p.n < $4)
       select o.organization_id, o.name, o.domain, t.kind, t.currency, t.amount_minor, t.count, t.target
       from page
       cross join lateral (select * from frontdesk.organizations o where o.organization_id = page.organization_id limit 1) o
       left join lateral (
         select f.kind, f.currency, sum(f.amount_minor)::int8 as amount_minor, count(*)::int4 as count,
           case when count(distinct f.target) = 1 then max(f.target) end as target
         from frontdesk.reward_states s
         cross join lateral (
           select * from frontdesk.fulfilments f
           where f.reward_id = s.reward_id and f.status = 'confirmed' and f.amount_minor > 0 and f.settled_at >= $1 and f.settled_at < $2 limit 1) f
         where s.organization_id = o.organization_id
         group by f.kind, f.currency) t on true
       order by o.organization_id, t.kind, t.currency`,
      [span.from, span.until, page.after, page.limit],
    ),
} as const;

export interface HandedOverRow {
  readonly reward_id: string;
  readonly referral_id: string;
  readonly organization_id: string;
  readonly kind: string;
  readonly currency: string;
  readonly status: string;
  readonly accrued_minor: bigint;
  readonly reversed_minor: bigint;
  readonly netted_minor: bigint;
  readonly fulfilment_id: string;
  /** What at the provider it went to; null where the vendor paid by itself. */
  readonly target: string | null;
  readonly reference: string | null;
  readonly settled_minor: bigint;
  readonly owed_minor: bigint;
}

/** JSON: amounts as text. */
export interface CreditUsesRow {
  readonly credits: readonly { readonly reward_id: string; readonly amount_minor: string }[];
  readonly uses: readonly { readonly invoice_id: string; readonly amount_minor: string }[];
}

/** Null where the organization was paid nothing in that time. */
export interface PayoutTotalRow {
  readonly organization_id: string;
  readonly name: string;
  readonly domain: string | null;
  readonly kind: string | null;
  readonly currency: string | null;
  readonly amount_minor: bigint | null;
  readonly count: number | null;
  /** Null where it went to several places, or the vendor paid by itself. */
  readonly target: string | null;
}

/**
 * Whose rewards go to a customer, and of which side, as `targetOfReward` says it: the organization whose payee it is, and the one that the
 * prospect is which was linked to it first.
 */
const whoHas = (customer: string): string => `(
  (select p.organization_id, 'referrer' as side from frontdesk.payees p where p.kind = 'customer' and p.stripe_id = ${customer} limit 1)
  union all
  (select o.organization_id, 'referee' from (select * from frontdesk.customers c where c.stripe_customer = ${customer} limit 1) c
    cross join lateral (select x.stripe_customer from frontdesk.customers x where x.prospect_id = c.prospect_id
      order by x.linked_at, x.stripe_customer limit 1) f
    cross join lateral (select * from frontdesk.organizations o where o.prospect_id = c.prospect_id limit 1) o
    where f.stripe_customer = c.stripe_customer)) o`;
/** Whether it is of that side, looked up for each state of an organization. */
const ofThatSide = 'exists (select from frontdesk.rewards r where r.reward_id = s.reward_id and r.side = o.side)';

/** What stands as credited or paid of a reward. */
const settledOf = (reward: string): string => `(select coalesce(sum(p.amount_minor), 0)::int8 from frontdesk.entries e
  join frontdesk.postings p on p.entry_id = e.entry_id and p.account in ('credit_settled', 'payout_settled') where e.reward_id = ${reward}.reward_id)`;
