import type { StoredEarning } from '../domain/earn-facts.ts';
import type { ReferralState } from '../domain/referral-state.ts';
import type { RewardState } from '../domain/reward-state.ts';
import { earningFacts } from './earning-facts.ts';
import { context, first, last, many, one, reachedOrganizations, reaches } from './query.ts';

/** Questions about disputes and about what holds a referral. */
export const disputeQueries = {
  /**
   * What a claim of the calling organization hangs on (one of the three is given): the prospect, its own referral of it, whoever is
   * credited, and an earlier dispute in the way. Nothing where it has no such referral or workspace, or the prospect is unknown.
   */
  disputeGround: (ask: { referralId: string | null; workspaceId: string | null; fingerprint: string | null; programId: string }) =>
    one<DisputeGroundRow>(
      'disputes.ground',
      `select a.prospect_id, encode(p.fingerprint, 'hex') as fingerprint, a.program_id, a.touched_at, s.referral_id as own_referral_id,
         s.status as own_status, c.referral_id as winner_referral_id, c.organization_id as winner_organization_id,
         e.dispute_id as earlier_dispute_id, e.status as earlier_status
       from (select ${context('organizations')} as id) me
       cross join lateral (
         select s.prospect_id, s.program_id, s.referral_id, r.created_at as touched_at
         from frontdesk.referral_states s join frontdesk.referrals r on r.referral_id = s.referral_id
         where s.referral_id = $1 and s.organization_id = me.id
         union all
         select w.prospect_id, $4, null, w.created_at from frontdesk.workspaces w where w.workspace_id = $2 and w.organization_id = me.id
         union all
         select p.prospect_id, $4, null, null from frontdesk.prospects p where p.fingerprint = decode($3, 'hex')
       ) a
       join frontdesk.prospects p on p.prospect_id = a.prospect_id
       left join lateral (${newestAttribution('a')}) c on true
       left join lateral (
         select q.referral_id, q.status from (${referralsOf('a', 'me.id', 'a.referral_id')}) q
         where a.referral_id is null or q.referral_id = a.referral_id order by q.rank limit 1) s on true
       left join lateral (
         select d.dispute_id, d.status from frontdesk.disputes d
         where d.organization_id = me.id and d.prospect_id = a.prospect_id and (d.status = 'open'
           or (d.status in ('denied', 'withdrawn') and d.contested_referral_id is not distinct from c.referral_id))
         order by d.status = 'open' desc, d.dispute_id desc limit 1) e on true`,
      [ask.referralId, ask.workspaceId, ask.fingerprint, ask.programId],
    ),

  /** As its parties may see it: who is contested and how it was decided comes to the tenant's own people only. */
  dispute: (disputeId: string) =>
    one<DisputeRow>(
      'disputes.one',
      `select ${disputeColumns}, s.referral_id as contested_referral_id, s.organization_id as contested_organization_id,
         case when ${reaches('tenant')} then d.decided_by end as decided_by, case when ${reaches('tenant')} then d.trace end as trace
       from frontdesk.disputes d left join frontdesk.referral_states s on s.referral_id = d.contested_referral_id and ${reaches('tenant')}
       where d.dispute_id = $1`,
      [disputeId],
    ),

  /** Oldest first; of a reader only what it wrote itself, unless it reaches the tenant. */
  disputeEvidence: (disputeId: string) =>
    many<DisputeEvidenceRow>(
      'dispute_evidence.of_dispute',
      `select e.evidence_id, e.organization_id, e.content, e.created_at from frontdesk.dispute_evidence e
       where e.dispute_id = $1 order by e.evidence_id limit 100`,
      [disputeId],
    ),

  /** Newest first; one more than `limit`. */
  disputes: (page: { after: string | null; limit: number; status: string | null }) =>
    many<ListedDisputeRow>(
      'disputes.page',
      `select ${disputeColumns} from (
         (select * from frontdesk.disputes d where ${reaches('tenant')} and ${disputeOnPage} order by d.dispute_id desc limit $3)
         union all
         (select d.* from ${reachedOrganizations} cross join lateral (
           select * from frontdesk.disputes d where d.organization_id = o.id and ${disputeOnPage} order by d.dispute_id desc limit $3) d)) d
       order by d.dispute_id desc limit $3`,
      [page.after ?? last, page.status, page.limit + 1],
    ),

  /** A dispute with what it holds now and everything that was handed in. Writers only. */
  disputeState: (disputeId: string) =>
    one<DisputeStateRow>('disputes.state', `select ${stateColumns} from frontdesk.disputes d where d.dispute_id = $1`, [disputeId]),

  /** Open disputes whose time is over, the oldest first. Writers only. */
  overdueDisputes: (at: Date, limit: number) =>
    many<DisputeStateRow>(
      'disputes.overdue',
      `select ${stateColumns} from frontdesk.disputes d where d.status = 'open' and d.decide_by <= $1 order by d.decide_by, d.dispute_id limit $2`,
      [at, limit],
    ),

  /** What upholding a dispute depends on, beside its own state. `version`: the current one. `spans`: the calendar spans whose caps may bind now. */
  disputeFile: (ask: { disputeId: string; version: number; spans: readonly string[] }) =>
    one<DisputeFileRow>(
      'disputes.file',
      `select b.basis, to_jsonb(c) || jsonb_build_object('rewards', w.rewards) as credited, f.own, f.terms, h.others, y.earning
       from frontdesk.disputes d
       left join lateral (
         select e.content -> 'basis' as basis from frontdesk.dispute_evidence e where e.dispute_id = d.dispute_id order by e.evidence_id limit 1
       ) b on true
       left join lateral (
         select a.seq as attribution, a.earns_from, s.referral_id, s.organization_id, s.status, s.seq, s.evidenced_at is not null as evidenced
         from (${newestAttribution('d')}) a join frontdesk.referral_states s on s.referral_id = a.referral_id
       ) c on true
       cross join lateral (
         select coalesce(jsonb_agg(jsonb_build_object('reward_id', s.reward_id, 'kind', r.kind, 'organization_id', s.organization_id,
           'currency', s.currency, 'status', s.status, 'seq', s.seq, 'accrued_minor', s.accrued_minor::text,
           'reversed_minor', s.reversed_minor::text, 'netted_minor', s.netted_minor::text,
           'payable_minor', (select coalesce(sum(p.amount_minor), 0)::text from frontdesk.entries e
             join frontdesk.postings p on p.entry_id = e.entry_id and p.account = 'payable' where e.reward_id = s.reward_id))
           order by s.reward_id), '[]') as rewards
         from frontdesk.reward_states s join frontdesk.rewards r on r.reward_id = s.reward_id where s.referral_id = c.referral_id
       ) w
       cross join lateral (
         select coalesce(jsonb_agg(to_jsonb(q) order by q.referral_id desc), '[]') as own, coalesce(jsonb_agg(q.referral_id), '[]') as ids,
           (select jsonb_object_agg(v.version, v.terms) from frontdesk.program_versions v
             where v.program_id = d.program_id and (v.version = $2 or v.version = any(array_agg(q.program_version)))) as terms
         from (
           select s.referral_id, s.status, s.seq, s.evidenced_at is not null as evidenced, r.program_version, r.terms_sha256,
             exists (select from frontdesk.reward_states x where x.referral_id = s.referral_id) as earned,
             (select max(t.created_at) from frontdesk.touches t where t.referral_id = s.referral_id) as touched_at
           from (select distinct q.referral_id from (${referralsOf('d', 'd.organization_id', 'd.claim_referral_id')}) q) i
           join frontdesk.referral_states s on s.referral_id = i.referral_id join frontdesk.referrals r on r.referral_id = s.referral_id
         ) q
       ) f
       cross join lateral (
         select coalesce(jsonb_agg(jsonb_build_object('dispute_id', d.dispute_id, 'holds', ${holdsOf})), '[]') as others
         from (select * from frontdesk.disputes x where x.prospect_id = d.prospect_id and x.program_id = d.program_id and x.status = 'open'
           and x.dispute_id <> d.dispute_id order by x.dispute_id limit 200) d
       ) h
       cross join lateral (${earningFacts({
         ...{ prospect: 'd.prospect_id', terms: 'f.terms', spans: '$3', referral: 'null' },
         subjects: 'select d.program_id as subject union select d.organization_id union select jsonb_array_elements_text(f.ids)',
       })}) y
       where d.dispute_id = $1`,
      [ask.disputeId, ask.version, ask.spans],
    ),

  /** What is open against a referral, the oldest first. */
  openHolds: (referralId: string) =>
    many<HoldRow>(
      'holds.open',
      `select ${holdColumns} from frontdesk.holds h where h.referral_id = $1 and h.closed_at is null order by h.hold_id`,
      [referralId],
    ),

  hold: (holdId: string) => one<HoldRow>('holds.one', `select ${holdColumns} from frontdesk.holds h where h.hold_id = $1`, [holdId]),

  /**
   * Open referrals that a token under this key ever touched and that are not held for it yet, in the order of their ids, out of the next
   * `look` referrals after `after`; `looked` is the last one that was looked at. Writers only.
   */
  referralsOfKey: (ask: { kid: string; cause: string; after: string; look: number }) =>
    one<KeyReferralsRow>(
      'referrals.of_key',
      `select max(s.referral_id) as looked, count(*)::int as seen,
         coalesce(jsonb_agg(jsonb_build_object('referral_id', s.referral_id, 'organization_id', s.organization_id) order by s.referral_id)
           filter (where s.status in ('pending', 'qualified', 'rewarded') and exists (
             select from frontdesk.touches t join frontdesk.referral_tokens k on k.token_id = t.token_id
             where t.referral_id = s.referral_id and k.kid = $1)
           and not exists (select from frontdesk.holds h
             where h.referral_id = s.referral_id and h.kind = 'risk' and h.cause = $2 and h.closed_at is null)), '[]') as found
       from (select * from frontdesk.referral_states s where s.referral_id > $3 order by s.referral_id limit $4) s`,
      [ask.kid, ask.cause, ask.after || first, ask.look],
    ),
} as const;

/** The newest decision about the prospect and program of `of`. */
function newestAttribution(of: string): string {
  return `select n.seq, n.referral_id, n.organization_id, coalesce(n.trace ->> 'earns_from', n.trace ->> 'judged_at') as earns_from
    from frontdesk.attributions n
    where n.program_id = ${of}.program_id and n.prospect_id = ${of}.prospect_id order by n.seq desc limit 1`;
}

/**
 * Referrals of an organization about the prospect of `of`: the one that is named, the open one, and those that lost by an attribution,
 * whose trace names them: by prospect alone only open ones can be looked up.
 */
function referralsOf(of: string, organization: string, named: string): string {
  const sameProspect = (t: string) => `${t}.program_id = ${of}.program_id and ${t}.prospect_id = ${of}.prospect_id`;
  return `
    select s.referral_id, s.status, 1 as rank from frontdesk.referral_states s where s.referral_id = ${named}
    union all
    select s.referral_id, s.status, 2 from frontdesk.referral_states s
    where ${sameProspect('s')} and s.organization_id = ${organization} and s.status in ('pending', 'qualified', 'rewarded')
    union all
    select s.referral_id, s.status, 3 from frontdesk.attributions l cross join lateral jsonb_array_elements(l.trace -> 'losers') x
    cross join lateral (select * from frontdesk.referral_states s where s.referral_id = x ->> 'referral' limit 1) s
    where ${sameProspect('l')} and s.organization_id = ${organization}`;
}

const disputeColumns = `d.dispute_id, d.organization_id, d.program_id, d.claim_referral_id, d.status, d.opened_at, d.decide_by, d.decided_at,
  d.because`;
const disputeOnPage = `d.dispute_id > '${first}' and d.dispute_id < $1 and ($2::text is null or d.status = $2)`;
const holdColumns = 'h.hold_id, h.referral_id, h.organization_id, h.kind, h.cause, h.opened_at, h.closed_at';

/** What dispute `d` holds: the referral that it contested, or whoever was credited since. */
const holdsOf = `(
  select coalesce(jsonb_agg(jsonb_build_object('hold_id', h.hold_id, 'referral_id', h.referral_id, 'organization_id', h.organization_id)
    order by h.hold_id), '[]')
  from (select distinct a.referral_id from frontdesk.attributions a where a.program_id = d.program_id and a.prospect_id = d.prospect_id) a
  join frontdesk.holds h on h.referral_id = a.referral_id and h.kind = 'dispute' and h.cause = d.dispute_id and h.closed_at is null)`;

const stateColumns = `${disputeColumns}, d.agent_id, d.prospect_id, d.contested_referral_id, ${holdsOf} as holds,
  (select s.organization_id from frontdesk.referral_states s where s.referral_id = d.contested_referral_id) as contested_organization_id,
  (select coalesce(jsonb_agg(jsonb_build_object('evidence_id', e.evidence_id, 'organization_id', e.organization_id) order by e.evidence_id), '[]')
    from frontdesk.dispute_evidence e where e.dispute_id = d.dispute_id) as evidence`;

export type DisputeStatus = 'open' | 'upheld' | 'denied' | 'withdrawn';

export interface DisputeGroundRow {
  readonly prospect_id: string;
  readonly fingerprint: string;
  readonly program_id: string;
  readonly touched_at: string | null;
  readonly own_referral_id: string | null;
  readonly own_status: ReferralState | null;
  readonly winner_referral_id: string | null;
  readonly winner_organization_id: string | null;
  readonly earlier_dispute_id: string | null;
  readonly earlier_status: 'open' | 'denied' | 'withdrawn' | null;
}

export interface ListedDisputeRow {
  readonly dispute_id: string;
  readonly organization_id: string;
  readonly program_id: string;
  readonly claim_referral_id: string | null;
  readonly status: DisputeStatus;
  readonly opened_at: string;
  readonly decide_by: string;
  readonly decided_at: string | null;
  readonly because: string | null;
}

export interface DisputeRow extends ListedDisputeRow {
  readonly contested_referral_id: string | null;
  readonly contested_organization_id: string | null;
  readonly decided_by: string | null;
  readonly trace: { readonly [key: string]: unknown } | null;
}

export interface DisputeEvidenceRow {
  readonly evidence_id: string;
  /** Null: the vendor's own people. */
  readonly organization_id: string | null;
  /** `{ salt, text: { claim, evidence_url }, basis? }`, or empty once it was erased. */
  readonly content: { readonly [key: string]: unknown };
  readonly created_at: string;
}

export interface DisputeStateRow extends ListedDisputeRow {
  readonly agent_id: string | null;
  readonly prospect_id: string;
  readonly contested_referral_id: string | null;
  readonly contested_organization_id: string | null;
  readonly holds: readonly { readonly hold_id: string; readonly referral_id: string; readonly organization_id: string }[];
  readonly evidence: readonly { readonly evidence_id: string; readonly organization_id: string | null }[];
}

/** JSON made by the query: times are RFC 3339 as Postgres writes them, money is decimal text. */
export interface DisputeFileRow {
  readonly basis: { readonly by: 'referral' | 'workspace' | 'referral_token'; readonly id: string; readonly touched_at: string } | null;
  readonly credited: {
    readonly attribution: number;
    readonly earns_from: string;
    readonly referral_id: string;
    readonly organization_id: string;
    readonly status: ReferralState;
    readonly seq: number;
    readonly evidenced: boolean;
    readonly rewards: readonly {
      readonly reward_id: string;
      readonly kind: string;
      readonly organization_id: string;
      readonly currency: string;
      readonly status: RewardState;
      readonly seq: number;
      readonly accrued_minor: string;
      readonly reversed_minor: string;
      readonly netted_minor: string;
      readonly payable_minor: string;
    }[];
  } | null;
  /** The claimant's, newest first. */
  readonly own: readonly {
    readonly referral_id: string;
    readonly status: ReferralState;
    readonly seq: number;
    readonly evidenced: boolean;
    readonly program_version: number;
    readonly terms_sha256: string;
    readonly earned: boolean;
    readonly touched_at: string;
  }[];
  /** Canonical terms by version. */
  readonly terms: { readonly [version: string]: string } | null;
  readonly others: readonly { readonly dispute_id: string; readonly holds: DisputeStateRow['holds'] }[];
  readonly earning: StoredEarning;
}

export interface HoldRow {
  readonly hold_id: string;
  readonly referral_id: string;
  readonly organization_id: string;
  readonly kind: 'risk' | 'dispute' | 'payment_dispute' | 'review';
  readonly cause: string;
  readonly opened_at: string;
  readonly closed_at: string | null;
}

export interface KeyReferralsRow {
  /** Null: there is none after `after`. */
  readonly looked: string | null;
  readonly seen: number;
  readonly found: readonly { readonly referral_id: string; readonly organization_id: string }[];
}
