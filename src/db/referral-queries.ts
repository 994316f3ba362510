import type { ReferralStatus } from '../domain/referral-state.ts';
import type { Statement } from './batch.ts';
import { many, reachedOrganizations, reaches } from './query.ts';

/** What people look for among referrals. */
export const referralQueries = {
  /**
   * In order of time; one more than `limit`. Every filter has an index that begins with it, goes on with the status and ends with the time:
   * a page is read from a few short ranges, one for each status that is asked for, however rare what is looked for is.
   */
  searchReferrals: (page: ReferralPage): Statement<readonly FoundReferralRow[]> =>
    many<FoundReferralRow>(...pageOf('referrals.search', page, `${listedColumns}, ${foundColumns}`, found)),

  /** The same without what is told beside each. */
  referrals: (page: ReferralPage): Statement<readonly ListedReferralRow[]> =>
    many<ListedReferralRow>(...pageOf('referrals.page', page, listedColumns, '')),
} as const;

function pageOf(name: string, page: ReferralPage, columns: string, joined: string): Parameters<typeof many> {
  const { filter, after, oldestFirst, limit } = page;
  const order = oldestFirst ? 'asc' : 'desc';
  const begin = oldestFirst && after ? after : { at: filter.from, id: '' };
  const end = !oldestFirst && after ? after : { at: filter.to, id: '' };
  const range = rangeOf(filter, order);
  const inOrder = `order by s.created_at ${order}, s.referral_id ${order}`;
  return [
    `${name}.${range.name}.${order}`,
    `select ${columns} from (select s.* from (${range.text}) s ${inOrder} limit $1) s ${listed} ${joined} ${inOrder}`,
    [limit + 1, filter.statuses, begin.at ?? '-infinity', begin.id, end.at ?? 'infinity', end.id, ...range.values],
  ];
}

export interface ReferralFilter {
  /** Any of them. */
  readonly statuses: readonly ReferralStatus[];
  readonly organizationId: string | null;
  readonly agentId: string | null;
  readonly campaign: string | null;
  /** Created at this time or later. */
  readonly from: Date | null;
  /** Created before this time. */
  readonly to: Date | null;
  /** What it is about, exactly. The fingerprint in hex. */
  readonly about: { readonly kind: 'referral' | 'workspace' | 'fingerprint'; readonly value: string } | null;
}

export interface ReferralPage {
  readonly filter: ReferralFilter;
  /** The last one of the page before. */
  readonly after: { readonly at: Date; readonly id: string } | null;
  readonly oldestFirst: boolean;
  readonly limit: number;
}

export interface ListedReferralRow {
  readonly referral_id: string;
  readonly status: ReferralStatus;
  readonly organization_id: string;
  readonly agent_id: string | null;
  readonly program_id: string;
  readonly program_version: number;
  readonly terms_sha256: string;
  readonly campaign: string | null;
  readonly created_at: string;
  readonly expires_at: string;
  readonly particulars: unknown;
}

export interface FoundReferralRow extends ListedReferralRow {
  readonly organization_name: string | null;
  readonly organization_domain: string | null;
  readonly agent_name: string | null;
  readonly changed_at: string;
  readonly workspace: { readonly id: string; readonly status: string } | null;
  /** What it earned for its organization in each currency, in the order in which that began. Digits. */
  readonly rewards: readonly { readonly currency: string; readonly accrued: string; readonly reversed: string }[] | null;
}

interface Range {
  /** Tells texts apart: a prepared statement has one. */
  readonly name: string;
  readonly text: string;
  /** From the seventh parameter on. */
  readonly values: readonly string[];
}

/**
 * Where the rows of a page are read: one range of an index for each status and, where it has to be, organization. What is not to lead to
 * another index stands behind `coalesce`: to the planner an organization with a thousand times as many as the others looks like them.
 */
function rangeOf({ about, organizationId, agentId, campaign }: ReferralFilter, order: 'asc' | 'desc'): Range {
  const values: string[] = [];
  // Behind a question of its own, so that no plan is made for one value: a reader's policy looks narrower to the planner than it is.
  const bind = (value: string): string => `(select $${6 + values.push(value)}::text)`;
  const asked = organizationId === null ? null : bind(organizationId);
  // Only an agent that is to be seen: of another nothing is read.
  const agent = agentId === null ? null : `(select a.agent_id from frontdesk.agents a where a.agent_id = ${bind(agentId)})`;
  const label = campaign === null ? null : bind(campaign);
  const name = [about?.kind, asked && 'organization', agent && 'agent', label && 'campaign'].filter(Boolean).join('-') || 'all';
  const read = (which: readonly (string | null)[]): string =>
    `(select * from frontdesk.referral_states s where ${[...which, between].filter((one) => one !== null).join(' and ')}
       order by s.created_at ${order}, s.referral_id ${order} limit $1) s`;
  const eachStatus = (which: readonly (string | null)[]): string =>
    `unnest($2::text[]) k (status) cross join lateral ${read([...which, 's.shown = k.status'])}`;
  const among = (column: string, value: string | null): string | null => value && `coalesce(s.${column}, '') = ${value}`;
  const anyStatus = "coalesce(s.shown, '') = any($2::text[])";
  if (about !== null) {
    const rest = [among('organization_id', asked), among('agent_id', agent), among('campaign', label)];
    return { name, values, text: `select s.* from ${read([whichOf[about.kind](bind(about.value)), anyStatus, ...rest])}` };
  }
  if (agent !== null && label === null) {
    return { name, values, text: `select s.* from ${eachStatus([`s.agent_id = ${agent}`, among('organization_id', asked)])}` };
  }
  const ofOrganization = 's.organization_id = o.id';
  const ofOne =
    label === null
      ? eachStatus([ofOrganization])
      : `lateral ${read([ofOrganization, `s.campaign = ${label}`, anyStatus, among('agent_id', agent)])}`;
  const ofReached = `select s.* from ${organizationsOf(asked)} cross join ${ofOne}`;
  const everywhere = eachStatus([label && `s.campaign = ${label}`, among('agent_id', agent)]);
  const ofAll = `select s.* from (select where ${reaches('tenant')}) t cross join ${everywhere}`;
  return { name, values, text: asked === null ? `(${ofAll}) union all (${ofReached})` : ofReached };
}

/** Those in reach or, of a reader that sees the whole tenant, the one asked for. */
const organizationsOf = (asked: string | null): string =>
  asked === null
    ? reachedOrganizations
    : `(select o.id from ${reachedOrganizations} where o.id = ${asked} union all select ${asked} where ${reaches('tenant')}) o`;

/**
 * From both ends, neither of which the planner knows: it takes the range of times for narrow, and reads it in order rather than whole. The
 * ids tell apart what has the same time.
 */
const [begins, ends] = [
  ['(select $3::timestamptz)', '(select $4::text)'] as const,
  ['(select $5::timestamptz)', '(select $6::text)'] as const,
];
const between = `s.created_at >= ${begins[0]} and s.created_at <= ${ends[0]}
  and (s.created_at, s.referral_id) > (${begins.join()}) and (s.created_at, s.referral_id) < (${ends.join()})`;

const whichOf: Readonly<Record<NonNullable<ReferralFilter['about']>['kind'], (value: string) => string>> = {
  referral: (value) => `s.referral_id = ${value}`,
  workspace: (value) => `s.referral_id = (select w.referral_id from frontdesk.workspaces w where w.workspace_id = ${value})`,
  fingerprint: (value) => `s.prospect_id = (select frontdesk.prospect_with(decode(${value}, 'hex')))`,
};

const listedColumns = `s.referral_id, s.shown as status, s.organization_id, s.agent_id, r.program_id, r.program_version, r.terms_sha256,
  s.campaign, s.created_at, s.expires_at, d.content as particulars`;
/** Looked up for each row of a page, as everything that is joined to a list. */
const listed = `
  cross join lateral (select * from frontdesk.referrals r where r.referral_id = s.referral_id limit 1) r
  left join lateral (select * from frontdesk.particulars d where d.subject_id = s.referral_id limit 1) d on true`;
const foundColumns =
  'o.name as organization_name, o.domain as organization_domain, a.name as agent_name, s.changed_at, w.workspace, m.rewards';
const found = `
  left join lateral (select * from frontdesk.organizations o where o.organization_id = s.organization_id limit 1) o on true
  left join lateral (select * from frontdesk.agents a where a.agent_id = s.agent_id limit 1) a on true
  left join lateral (
    select jsonb_build_object('id', w.workspace_id, 'status', w.status) as workspace from (
      select t.workspace_id from frontdesk.touches t where t.referral_id = s.referral_id and t.workspace_id is not null
      order by t.touch_id desc limit 1) t
    cross join lateral (select * from frontdesk.workspaces w where w.workspace_id = t.workspace_id limit 1) w) w on true
  left join lateral (
    select jsonb_agg(jsonb_build_object('currency', g.currency, 'accrued', g.accrued::text, 'reversed', g.reversed::text) order by g.began)
      as rewards
    from (
      select x.currency, sum(x.accrued_minor) as accrued, sum(x.reversed_minor) as reversed, min(x.reward_id) as began
      from frontdesk.reward_states x where x.referral_id = s.referral_id and x.organization_id = s.organization_id group by x.currency) g) m
    on true`;
