import { mostDisputesCounted } from '../domain/overview.ts';
import { type ReferralStatus, referralStatuses } from '../domain/referral-state.ts';
import { lowestId } from './id-range.ts';
import { many, one, reachedOrganizations, reaches } from './query.ts';

/**
 * Sums over stretches of time. Referrals are counted in an index that has their state, time and makers; of what has an id that says when it
 * was made, a stretch is a range of ids. What is filtered by stands in the text only where it is asked: its plan is then its own.
 */
export const overviewQueries = {
  /** Referrals by the day they were recorded and by their state, and the agents and organizations that brought most. */
  overviewReferrals({ days, filter }: OverviewAsked) {
    const asked = readFilter(filter, 6);
    const starts = days.map((day) => day.toISOString());
    return one<OverviewReferralsRow>(
      `overview.referrals${asked.key}`,
      `with g as materialized (
         select * from ${summed(counts, 'referral_states', 's', `s.shown = any($3) and ${inAllDays}${asked.referral}`, perDayAndMaker)} m)
       select (select coalesce(jsonb_agg(jsonb_build_object('day', g.day, 'status', g.shown, 'referrals', g.referrals)), '[]')
           from g where g.day is not null) as days,
         (select coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'organization_id', a.organization_id, 'name', a.name, ${shownCounts})
             order by t.place), '[]')
           from ${first10('agent_id')} cross join lateral (select * from frontdesk.agents a where a.agent_id = t.id limit 1) a) as agents,
         (select coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'domain', o.domain, 'name', o.name, ${shownCounts},
             'settled', c.settled) order by t.place), '[]')
           from ${first10('organization_id')}
           cross join lateral (select * from frontdesk.organizations o where o.organization_id = t.id limit 1) o
           cross join lateral (
             select coalesce(jsonb_agg(jsonb_build_object('currency', x.currency, 'minor', x.minor::text) order by x.currency), '[]') as settled
             from (select w.currency, ${settled} as minor from frontdesk.reward_states w
               where w.organization_id = t.id and w.reward_id >= $4 and w.reward_id < $5${asked.of('w')}
               group by w.currency having ${settled} > 0) x) c) as organizations`,
      [starts.slice(0, -1), starts.at(-1) ?? null, statusesOf(filter), ...range('rwd', endsOf(days)), ...asked.values],
    );
  },

  /** The same of the stretch before, in sum; since when there are any; and how long it took from recorded to rewarded. */
  overviewPace({ days, before, filter }: OverviewAsked) {
    const asked = readFilter(filter, 6);
    const within = (from: string, to: string) => `s.created_at >= ${from} and s.created_at < ${to}${asked.referral}`;
    return one<OverviewPaceRow>(
      `overview.pace${asked.key}`,
      `select b.*, p.seconds, a.since
       from (
         select coalesce(sum(c.n), 0)::int as referrals, coalesce(sum(c.n) filter (where x.shown in ('qualified', 'rewarded')), 0)::int as qualified,
           coalesce(sum(c.n) filter (where x.shown = 'rewarded'), 0)::int as rewarded
         from unnest($5::text[]) x (shown)
         cross join lateral ${summed('count(*) as n', 'referral_states', 's', `s.shown = x.shown and ${within('$1', '$2')}`)} c) b
       cross join (select round(max(m.median))::int as seconds
         from ${summed(median, 'referral_states', 's', `s.shown = 'rewarded' and s.shown = any($5) and ${within('$3', '$4')}`)} m) p
       cross join (select min(s.created_at) as since from (
         (select s.referral_id from frontdesk.referral_states s where ${reaches('tenant')} order by s.referral_id limit 1)
         union all
         (select f.referral_id from ${reachedOrganizations} cross join lateral (
           select s.referral_id from frontdesk.referral_states s where s.organization_id = o.id order by s.referral_id limit 1) f)) f
         cross join lateral (select * from frontdesk.referral_states s where s.referral_id = f.referral_id limit 1) s) a`,
      [...before, ...endsOf(days), statusesOf(filter), ...asked.values],
    );
  },

  /** What was earned, per currency: in the stretch, and in the one before. */
  overviewRewards({ days, before, filter }: OverviewAsked) {
    const asked = readFilter(filter, 5);
    const sums = (
      isNow: boolean,
    ) => `${isNow} as is_now, w.currency, sum(w.accrued_minor)::bigint as accrued_minor, ${settled} as settled_minor,
      sum(w.reversed_minor)::bigint as reversed_minor`;
    const earned = (isNow: boolean, from: string, to: string) =>
      summed(sums(isNow), 'reward_states', 'w', `w.reward_id >= ${from} and w.reward_id < ${to}${asked.of('w')}`, perCurrency);
    return many<OverviewRewardsRow>(
      `overview.rewards${asked.key}`,
      `select w.* from (select * from ${earned(true, '$1', '$2')} n union all select * from ${earned(false, '$3', '$4')} b) w order by w.currency`,
      [...range('rwd', endsOf(days)), ...range('rwd', before), ...asked.values],
    );
  },

  /** Workspaces that were made for a referral, how many of them somebody took over; links that were followed; and what is open now. */
  overviewOpen({ days, before, filter }: OverviewAsked) {
    const asked = readFilter(filter, 7);
    const made = (from: string, to: string) =>
      summed(
        'count(*) as made, count(w.claimed_at) as claimed',
        'workspaces',
        'w',
        `w.referral_id is not null and w.workspace_id >= ${from} and w.workspace_id < ${to}${asked.of('w')}`,
      );
    return one<OverviewOpenRow>(
      `overview.open${asked.key}`,
      `select a.*, b.*, v.visits, d.disputes, h.held
       from (select sum(w.made)::int as provisioned, sum(w.claimed)::int as claimed from ${made('$1', '$2')} w) a
       cross join (select sum(w.claimed)::int as claimed_before from ${made('$3', '$4')} w) b
       cross join (select count(*)::int as visits from frontdesk.link_visits v
         where ${reaches('tenant')} and v.visit_id >= $5 and v.visit_id < $6${asked.visit}) v
       cross join (select count(*)::int as disputes from (
         (select from frontdesk.disputes d where ${reaches('tenant')} and d.status = 'open'${asked.disputed} order by d.decide_by limit ${mostDisputesCounted})
         union all
         (select from ${reachedOrganizations} cross join lateral (select from frontdesk.disputes d
           where d.organization_id = o.id and d.status = 'open'${asked.disputed} order by d.dispute_id limit ${mostDisputesCounted}) d limit ${mostDisputesCounted})) d) d
       cross join (select count(*)::int as held from ${inReach('referral_states', 's', `${isHeld}${asked.referral}`)}
         cross join lateral (select from frontdesk.reward_states w
           where w.referral_id = s.referral_id and w.status in ('accrued', 'available') limit 1000) w) h`,
      [...range('ws', endsOf(days)), ...range('ws', before), ...range('vis', endsOf(days)), ...asked.values],
    );
  },
} as const;

/** What is summed up. */
export interface OverviewAsked {
  /** Where each day begins, the oldest first, and where the last one ends. */
  readonly days: readonly Date[];
  /** The stretch that it is compared with. */
  readonly before: readonly [from: Date, to: Date];
  readonly filter: OverviewFilter;
}

export interface OverviewFilter {
  readonly organizationId: string | null;
  readonly agentId: string | null;
  readonly campaign: string | null;
  readonly status: ReferralStatus | null;
}

export interface ReferralCounts {
  readonly referrals: number;
  /** Qualified or rewarded now, and under no hold that hides it. */
  readonly qualified: number;
  readonly rewarded: number;
}

export interface OverviewReferralsRow {
  /** `day`: the first is 1. */
  readonly days: readonly { readonly day: number; readonly status: ReferralStatus; readonly referrals: number }[];
  readonly agents: readonly (ReferralCounts & { readonly id: string; readonly organization_id: string | null; readonly name: string })[];
  readonly organizations: readonly (ReferralCounts & {
    readonly id: string;
    readonly domain: string | null;
    readonly name: string;
    readonly settled: readonly { readonly currency: string; readonly minor: string }[];
  })[];
}

export interface OverviewPaceRow extends ReferralCounts {
  /** Median; null where none was rewarded. */
  readonly seconds: number | null;
  readonly since: string | null;
}

export interface OverviewRewardsRow {
  readonly is_now: boolean;
  readonly currency: string;
  readonly accrued_minor: bigint;
  readonly settled_minor: bigint;
  readonly reversed_minor: bigint;
}

export interface OverviewOpenRow {
  readonly provisioned: number;
  readonly claimed: number;
  readonly claimed_before: number;
  readonly visits: number;
  readonly disputes: number;
  readonly held: number;
}

/**
 * Rows of a table that the caller reaches; each way to reach them by an index of its own. `offset 0` keeps what is looked up of each
 * organization from being joined the other way round, by which the whole tenant would be read.
 */
const inReach = (table: string, alias: string, where: string): string => `(
  select ${alias}.* from frontdesk.${table} ${alias} where ${reaches('tenant')} and ${where}
  union all
  select ${alias}.* from ${reachedOrganizations} cross join lateral (
    select * from frontdesk.${table} ${alias} where ${alias}.organization_id = o.id and ${where} offset 0) ${alias}) ${alias}`;

/** What of them is wanted, summed up apart for each way, so that no row passes from one step to the next more often than it must. */
const summed = (what: string, table: string, alias: string, where: string, end = ''): string => `(
  select ${what} from frontdesk.${table} ${alias} where ${reaches('tenant')} and ${where} ${end}
  union all
  select ${what} from ${reachedOrganizations} cross join lateral (
    select * from frontdesk.${table} ${alias} where ${alias}.organization_id = o.id and ${where} offset 0) ${alias} ${end})`;

/** Everything in one pass. A day is the number of the last one that began before. */
const counts = `width_bucket(s.created_at, $1::timestamptz[]) as day, s.shown, s.agent_id, s.organization_id, count(*)::int as referrals,
  count(*) filter (where s.shown in ('qualified', 'rewarded'))::int as qualified, count(*) filter (where s.shown = 'rewarded')::int as rewarded`;
const perDayAndMaker = 'group by grouping sets ((s.agent_id), (s.organization_id), (day, s.shown))';
const inAllDays = 's.created_at >= ($1::timestamptz[])[1] and s.created_at < $2::timestamptz';
/** In seconds. */
const median = `percentile_cont(0.5) within group (order by date_part('epoch', s.changed_at - s.created_at)) as median`;
/** The empty set is there for the planner, which would sort the rows for one set alone. */
const perCurrency = 'group by grouping sets ((w.currency), ()) having w.currency is not null';
const shownCounts = `'referrals', t.referrals, 'qualified', t.qualified, 'rewarded', t.rewarded`;
/** The same words as the index on what is held. */
const isHeld = '(s.risk_holds > 0 or s.dispute_holds > 0 or s.other_holds > 0)';
/** Credited or paid out, without what was taken back of it since. */
const settled = `coalesce(sum(w.accrued_minor - w.reversed_minor) filter (where w.status = 'fulfilled'), 0)::bigint`;

/** One of the sets is those of no agent. */
const first10 = (id: string): string => `(
  select g.*, g.${id} as id, row_number() over (order by g.qualified desc, g.referrals desc, g.${id}) as place
  from g where g.${id} is not null order by place limit 10) t`;

/** A filter as it stands in a statement. A filter by state is a parameter where states are counted, and stands in the text elsewhere. */
interface Asked {
  /** Of the statement's name: one name has one text. */
  readonly key: string;
  readonly values: readonly string[];
  /** Of a referral's state `s`. */
  readonly referral: string;
  /** Of a dispute `d`, which is about up to two referrals. */
  readonly disputed: string;
  /** Of a followed link `v`: its token says whose it is. */
  readonly visit: string;
  /** Of something of an organization that belongs to a referral. Nothing is, where a state is asked. */
  readonly of: (alias: string) => string;
}

/** @param at the number of its first parameter */
function readFilter(filter: OverviewFilter, at: number): Asked {
  const columns = { organization_id: filter.organizationId, agent_id: filter.agentId, campaign: filter.campaign, shown: filter.status };
  const given = Object.entries(columns).flatMap(([column, value]) => (value === null ? [] : [{ column, value }]));
  const terms = given.map(({ column }, n) => ({ column, is: `.${column} = $${at + n}` }));
  const all = (alias: string, chosen: typeof terms) => chosen.map(({ is }) => ` and ${alias}${is}`).join('');
  const owner = terms.filter(({ column }) => column === 'organization_id');
  const others = terms.filter(({ column }) => column !== 'organization_id');
  const tokens = all('k', terms);
  // Only referrals have a state. None of the parameters is null.
  const nothing = filter.status === null ? null : ` and coalesce(${terms.map((_, n) => `$${at + n}::text`).join(', ')}) is null`;
  const exists = (rows: string) => ` and exists (select from ${rows})`;
  const either = 's.referral_id in (d.claim_referral_id, d.contested_referral_id)';
  // `is true` keeps the list apart: it is made once and looked up in memory, where a join would look up each row in an index.
  const belonging = `(select s.referral_id from ${inReach('referral_states', 's', `true${all('s', others)}`)})`;
  return {
    key: given.map(({ column }) => `.${column}`).join(''),
    values: given.map(({ value }) => value),
    referral: all('s', terms),
    disputed: all('d', owner) + (others.length === 0 ? '' : exists(`frontdesk.referral_states s where ${either}${all('s', others)}`)),
    visit: nothing ?? (tokens === '' ? '' : exists(`frontdesk.referral_tokens k where k.token_id = v.token_id${tokens}`)),
    of: (alias) => nothing ?? all(alias, owner) + (others.length === 0 ? '' : ` and (${alias}.referral_id in ${belonging}) is true`),
  };
}

const statusesOf = ({ status }: OverviewFilter): readonly string[] => (status === null ? referralStatuses : [status]);
const endsOf = (days: readonly Date[]): readonly [Date, Date] => [days[0] ?? new Date(0), days.at(-1) ?? new Date(0)];
const range = (prefix: string, [from, to]: readonly [Date, Date]): string[] => [lowestId(prefix, from), lowestId(prefix, to)];
