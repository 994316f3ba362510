import type { Tier } from '../domain/actor.ts';
import type { HoldKind } from '../domain/ledger-changes.ts';
import type { ReferralState, ReferralStatus } from '../domain/referral-state.ts';
import type { RewardState } from '../domain/reward-state.ts';
import type { DisputeEvidenceRow, DisputeRow } from './dispute-queries.ts';
import { many, one, reachedOrganizations, reaches } from './query.ts';

/** What people ask who look into one referral, one dispute, or all that waits for them. Times within JSON are as Postgres writes them there. */
export const reviewQueries = {
  /** The hundred newest ledger events of a referral, oldest first, each with its body, who did it where that was kept, and its block. */
  referralHistory: (referralId: string) =>
    many<HistoryRow>(
      'referrals.history',
      `select e.event_id, e.kind, e.subject_id, e.recorded_at, e.body, l.block, coalesce(t.actor, w.actor, h.actor, v.added_by, d.decided_by) as actor
       from (select * from frontdesk.ledger_events e where e.referral_id = $1 order by e.event_id desc limit 100) e
       left join lateral (select l.block from frontdesk.leaves l where l.leaf = e.leaf limit 1) l on true
       left join lateral (
         select t.actor from frontdesk.referral_transitions t
         where e.kind like 'referral.%' and t.referral_id = $1 and t.entry_id = e.event_id limit 1) t on true
       left join lateral (
         select w.actor from frontdesk.reward_transitions w
         where e.kind like 'reward.%' and w.reward_id = e.subject_id and w.entry_id = e.event_id limit 1) w on true
       left join lateral (
         select case when e.kind in ('referral.quarantined', 'referral.disputed', 'hold.opened') then h.opened_by else h.closed_by end as actor
         from frontdesk.holds h where h.hold_id = e.body::jsonb ->> 'hold' limit 1) h on true
       left join lateral (
         select v.added_by from frontdesk.dispute_evidence v
         where e.kind like 'dispute.%' and v.dispute_id = e.subject_id and v.evidence_id = e.body::jsonb ->> 'evidence' limit 1) v on true
       left join lateral (
         select d.decided_by from frontdesk.disputes d where e.kind = 'dispute.resolved' and d.dispute_id = e.subject_id limit 1) d on true
       order by e.event_id`,
      [referralId],
    ),

  /** What a referral is connected with: whose it is, its touches, evidence and workspaces. At most a hundred of each, the newest. */
  referralConnections: (referralId: string) =>
    one<ConnectionsRow>(
      'referrals.connections',
      `select s.status as state, o.name, o.domain, o.tier, a.name as agent_name, ${touchesOf('s')} as touches, ${evidenceOf('s')} as evidence,
         (select coalesce(jsonb_agg(to_jsonb(w) order by w.workspace_id), '[]') from (
           select w.workspace_id, w.status, w.created_at, w.expires_at
           from (select distinct t.workspace_id as id from frontdesk.touches t where t.referral_id = s.referral_id limit 20) i
           cross join lateral (select * from frontdesk.workspaces w where w.workspace_id = i.id limit 1) w) w) as workspaces
       from frontdesk.referral_states s
       cross join lateral (select r.agent_id from frontdesk.referrals r where r.referral_id = s.referral_id limit 1) r
       left join lateral (select * from frontdesk.organizations o where o.organization_id = s.organization_id limit 1) o on true
       left join lateral (select a.name from frontdesk.agents a where a.agent_id = r.agent_id limit 1) a on true
       where s.referral_id = $1`,
      [referralId],
    ),

  /** Attempts at handing over what a referral earned, of its hundred newest rewards. */
  fulfilmentsOfReferral: (referralId: string) =>
    many<FulfilmentRow>(
      'fulfilments.of_referral',
      `select f.fulfilment_id, f.reward_id, f.attempt, f.status, f.reference, f.sent_at, f.settled_at
       from (select s.reward_id from frontdesk.reward_states s where s.referral_id = $1 order by s.reward_id desc limit 100) s
       cross join lateral (select * from frontdesk.fulfilments f where f.reward_id = s.reward_id order by f.attempt desc limit 10) f
       order by f.reward_id, f.attempt`,
      [referralId],
    ),

  /**
   * Disputes that the timeline of a referral names: those of its own organization with all that their reader may see; of those against it
   * a reader of organizations sees that they are there (`contested`), and whether they still hold it.
   */
  referralDisputes: (referralId: string) =>
    many<ReferralDisputeRow>(
      'disputes.of_referral',
      `select i.id as about, i.contested, exists (select from frontdesk.holds h
           where h.referral_id = $1 and h.kind = 'dispute' and h.cause = i.id and h.closed_at is null) as holds,
         to_jsonb(d) as dispute,
         (select coalesce(jsonb_agg(to_jsonb(v) order by v.evidence_id), '[]') from (
           select v.evidence_id, v.organization_id, v.content, v.created_at from frontdesk.dispute_evidence v
           where v.dispute_id = i.id order by v.evidence_id limit 100) v) as evidence
       from (
         select n.id, bool_or(n.contested) as contested from (
           select case e.kind when 'referral.disputed' then e.body::jsonb ->> 'cause' else e.subject_id end as id,
             e.kind = 'referral.disputed' as contested
           from (select * from frontdesk.ledger_events e where e.referral_id = $1 order by e.event_id desc limit 100) e
           where e.kind in ('referral.disputed', 'dispute.opened', 'dispute.resolved')) n
         group by n.id order by n.id desc limit 20) i
       left join lateral (
         select d.dispute_id, d.organization_id, d.program_id, d.claim_referral_id, d.status, d.opened_at, d.decide_by, d.decided_at,
           d.because, case when ${reaches('tenant')} then d.contested_referral_id end as contested_referral_id,
           case when ${reaches('tenant')} then d.decided_by end as decided_by, case when ${reaches('tenant')} then d.trace end as trace,
           (select x.organization_id from frontdesk.referral_states x
             where x.referral_id = d.contested_referral_id and ${reaches('tenant')}) as contested_organization_id
         from frontdesk.disputes d where d.dispute_id = i.id limit 1) d on true
       order by i.id`,
      [referralId],
    ),

  /**
   * What waits for a decision, oldest first, one more than `limit`: open disputes, and open holds of every other kind. A reader of
   * organizations sees its own disputes, and that a referral of its own is contested. `after`: what follows the prefix of an id.
   */
  reviews: (page: { after: string | null; limit: number; kind: ReviewKind | null }) =>
    many<ReviewRow>(
      'reviews.page',
      `select q.kind, q.id, q.organization_id, q.referral_id, q.held_referral_id, q.cause, q.opened_at, q.decide_by, o.name, c.content as first,
         p.content as particulars, coalesce(w.rewards, 0) as rewards, w.held
       from (
         select * from (
           (select ${claimed} from frontdesk.disputes d where ${reaches('tenant')} and ${openClaim} order by d.dispute_id limit $2)
           union all
           (select d.* from ${reachedOrganizations} cross join lateral (
             select ${claimed} from frontdesk.disputes d where d.organization_id = o.id and ${openClaim} order by d.dispute_id limit $2) d)
           union all
           (select ${held} from frontdesk.holds h
             where ${reaches('tenant')} and h.kind <> 'dispute' and ${openHold} order by h.hold_id limit $2)
           union all
           (select h.* from ${reachedOrganizations} cross join lateral (
             select ${held} from frontdesk.holds h where h.organization_id = o.id and ${openHold} order by h.hold_id limit $2) h)) q
         order by q.place limit $2) q
       left join lateral (select o.name from frontdesk.organizations o where o.organization_id = q.organization_id limit 1) o on true
       left join lateral (
         select v.content from frontdesk.dispute_evidence v where v.dispute_id = q.id order by v.evidence_id limit 1) c on true
       left join frontdesk.particulars p on p.subject_id = q.about
       left join lateral (
         select sum(x.n)::int as rewards,
           jsonb_agg(jsonb_build_object('currency', x.currency, 'amount_minor', x.amount::text) order by x.currency) filter (where x.amount > 0) as held
         from (
           select s.currency, count(*) as n, sum(s.accrued_minor - s.reversed_minor - s.netted_minor) as amount
           from frontdesk.reward_states s where s.referral_id = q.held_referral_id and s.status in ('accrued', 'available')
           group by s.currency) x) w on true
       order by q.place`,
      [page.after ?? '', page.limit + 1, page.kind],
    ),

  /** Who claims and, for the vendor's own people, who is credited now: with the referral, what connects it, and what it has earned. */
  disputeParties: (disputeId: string) =>
    many<PartyRow>(
      'disputes.parties',
      `select p.side, p.organization_id, o.name, o.domain, o.tier, p.referral_id, s.shown as status, r.agent_id, r.created_at,
         x.content as particulars, ${touchesOf('s')} as touches, ${evidenceOf('s')} as evidence,
         (select coalesce(jsonb_agg(jsonb_build_object('reward_id', w.reward_id, 'organization_id', w.organization_id, 'kind', w.kind,
             'currency', w.currency, 'status', w.status, 'accrued_minor', w.accrued_minor::text, 'reversed_minor', w.reversed_minor::text,
             'netted_minor', w.netted_minor::text) order by w.reward_id), '[]')
           from (select * from frontdesk.reward_states w where w.referral_id = p.referral_id order by w.reward_id desc limit 100) w) as rewards,
         p.attribution
       from (
         select 'claimant' as side, d.organization_id, d.claim_referral_id as referral_id, null::jsonb as attribution
         from frontdesk.disputes d where d.dispute_id = $1
         union all
         select 'credited', a.organization_id, a.referral_id,
           jsonb_build_object('seq', a.seq, 'rule', a.rule, 'decided_at', a.decided_at, 'dispute_id', a.dispute_id, 'trace', a.trace)
         from frontdesk.disputes d cross join lateral (
           select * from frontdesk.attributions n
           where n.program_id = d.program_id and n.prospect_id = d.prospect_id order by n.seq desc limit 1) a
         where d.dispute_id = $1 and ${reaches('tenant')}) p
       left join lateral (select * from frontdesk.organizations o where o.organization_id = p.organization_id limit 1) o on true
       left join lateral (select * from frontdesk.referral_states s where s.referral_id = p.referral_id limit 1) s on true
       left join lateral (select * from frontdesk.referrals r where r.referral_id = p.referral_id limit 1) r on true
       left join lateral (select x.content from frontdesk.particulars x where x.subject_id = p.referral_id limit 1) x on true
       order by p.side desc`,
      [disputeId],
    ),
} as const;

export type ReviewKind = 'dispute' | 'contested' | Exclude<HoldKind, 'dispute'>;

export interface HistoryRow {
  readonly event_id: string;
  readonly kind: string;
  readonly subject_id: string;
  readonly recorded_at: string;
  /** Canonical JSON. */
  readonly body: string;
  readonly block: number | null;
  /** As it was kept: an id, or `system:` and what of it. Null where the event itself says it, or nothing does. */
  readonly actor: string | null;
}

/** How something connects a referral to its prospect. */
export interface TouchRow {
  readonly touch_id: string;
  readonly kind: 'declared' | 'evidenced';
  readonly via: string;
  readonly token_id: string | null;
  readonly workspace_id: string | null;
  readonly created_at: string;
}

export interface LinkRow {
  readonly evidence_id: string;
  readonly kind: string;
  readonly source: string;
  readonly occurred_at: string;
  readonly created_at: string;
}

export interface ConnectionsRow {
  readonly state: ReferralState;
  readonly name: string | null;
  readonly domain: string | null;
  readonly tier: Tier | null;
  readonly agent_name: string | null;
  readonly touches: readonly TouchRow[];
  readonly evidence: readonly LinkRow[];
  readonly workspaces: readonly {
    readonly workspace_id: string;
    readonly status: string;
    readonly created_at: string;
    readonly expires_at: string;
  }[];
}

export interface FulfilmentRow {
  readonly fulfilment_id: string;
  readonly reward_id: string;
  readonly attempt: number;
  readonly status: 'sent' | 'confirmed' | 'failed';
  readonly reference: string | null;
  readonly sent_at: string;
  readonly settled_at: string | null;
}

export interface ReferralDisputeRow {
  readonly about: string;
  readonly contested: boolean;
  readonly holds: boolean;
  /** Null where the reader may only know that it is there. */
  readonly dispute: DisputeRow | null;
  readonly evidence: readonly DisputeEvidenceRow[];
}

export interface ReviewRow {
  readonly kind: ReviewKind;
  readonly id: string;
  readonly organization_id: string;
  readonly referral_id: string | null;
  /** Whose rewards wait for the decision. */
  readonly held_referral_id: string | null;
  readonly cause: string | null;
  readonly opened_at: string;
  readonly decide_by: string | null;
  readonly name: string | null;
  /** What was handed in first, as `DisputeEvidenceRow` has it. */
  readonly first: { readonly [key: string]: unknown } | null;
  readonly particulars: { readonly [key: string]: unknown } | null;
  readonly rewards: number;
  readonly held: readonly { readonly currency: string; readonly amount_minor: string }[] | null;
}

export interface PartyRow {
  readonly side: 'claimant' | 'credited';
  readonly organization_id: string;
  readonly name: string | null;
  readonly domain: string | null;
  readonly tier: Tier | null;
  readonly referral_id: string | null;
  readonly status: ReferralStatus | null;
  readonly agent_id: string | null;
  readonly created_at: string | null;
  readonly particulars: { readonly [key: string]: unknown } | null;
  readonly touches: readonly TouchRow[];
  readonly evidence: readonly LinkRow[];
  readonly rewards: readonly {
    readonly reward_id: string;
    readonly organization_id: string;
    readonly kind: string;
    readonly currency: string;
    readonly status: RewardState;
    readonly accrued_minor: string;
    readonly reversed_minor: string;
    readonly netted_minor: string;
  }[];
  readonly attribution: {
    readonly seq: number;
    readonly rule: string;
    readonly decided_at: string;
    readonly dispute_id: string | null;
    readonly trace: { readonly [key: string]: unknown };
  } | null;
}

const touchesOf = (s: string): string => `(select coalesce(jsonb_agg(to_jsonb(t) order by t.touch_id), '[]') from (
  select t.touch_id, t.kind, t.via, t.token_id, t.workspace_id, t.created_at from frontdesk.touches t
  where t.referral_id = ${s}.referral_id order by t.touch_id desc limit 100) t)`;
const evidenceOf = (s: string): string => `(select coalesce(jsonb_agg(to_jsonb(v) order by v.evidence_id), '[]') from (
  select v.evidence_id, v.kind, v.source, v.occurred_at, v.created_at from frontdesk.evidence v
  where v.referral_id = ${s}.referral_id order by v.evidence_id desc limit 100) v)`;

/** A dispute on the page. What it holds is found by way of who was credited: that is nobody's business but the tenant's. */
const claimed = `substr(d.dispute_id, 5) as place, 'dispute' as kind, d.dispute_id as id, d.organization_id, d.claim_referral_id as referral_id,
  coalesce(d.claim_referral_id, d.contested_referral_id) as about, (
    select h.referral_id from frontdesk.attributions a
    join frontdesk.holds h on h.referral_id = a.referral_id and h.kind = 'dispute' and h.cause = d.dispute_id and h.closed_at is null
    where a.program_id = d.program_id and a.prospect_id = d.prospect_id order by a.seq desc limit 1) as held_referral_id,
  null as cause, d.opened_at, d.decide_by`;
const openClaim = `d.status = 'open' and ($3::text is null or $3 = 'dispute') and d.dispute_id > 'dsp_' || $1 and d.dispute_id < 'dsp_~'`;
const holdKind = `case h.kind when 'dispute' then 'contested' else h.kind end`;
const held = `substr(h.hold_id, 5) as place, ${holdKind} as kind, h.hold_id as id, h.organization_id, h.referral_id,
  h.referral_id as about, h.referral_id as held_referral_id, h.cause, h.opened_at, null::timestamptz as decide_by`;
const openHold = `h.closed_at is null and ($3::text is null or $3 = ${holdKind}) and h.hold_id > 'hld_' || $1 and h.hold_id < 'hld_~'`;
