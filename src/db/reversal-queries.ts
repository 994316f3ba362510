import type { HoldKind } from '../domain/ledger-changes.ts';
import type { ReferralState } from '../domain/referral-state.ts';
import type { RewardState } from '../domain/reward-state.ts';
import { many, one } from './query.ts';

/** What is asked when something was given back of a payment. Writers only. */
export const reversalQueries = {
  /**
   * What an invoice earned, a hundred rewards at most: each with all its payments, what was given back of them, and what was earned anew
   * in its place.
   */
  rewardFamilies: (invoiceId: string) =>
    many<RewardFamilyRow>(
      'reversals.families',
      `select r.reward_id, r.referral_id, r.currency, r.rule, r.details, r.program_id, r.program_version, r.terms_sha256, b.bases, m.members
       from (select x.reward_id from frontdesk.reward_bases x where x.invoice_id = $1 order by x.reward_id limit 100) x
       cross join lateral (select * from frontdesk.rewards r where r.reward_id = x.reward_id limit 1) r
       cross join lateral (
         select jsonb_agg(jsonb_build_object('invoice_id', b.invoice_id, 'base_minor', b.base_minor::text,
           'paid_minor', coalesce(p.paid_minor, 0)::text, 'currency', coalesce(p.currency, r.currency), 'status', coalesce(p.status, 'paid'),
           'given_back', ${givenBackOf('b.invoice_id')})
           order by b.invoice_id) as bases
         from (select * from frontdesk.reward_bases b where b.reward_id = r.reward_id limit 1000) b
         left join lateral (select * from frontdesk.payments p where p.invoice_id = b.invoice_id limit 1) p on true) b
       cross join lateral (
         select jsonb_agg(jsonb_build_object('reward_id', s.reward_id, 'status', s.status, 'seq', s.seq, 'accrued_minor', s.accrued_minor::text,
           'reversed_minor', s.reversed_minor::text, 'before', w.from_state, 'target', f.target, 'takings', k.takings)
           order by y.number, s.reward_id) as members
         from (
           select r.reward_id, 0 as number
           union all
           select z.reward_id, substr(z.occasion, length('restored:' || r.reward_id || ':') + 1)::int
           from frontdesk.rewards z where z.referral_id = r.referral_id and z.side = r.side and z.rule = r.rule
             and starts_with(z.occasion, 'restored:' || r.reward_id || ':') limit 1000) y
         cross join lateral (select * from frontdesk.reward_states s where s.reward_id = y.reward_id limit 1) s
         left join lateral (
           select w.from_state from frontdesk.reward_transitions w
           where w.reward_id = s.reward_id and w.to_state = 'reversed' and s.status = 'reversed' order by w.seq desc limit 1) w on true
         left join lateral (
           select f.target from frontdesk.fulfilments f where f.reward_id = s.reward_id and f.status <> 'failed' limit 1) f on true
         cross join lateral (
           select coalesce(jsonb_agg(jsonb_build_object('source', e.source, 'cumulative_minor', e.cumulative_minor::text,
             'taken_minor', coalesce(t.amount, 0)::text) order by e.entry_id), '[]') as takings
           from (
             select * from frontdesk.entries e where e.reward_id = s.reward_id and e.kind in ('reward.reversed', 'reward.restored') limit 1000) e
           left join lateral (
             select sum(p.amount_minor) as amount from frontdesk.postings p where p.entry_id = e.entry_id and p.account = 'expense') t on true) k) m
       order by r.reward_id`,
      [invoiceId],
    ),

  /** What was given back of an invoice. */
  reversalsOfInvoice: (invoiceId: string) =>
    one<{ given_back: readonly StoredGivenBack[] }>('reversals.of_invoice', `select ${givenBackOf('$1')} as given_back`, [invoiceId]),

  /** Referrals that an invoice has something to do with: it earned their rewards, or their prospect paid it and they are open. */
  referralsOfInvoice: (invoiceId: string, programId: string) =>
    many<ConcernedReferralRow>(
      'reversals.referrals',
      `select s.referral_id, s.organization_id, s.prospect_id, s.status, h.holds
       from (
         select r.referral_id
         from (select x.reward_id from frontdesk.reward_bases x where x.invoice_id = $1 order by x.reward_id limit 100) x
         cross join lateral (select r.referral_id from frontdesk.rewards r where r.reward_id = x.reward_id limit 1) r
         union
         select s.referral_id
         from (select * from frontdesk.payments p where p.invoice_id = $1 limit 1) p
         cross join lateral (select * from frontdesk.customers c where c.stripe_customer = p.stripe_customer limit 1) c
         cross join lateral (
           select s.referral_id from frontdesk.referral_states s
           where s.program_id = $2 and s.prospect_id = c.prospect_id and s.status in ('pending', 'qualified', 'rewarded') limit 200) s
       ) x
       cross join lateral (select * from frontdesk.referral_states s where s.referral_id = x.referral_id limit 1) s
       cross join lateral (
         select coalesce(jsonb_agg(jsonb_build_object('hold_id', h.hold_id, 'kind', h.kind, 'cause', h.cause) order by h.hold_id), '[]') as holds
         from (select * from frontdesk.holds h where h.referral_id = s.referral_id and h.closed_at is null limit 1000) h) h
       order by s.referral_id`,
      [invoiceId, programId],
    ),

  /** What a reversed referral was before, and whether its organization has another open one of the same prospect by now. */
  reversedReferral: (referralId: string) =>
    one<{ before: ReferralState | null; replaced: boolean }>(
      'reversals.referral',
      `select w.from_state as before, o.referral_id is not null as replaced
       from (select * from frontdesk.referral_states s where s.referral_id = $1 limit 1) s
       left join lateral (
         select w.from_state from frontdesk.referral_transitions w
         where w.referral_id = s.referral_id and w.to_state = 'reversed' and s.status = 'reversed' order by w.seq desc limit 1) w on true
       left join lateral (
         select o.referral_id from frontdesk.referral_states o
         where o.program_id = s.program_id and o.prospect_id = s.prospect_id and o.organization_id = s.organization_id
           and o.referral_id <> s.referral_id and o.status in ('pending', 'qualified', 'rewarded') limit 1) o on true`,
      [referralId],
    ),
} as const;

function givenBackOf(invoice: string): string {
  return `(
    select coalesce(jsonb_agg(jsonb_build_object('source_id', v.source_id, 'kind', v.kind, 'currency', v.currency,
      'amount_minor', v.amount_minor::text, 'state', v.state, 'at', v.at) order by v.at, v.source_id), '[]')
    from (select * from frontdesk.payment_reversals v where v.invoice_id = ${invoice} limit 1000) v)`;
}

/** JSON made by the query: times are RFC 3339 as Postgres writes them, money is decimal text. */
export interface StoredGivenBack {
  readonly source_id: string;
  readonly kind: 'refund' | 'credit_note' | 'dispute';
  readonly currency: string;
  readonly amount_minor: string;
  readonly state: 'open' | 'effective' | 'void';
  readonly at: string;
}

export interface RewardFamilyRow {
  readonly reward_id: string;
  readonly referral_id: string;
  readonly currency: string;
  readonly rule: string;
  readonly details: { readonly [key: string]: unknown };
  readonly program_id: string;
  readonly program_version: number;
  readonly terms_sha256: string;
  readonly bases: readonly {
    readonly invoice_id: string;
    readonly base_minor: string;
    readonly paid_minor: string;
    readonly currency: string;
    readonly status: 'paid' | 'void' | 'uncollectible';
    readonly given_back: readonly StoredGivenBack[];
  }[];
  /** The reward first, then what was earned anew in its place, oldest first. */
  readonly members: readonly {
    readonly reward_id: string;
    readonly status: RewardState;
    readonly seq: number;
    readonly accrued_minor: string;
    readonly reversed_minor: string;
    readonly before: RewardState | null;
    readonly target: string | null;
    readonly takings: readonly { readonly source: string | null; readonly cumulative_minor: string | null; readonly taken_minor: string }[];
  }[];
}

export interface ConcernedReferralRow {
  readonly referral_id: string;
  readonly organization_id: string;
  readonly prospect_id: string;
  readonly status: ReferralState;
  readonly holds: readonly { readonly hold_id: string; readonly kind: HoldKind; readonly cause: string }[];
}
