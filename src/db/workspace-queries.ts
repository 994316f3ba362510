import type { ClaimableWorkspace } from '../domain/claim.ts';
import type { ReferralState } from '../domain/referral-state.ts';
import type { WorkspaceStatus } from '../domain/workspace.ts';
import { context, first, last, many, one, reaches } from './query.ts';
import type { ReferralFilter } from './referral-queries.ts';
import { askedOrganizations } from './reward-queries.ts';

/** Questions about workspaces that people take over, or buy from. */
export const workspaceQueries = {
  /** For each of up to a hundred workspaces, in their order; one that is not there is left out. */
  workspacesToClaim: (workspaceIds: readonly string[]) =>
    many<ClaimableWorkspace>(
      'workspaces.to_claim',
      `select w.workspace_id, w.organization_id, w.owner, w.prospect_id, encode(p.fingerprint, 'hex') as prospect, w.referral_id, w.status,
         w.key_version, w.expires_at
       from jsonb_array_elements_text($1::jsonb -> 'list') with ordinality x (id, n)
       cross join lateral (select * from frontdesk.workspaces w where w.workspace_id = x.id limit 1) w
       cross join lateral (select * from frontdesk.prospects p where p.prospect_id = w.prospect_id limit 1) p
       order by x.n`,
      [{ list: workspaceIds }],
    ),

  /**
   * Newest first, each with whose it is; one more than `limit`. Every filter has a range of an index of its own: what is read is not more
   * than what is shown, but for the status within one organization.
   */
  searchWorkspaces: ({ after, limit, status, organizationId, about }: WorkspacesSought) => {
    const values: (string | number | null)[] = [after ?? last, limit + 1, organizationId];
    const bind = (value: string): string => `$${values.push(value)}`;
    const conditions = [
      onPage,
      ...(status === null ? [] : [`w.status = ${bind(status)}`]),
      ...(about === null ? [] : [whichOf[about.kind](bind(about.value))]),
    ];
    const pageOf = (where: string): string =>
      `(select * from frontdesk.workspaces w where ${[where, ...conditions].join(' and ')} order by w.workspace_id desc limit $2)`;
    return many<FoundWorkspaceRow>(
      `workspaces.search.${about?.kind ?? 'all'}${status === null ? '' : '.status'}`,
      `select ${foundColumns} from (
         ${pageOf(`${reaches('tenant')} and $3::text is null`)}
         union all
         (select w.* from ${askedOrganizations('$3')} cross join lateral ${pageOf('w.organization_id = o.id')} w)
         union all
         ${pageOf(`${reaches('workspace')} and w.workspace_id = ${context('workspace')}`)}
         order by workspace_id desc limit $2) w
       left join lateral (select * from frontdesk.organizations o where o.organization_id = w.organization_id limit 1) o on true
       order by w.workspace_id desc`,
      values,
    );
  },

  /** The referral that a workspace was opened with, and the canonical terms that it is bound to. */
  workspaceReferral: (workspaceId: string) =>
    one<WorkspaceReferralRow>(
      'workspaces.referral',
      `select s.referral_id, s.status as state, v.terms
       from frontdesk.workspaces w
       cross join lateral (select * from frontdesk.referral_states s where s.referral_id = w.referral_id limit 1) s
       cross join lateral (select * from frontdesk.referrals r where r.referral_id = s.referral_id limit 1) r
       cross join lateral (
         select * from frontdesk.program_versions v where v.program_id = r.program_id and v.version = r.program_version limit 1) v
       where w.workspace_id = $1`,
      [workspaceId],
    ),
} as const;

export interface WorkspacesSought {
  /** The last one of the page before. */
  readonly after: string | null;
  readonly limit: number;
  readonly status: WorkspaceStatus | null;
  readonly organizationId: string | null;
  readonly about: ReferralFilter['about'];
}

export interface FoundWorkspaceRow {
  readonly workspace_id: string;
  readonly organization_id: string | null;
  readonly organization_name: string | null;
  readonly organization_domain: string | null;
  readonly referral_id: string | null;
  readonly status: WorkspaceStatus;
  readonly host: string;
  readonly entities: number;
  readonly row_count: number;
  readonly row_limit: number;
  readonly untrusted: { readonly [key: string]: unknown };
  readonly created_at: string;
  readonly expires_at: string;
  readonly ended_at: string | null;
  readonly claimed_at: string | null;
}

const foundColumns = `w.workspace_id, w.organization_id, o.name as organization_name, o.domain as organization_domain, w.referral_id, w.status,
  w.host, jsonb_array_length(w.model -> 'entities') as entities, w.row_count, w.row_limit, w.untrusted, w.created_at, w.expires_at, w.ended_at,
  w.claimed_at`;

/** From both ends, so that a plan that is kept reads it as a range. */
const onPage = `w.workspace_id > '${first}' and w.workspace_id < $1`;

const whichOf: Readonly<Record<NonNullable<ReferralFilter['about']>['kind'], (value: string) => string>> = {
  workspace: (value) => `w.workspace_id = ${value}`,
  referral: (value) =>
    `w.referral_id = ${value} and w.prospect_id = (select s.prospect_id from frontdesk.referral_states s where s.referral_id = ${value})`,
  fingerprint: (value) => `w.prospect_id = (select frontdesk.prospect_with(decode(${value}, 'hex')))`,
};

export interface WorkspaceReferralRow {
  readonly referral_id: string;
  readonly state: ReferralState;
  readonly terms: string;
}
