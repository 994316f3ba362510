import type { HoldKind } from '../domain/ledger-changes.ts';
import type { ReferralState } from '../domain/referral-state.ts';
import type { StoredFulfilment, StoredRewardFile } from '../domain/reward-file.ts';
import type { RewardState } from '../domain/reward-state.ts';
import { first, last, many, one, reachedOrganizations, reaches } from './query.ts';
import { payeeKindOf, type RewardFilter, type RewardPage, rewardRange } from './reward-ranges.ts';

/** What is asked about money: rewards, balances, entries, attribution. Amounts in the currency's smallest unit. */
export const rewardQueries = {
  /** Newest first; one more than `limit`. */
  rewards: ({ after, limit, ...filter }: RewardPage & RewardFilter) => {
    const range = rewardRange(filter);
    return many<RewardRow>(
      `rewards.page.${range.name}`,
      `select ${rewardColumns} from (${range.text}) s ${besidesReward} order by s.reward_id desc`,
      [after ?? last, limit + 1, ...range.values],
    );
  },

  reward: (rewardId: string) =>
    one<RewardRow & { payable_minor: bigint; fulfilments: readonly StoredFulfilment[] }>(
      'rewards.one',
      `select ${rewardColumns}, ${payable} as payable_minor, ${fulfilmentsOfReward} as fulfilments ${fromRewards} where s.reward_id = $1`,
      [rewardId],
    ),

  /** Everything that decides what may become of a reward. */
  rewardFile: (rewardId: string) => one<RewardFileRow>('rewards.file', rewardFileWhere('s.reward_id = $1'), [rewardId]),

  /** The same of the reward that an effect hands over; null where it hands none over. */
  rewardFileOfEffect: (effectId: string) =>
    one<RewardFileRow>(
      'rewards.file_of_effect',
      rewardFileWhere(
        `s.reward_id = (select x.payload ->> 'reward_id' from frontdesk.outbox x where x.effect_id = $1 and x.payload ? 'fulfilment_id')`,
      ),
      [effectId],
    ),

  /** What stands on the accounts of an organization; without one, of the caller's own. */
  balances: (organizationId: string | null) =>
    many<{ currency: string; account: string; balance_minor: bigint }>(
      'balances.of',
      `select b.currency, b.account, b.balance_minor from ${askedOrganizations('$1')} cross join lateral (
         select * from frontdesk.balances b where b.organization_id = o.id order by b.currency, b.account limit 1000) b
       order by b.currency, b.account`,
      [organizationId],
    ),

  /** Newest first; one more than `limit`. Each with the postings that its reader may see. */
  ledgerEntries: (page: { after: string | null; limit: number; organizationId: string | null }) =>
    many<EntryRow>(
      'entries.page',
      `select q.*, encode(v.leaf, 'hex') as leaf, p.postings from (
         (select ${entryColumns} from frontdesk.entries e
           where ${reaches('tenant')} and $2::text is null and ${entryOnPage} order by e.entry_id desc limit $3)
         union all
         (select e.* from ${askedOrganizations('$2')} cross join lateral (
           select ${entryColumns} from frontdesk.entries e where e.organization_id = o.id and ${entryOnPage} order by e.entry_id desc limit $3) e)
         order by entry_id desc limit $3) q
       cross join lateral (select * from frontdesk.ledger_events v where v.event_id = q.entry_id limit 1) v
       cross join lateral (
         select coalesce(jsonb_agg(jsonb_build_object('account', p.account, 'organization_id', p.organization_id, 'currency', p.currency,
           'amount_minor', p.amount_minor::text) order by p.leg), '[]') as postings
         from frontdesk.postings p where p.entry_id = q.entry_id) p
       order by q.entry_id desc`,
      [page.after ?? last, page.organizationId, page.limit + 1],
    ),

  /** Who is credited with the referral's prospect now, and why. Row-level security shows it to the tenant's own people only. */
  attribution: (referralId: string) =>
    one<AttributionRow>(
      'attributions.newest',
      `select a.referral_id, a.seq, a.rule, a.trace, a.dispute_id, a.decided_at from frontdesk.referral_states s
       join frontdesk.attributions a on a.program_id = s.program_id and a.prospect_id = s.prospect_id
       where s.referral_id = $1 order by a.seq desc limit 1`,
      [referralId],
    ),
} as const;

export interface RewardRow {
  readonly reward_id: string;
  readonly referral_id: string;
  readonly organization_id: string;
  readonly side: 'referrer' | 'referee';
  readonly rule: string;
  readonly occasion: string;
  readonly kind: string;
  readonly currency: string;
  readonly status: RewardState;
  readonly seq: number;
  readonly accrued_minor: bigint;
  readonly reversed_minor: bigint;
  readonly netted_minor: bigint;
  readonly available_at: string;
  readonly created_at: string;
  readonly program_id: string;
  readonly program_version: number;
  readonly terms_sha256: string;
  /** Kinds of the holds that are open on its referral. */
  readonly holds: readonly HoldKind[] | null;
  /** JSON of what is promised beside the amount; see `promisedThing`. */
  readonly details: unknown;
  /** Why it cannot be sent although nothing holds it. */
  readonly obstacle: string | null;
  readonly referral_status: ReferralState;
  /** What is known of where it goes; null where nothing is linked, and for the referred side, whose customer only the writer sees. JSON. */
  readonly payee: { readonly frozen_until: string | null; readonly obstacle: string | null } | null;
  /** Somebody else proved the organization's domain as well, and nobody decided yet. */
  readonly is_domain_disputed: boolean;
}

export type RewardFileRow = RewardRow & StoredRewardFile;

export interface EntryRow {
  readonly entry_id: string;
  readonly kind: string;
  readonly organization_id: string;
  readonly referral_id: string | null;
  readonly reward_id: string | null;
  readonly recorded_at: string;
  readonly leaf: string;
  readonly postings: readonly {
    readonly account: string;
    readonly organization_id: string | null;
    readonly currency: string;
    readonly amount_minor: string;
  }[];
}

export interface AttributionRow {
  readonly referral_id: string;
  readonly seq: number;
  readonly rule: string;
  readonly trace: { readonly [key: string]: unknown };
  readonly dispute_id: string | null;
  readonly decided_at: string;
}

/** The organizations of a page, each a range of its index: those in reach or, of a reader that sees the whole tenant, the one asked for. */
export const askedOrganizations = (asked: string): string => `(
  select o.id from ${reachedOrganizations} where ${asked}::text is null or o.id = ${asked}
  union all select ${asked} where ${reaches('tenant')} and ${asked}::text is not null) o`;

/** Where the reward goes: the organization's payee, or the first customer that the prospect was linked to: a later link moves no money. */
const targetOfReward = `(
  select x.* from (
    (select p.stripe_id, p.frozen_until, p.obstacle from frontdesk.payees p
      where p.organization_id = s.organization_id and p.kind = ${payeeKindOf('r.kind')} and r.side = 'referrer' limit 1)
    union all
    (select c.stripe_customer, null, null from frontdesk.customers c
      where c.prospect_id = h.prospect_id and ${payeeKindOf('r.kind')} = 'customer' and r.side = 'referee'
      order by c.linked_at, c.stripe_customer limit 1)) x limit 1)`;
/** Looked up for each state of a page, as the identities of referrals are. */
export const besidesReward = `
  cross join lateral (select * from frontdesk.rewards r where r.reward_id = s.reward_id limit 1) r
  cross join lateral (select * from frontdesk.referral_states h where h.referral_id = s.referral_id limit 1) h
  left join lateral (select p.organization_id, p.frozen_until, p.obstacle from frontdesk.payees p
    where p.organization_id = s.organization_id and p.kind = ${payeeKindOf('r.kind')} and r.side = 'referrer' limit 1) y on true
  left join lateral (select o.frozen_at from frontdesk.organizations o where o.organization_id = s.organization_id limit 1) z on true`;
const fromRewards = `from frontdesk.reward_states s ${besidesReward}`;
const isHeld = 'h.risk_holds + h.dispute_holds + h.other_holds > 0';
const openHolds = `case when ${isHeld} then (
  select array_agg(distinct x.kind) from frontdesk.holds x where x.referral_id = s.referral_id and x.closed_at is null) end`;
export const rewardColumns = `s.reward_id, s.referral_id, s.organization_id, r.side, r.rule, r.occasion, r.kind, s.currency, s.status, s.seq,
  s.accrued_minor, s.reversed_minor, s.netted_minor, s.available_at, r.created_at, r.program_id, r.program_version, r.terms_sha256,
  ${openHolds} as holds, r.details, s.obstacle, h.status as referral_status,
  case when y.organization_id is not null then jsonb_build_object('frozen_until', y.frozen_until, 'obstacle', y.obstacle) end as payee,
  z.frozen_at is not null as is_domain_disputed`;
const payable = `(select coalesce(sum(p.amount_minor), 0)::int8 from frontdesk.entries e
  join frontdesk.postings p on p.entry_id = e.entry_id and p.account = 'payable' where e.reward_id = s.reward_id)`;
const fulfilmentsOfReward = `(select coalesce(jsonb_agg(jsonb_build_object('id', x.fulfilment_id, 'attempt', x.attempt, 'status', x.status,
    'amount_minor', x.amount_minor::text, 'reference', x.reference, 'sent_at', x.sent_at, 'settled_at', x.settled_at) order by x.attempt), '[]')
  from frontdesk.fulfilments x where x.reward_id = s.reward_id)`;
const rewardFileWhere = (
  which: string,
) => `select ${rewardColumns}, ${payable} as payable_minor, ${fulfilmentsOfReward} as fulfilments, o.tier,
     h.seq as referral_seq, h.evidenced_at is not null as referral_evidenced, to_jsonb(g) as target,
     array(select b.invoice_id from frontdesk.reward_bases b where b.reward_id = s.reward_id order by b.invoice_id) as invoice_ids,
     coalesce((select -b.balance_minor from frontdesk.balances b
       where b.organization_id = s.organization_id and b.currency = s.currency and b.account = 'receivable'), 0) as owed_minor,
     (select coalesce(jsonb_agg(jsonb_build_object('reward_id', x.reward_id, 'status', x.status, 'reversed_minor', x.reversed_minor::text,
         'changed_at', x.changed_at)), '[]')
       from frontdesk.reward_states x where x.referral_id = s.referral_id and x.reward_id <> s.reward_id) as siblings
   ${fromRewards}
   left join lateral ${targetOfReward} g on true
   join frontdesk.organizations o on o.organization_id = s.organization_id
   where ${which}`;
const entryColumns = 'e.entry_id, e.kind, e.organization_id, e.referral_id, e.reward_id, e.recorded_at';
const entryOnPage = `e.entry_id > '${first}' and e.entry_id < $1`;
