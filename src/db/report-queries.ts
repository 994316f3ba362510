import type { StoredEarning } from '../domain/earn-facts.ts';
import { earningFacts } from './earning-facts.ts';
import { many, one } from './query.ts';

/** What is asked when something is reported about a prospect, and when the prospect is judged. */
export const reportQueries = {
  /** What each of up to a hundred reports names, in their order of `n`; and whether a report with its id is there already. */
  reportSubjects: (subjects: readonly ReportSubject[]) =>
    many<ResolvedSubject>(
      'reports.subjects',
      // Every look-up is a lateral one with a limit: joined freely, the planner may read the whole tenant.
      `select x.n, r.fingerprint as known, p.prospect_id as by_domain, c.prospect_id as by_customer, w.prospect_id as by_workspace,
         s.prospect_id as by_referral, s.referral_id, w.workspace_id, w.referral_id as workspace_referral_id, k.token_id,
         o.organization_id
       from jsonb_to_recordset($1::jsonb -> 'list') x (n int, report_id text, workspace_id text, referral_id text, token_id text, code_hash text,
         prospect text, stripe_customer text, organization_id text)
       left join lateral (select * from frontdesk.reports r where r.source = 'vendor' and r.report_id = x.report_id limit 1) r on true
       left join lateral (select * from frontdesk.workspaces w where w.workspace_id = x.workspace_id limit 1) w on true
       left join lateral (select * from frontdesk.referral_states s where s.referral_id = x.referral_id limit 1) s on true
       left join lateral (
         (select k.token_id from frontdesk.referral_tokens k where k.token_id = x.token_id limit 1)
         union all
         (select k.token_id from frontdesk.referral_tokens k where k.code_hash = decode(x.code_hash, 'hex') limit 1)
         limit 1) k on true
       left join lateral (select * from frontdesk.prospects p where p.fingerprint = decode(x.prospect, 'hex') limit 1) p on true
       left join lateral (select * from frontdesk.customers c where c.stripe_customer = x.stripe_customer limit 1) c on true
       left join lateral (select * from frontdesk.organizations o where o.organization_id = x.organization_id limit 1) o on true
       order by x.n`,
      [{ list: subjects }],
    ),

  /** Everything that is known of a prospect in a program, of which `version` is current. `spans`: the calendar spans whose caps may bind now. */
  prospectFile: (ask: { prospectId: string; programId: string; version: number; spans: readonly string[] }) =>
    one<ProspectFileRow>(
      'prospects.file',
      `select p.prospect_id, encode(p.fingerprint, 'hex') as fingerprint, f.referrals, f.terms, t.reports, t.workspaces,
         a.credited, t.timer_at, e.earning
       from frontdesk.prospects p
       cross join lateral (
         select coalesce(jsonb_agg(to_jsonb(q) order by q.referral_id), '[]') as referrals,
           coalesce(jsonb_agg(q.organization_id), '[]') as organizations, coalesce(jsonb_agg(q.referral_id), '[]') as ids,
           (select jsonb_object_agg(v.version, v.terms) from frontdesk.program_versions v
             where v.program_id = $2 and (v.version = $4 or v.version = any(array_agg(q.program_version)))) as terms
         from (
           select r.referral_id, r.organization_id, o.domain as organization_domain, s.status, s.seq, s.evidenced_at is not null as evidenced,
             r.program_version, r.terms_sha256, r.expires_at,
             (select coalesce(jsonb_agg(jsonb_build_object('touch_id', h.touch_id, 'at', h.created_at, 'evidenced', h.kind = 'evidenced',
                 'token_id', h.token_id, 'workspace_id', h.workspace_id)), '[]')
               from (
                 (select * from frontdesk.touches h where h.referral_id = r.referral_id order by h.touch_id desc limit 200)
                 union
                 -- The referral was opened with it: who was a customer before that owes it nothing.
                 (select * from frontdesk.touches h where h.referral_id = r.referral_id order by h.touch_id limit 1)) h) as touches,
             (select coalesce(jsonb_agg(jsonb_build_object('kind', e.kind, 'source', e.source, 'at', e.occurred_at)), '[]')
               from (select * from frontdesk.evidence e where e.referral_id = r.referral_id limit 1000) e) as evidence
           from (
             select * from frontdesk.referral_states s
             where s.program_id = $2 and s.prospect_id = p.prospect_id and s.status in ('pending', 'qualified', 'rewarded') limit 200) s
           cross join lateral (select * from frontdesk.referrals r where r.referral_id = s.referral_id limit 1) r
           cross join lateral (select o.domain from frontdesk.organizations o where o.organization_id = r.organization_id limit 1) o
         ) q
       ) f
       left join lateral (
         select jsonb_build_object('referral_id', n.referral_id, 'earns_from', coalesce(n.trace ->> 'earns_from', n.trace ->> 'judged_at')) as credited, n.referral_id
         from frontdesk.attributions n where n.program_id = $2 and n.prospect_id = p.prospect_id order by n.seq desc limit 1) a on true
       cross join lateral (
         select
           (select coalesce(jsonb_agg(to_jsonb(q) order by q.occurred_at, q.report_id), '[]') from (
             select r.report_id, r.type, r.occurred_at, r.referral_id, r.visited_at, r.stripe_customer, k.token_id,
               k.organization_id as token_organization_id, k.agent_id as token_agent_id, k.campaign as token_campaign, o.domain as token_domain
             from (
               (select * from frontdesk.reports r where r.prospect_id = p.prospect_id order by r.occurred_at limit 1000)
               union all
               (select r.* from (select * from frontdesk.customers c where c.prospect_id = p.prospect_id limit 100) c
                 cross join lateral (
                   select * from frontdesk.reports r where r.stripe_customer = c.stripe_customer and r.prospect_id is null limit 1000) r
                 limit 1000)
             ) r
             left join lateral (select * from frontdesk.referral_tokens k where k.token_id = r.token_id limit 1) k on true
             left join lateral (select * from frontdesk.organizations o where o.organization_id = k.organization_id limit 1) o on true
           ) q) as reports,
           (select coalesce(jsonb_agg(jsonb_build_object('writes', w.writes, 'created_at', w.created_at, 'claimed_at', w.claimed_at)), '[]')
             from (
               select distinct h.workspace_id from jsonb_array_elements_text(f.ids) i (id)
               cross join lateral (
                 select * from frontdesk.touches h where h.referral_id = i.id and h.workspace_id is not null limit 200) h
             ) h cross join lateral (select * from frontdesk.workspaces w where w.workspace_id = h.workspace_id limit 1) w) as workspaces,
           (select min(x.due_at) from frontdesk.outbox x
             where x.aggregate = 'prospect-timer:' || p.prospect_id and x.state = 'waiting' and x.leased_until is null) as timer_at
       ) t
       cross join lateral (${earningFacts({
         ...{ prospect: 'p.prospect_id', terms: 'f.terms', spans: '$3', referral: 'a.referral_id' },
         subjects: `
           select $2::text as subject union select jsonb_array_elements_text(f.organizations) union select jsonb_array_elements_text(f.ids)
           union
           -- Whoever a token names may be opened a referral, and win, by this very judgement.
           select k.organization_id from (
             (select r.token_id from frontdesk.reports r where r.prospect_id = p.prospect_id and r.token_id is not null
               order by r.occurred_at limit 1000)
             union
             (select r.token_id from (select * from frontdesk.customers c where c.prospect_id = p.prospect_id limit 100) c
               cross join lateral (
                 select r.token_id from frontdesk.reports r
                 where r.stripe_customer = c.stripe_customer and r.prospect_id is null and r.token_id is not null limit 1000) r)
           ) r cross join lateral (select * from frontdesk.referral_tokens k where k.token_id = r.token_id limit 1) k`,
       })}) e
       where p.prospect_id = $1`,
      [ask.prospectId, ask.programId, ask.spans, ask.version],
    ),

  /** Pending referrals that ended before `at`, the longest ago first. */
  referralsToExpire: (at: Date, limit: number) =>
    many<{ referral_id: string; organization_id: string; seq: number; evidenced: boolean }>(
      'referrals.to_expire',
      `select s.referral_id, s.organization_id, s.seq, s.evidenced_at is not null as evidenced from frontdesk.referral_states s
       where s.status = 'pending' and s.expires_at < $1 order by s.expires_at limit $2`,
      [at, limit],
    ),
} as const;

/** What a report names, before it is looked up. Codes and domains come as keyed or plain hashes in hex. */
export interface ReportSubject {
  readonly n: number;
  readonly report_id: string;
  readonly workspace_id: string | null;
  readonly referral_id: string | null;
  readonly token_id: string | null;
  readonly code_hash: string | null;
  readonly prospect: string | null;
  readonly stripe_customer: string | null;
  readonly organization_id: string | null;
}

export interface ResolvedSubject {
  readonly n: number;
  /** Fingerprint of the report that is there under this id. */
  readonly known: string | null;
  readonly by_domain: string | null;
  readonly by_customer: string | null;
  readonly by_workspace: string | null;
  readonly by_referral: string | null;
  readonly referral_id: string | null;
  readonly workspace_id: string | null;
  readonly workspace_referral_id: string | null;
  readonly token_id: string | null;
  readonly organization_id: string | null;
}

/** JSON made by the query: times are RFC 3339 as Postgres writes them. */
export interface ProspectFileRow {
  readonly prospect_id: string;
  readonly fingerprint: string;
  readonly referrals: readonly {
    readonly referral_id: string;
    readonly organization_id: string;
    readonly organization_domain: string | null;
    readonly status: 'pending' | 'qualified' | 'rewarded';
    readonly seq: number;
    readonly evidenced: boolean;
    readonly program_version: number;
    readonly terms_sha256: string;
    readonly expires_at: string;
    readonly touches: readonly { touch_id: string; at: string; evidenced: boolean; token_id: string | null }[];
    readonly evidence: readonly { kind: string; source: string; at: string }[];
  }[];
  /** Canonical terms by version. */
  readonly terms: { readonly [version: string]: string } | null;
  readonly reports: readonly {
    readonly report_id: string;
    readonly type: string;
    readonly occurred_at: string;
    readonly referral_id: string | null;
    readonly visited_at: string | null;
    readonly stripe_customer: string | null;
    readonly token_id: string | null;
    readonly token_organization_id: string | null;
    readonly token_agent_id: string | null;
    readonly token_campaign: string | null;
    readonly token_domain: string | null;
  }[];
  readonly workspaces: readonly { readonly writes: number; readonly created_at: string; readonly claimed_at: string | null }[];
  /** Whoever is credited now, and since when payments earn. */
  readonly credited: { readonly referral_id: string; readonly earns_from: string } | null;
  readonly timer_at: string | null;
  readonly earning: StoredEarning;
}
