import type { DataModel } from '../domain/data-schema/model.ts';
import type { ReferralState, ReferralStatus } from '../domain/referral-state.ts';
import { agentQueries } from './agent-queries.ts';
import { applicationQueries } from './application-queries.ts';
import type { Row, Statement } from './batch.ts';
import { claimQueries } from './claim-queries.ts';
import { credentialQueries } from './credential-queries.ts';
import { disputeQueries } from './dispute-queries.ts';
import { domainQueries } from './domain-queries.ts';
import { eventQueries } from './event-queries.ts';
import { injectionQueries } from './injection-queries.ts';
import { organizationQueries } from './organization-queries.ts';
import { overviewQueries } from './overview-queries.ts';
import { passkeyQueries } from './passkey-queries.ts';
import { payeeQueries } from './payee-queries.ts';
import { paymentQueries } from './payment-queries.ts';
import { peopleQueries } from './people-queries.ts';
import { publicationQueries } from './publication-queries.ts';
import { context, first, last, many, one, reachedOrganizations, reaches } from './query.ts';
import { reconcileQueries } from './reconcile-queries.ts';
import { referralQueries } from './referral-queries.ts';
import { registrationQueries } from './registration-queries.ts';
import { reportQueries } from './report-queries.ts';
import { reversalQueries } from './reversal-queries.ts';
import { reviewQueries } from './review-queries.ts';
import { rewardListQueries } from './reward-list-queries.ts';
import { rewardQueries } from './reward-queries.ts';
import { sealQueries } from './seal-queries.ts';
import { workQueries } from './work-queries.ts';
import { workspaceQueries } from './workspace-queries.ts';

/**
 * Named queries, one per question that an operation asks. No query names a tenant: row-level security does, so that a forgotten
 * predicate cannot leak. Times come back as RFC 3339 UTC with milliseconds.
 */
export const queries = {
  ...credentialQueries,
  ...agentQueries,
  ...reportQueries,
  ...rewardQueries,
  ...disputeQueries,
  ...domainQueries,
  ...sealQueries,
  ...eventQueries,
  ...workQueries,
  ...payeeQueries,
  ...peopleQueries,
  ...applicationQueries,
  ...passkeyQueries,
  ...injectionQueries,
  ...workspaceQueries,
  ...claimQueries,
  ...paymentQueries,
  ...reversalQueries,
  ...reviewQueries,
  ...reconcileQueries,
  ...registrationQueries,
  ...referralQueries,
  ...organizationQueries,
  ...overviewQueries,
  ...rewardListQueries,
  ...publicationQueries,

  workspace: (workspaceId: string) =>
    one<WorkspaceRow>('workspaces.one', `select ${workspaceColumns} from frontdesk.workspaces w where w.workspace_id = $1`, [workspaceId]),

  /** The one workspace that a workspace or claim credential reaches. */
  reachedWorkspace: () =>
    one<WorkspaceRow>(
      'workspaces.reached',
      `select ${workspaceColumns} from frontdesk.workspaces w where w.workspace_id = ${context('workspace')}`,
      [],
    ),

  /** Newest first; one more than `limit`, to know whether there is more. */
  workspaces: (page: { after: string | null; limit: number; status: string | null }) => {
    // A status stands in the text only where it is asked for: then its own index is read, whatever plan is kept.
    const onPage = page.status === null ? workspaceBelow : `${workspaceBelow} and w.status = $3`;
    return many<WorkspaceRow>(
      page.status === null ? 'workspaces.page' : 'workspaces.page_of_status',
      `select ${workspaceColumns} from (
         (select * from frontdesk.workspaces w where ${reaches('tenant')} and ${onPage} order by w.workspace_id desc limit $2)
         union all
         (select w.* from ${reachedOrganizations} cross join lateral (
           select * from frontdesk.workspaces w where w.organization_id = o.id and ${onPage} order by w.workspace_id desc limit $2) w)
         union all
         (select * from frontdesk.workspaces w
           where ${reaches('workspace')} and w.workspace_id = ${context('workspace')} and ${onPage})) w
       order by w.workspace_id desc limit $2`,
      [page.after ?? last, page.limit + 1, ...(page.status === null ? [] : [page.status])],
    );
  },

  entityCounts: (workspaceId: string) =>
    many<{ entity: string; count: bigint }>(
      'workspace_rows.counts',
      'select r.entity, count(*) as count from frontdesk.workspace_rows r where r.workspace_id = $1 group by r.entity',
      [workspaceId],
    ),

  row: (workspaceId: string, entity: string, rowId: string) =>
    one<RowRow>(
      'workspace_rows.one',
      `select ${rowColumns} from frontdesk.workspace_rows r where r.workspace_id = $1 and r.entity = $2 and r.row_id = $3`,
      [workspaceId, entity, rowId],
    ),

  /** Oldest first. `filter`: top-level field → its value as text, all equal. */
  rows: (page: { workspaceId: string; entity: string; filter: { readonly [key: string]: string }; after: string | null; limit: number }) =>
    many<RowRow>(
      'workspace_rows.page',
      `select ${rowColumns} from frontdesk.workspace_rows r
       where r.workspace_id = $1 and r.entity = $2 and r.row_id > $3 
         and not exists (select from jsonb_each_text($4::jsonb) f where r.values ->> f.key is distinct from f.value)
       order by r.row_id limit $5`,
      [page.workspaceId, page.entity, page.after ?? first, page.filter, page.limit + 1],
    ),

  /** A live token by its id or by the hash of its code. */
  referralToken: (tokenId: string | null, codeHash: string | null, at: Date) =>
    one<TokenRow>(
      'referral_tokens.live',
      `select ${tokenColumns} from frontdesk.referral_tokens k join frontdesk.organizations o on o.organization_id = k.organization_id
       where (k.token_id = $1 or k.code_hash = decode($2, 'hex')) and ${isLive('$3')}`,
      [tokenId, codeHash, at],
    ),

  /**
   * For each of up to a hundred prospects, in their order: who it is, the live token that was presented, and the open referral of whoever
   * would be credited: the token's organization, else the caller's own.
   */
  creditFacts: (asked: readonly CreditAsked[], programId: string, at: Date): Statement<readonly CreditFound[]> => ({
    name: 'referrals.credit_facts',
    // Every look-up is a lateral one with a limit: joined freely, the planner may read the whole tenant for one prospect.
    text: `select p.prospect_id, to_jsonb(k) as token, to_jsonb(q) as open
       from jsonb_to_recordset($1::jsonb -> 'list') x (n int, fingerprint text, token_id text, code_hash text)
       left join lateral (
         select p.prospect_id from frontdesk.prospects p where p.fingerprint = decode(x.fingerprint, 'hex') limit 1) p on true
       left join lateral (
         select ${tokenColumns}
         from (
           (select * from frontdesk.referral_tokens k where k.token_id = x.token_id limit 1)
           union all
           (select * from frontdesk.referral_tokens k where k.code_hash = decode(x.code_hash, 'hex') limit 1)
         ) k
         cross join lateral (select o.domain from frontdesk.organizations o where o.organization_id = k.organization_id limit 1) o
         where ${isLive('$3')} limit 1) k on true
       left join lateral (
         select ${referralColumns}
         from (
           select * from frontdesk.referral_states s
           where s.program_id = $2 and s.prospect_id = p.prospect_id and s.status in ('pending', 'qualified', 'rewarded')
             and s.organization_id = coalesce(k.organization_id, ${context('organizations')}) limit 1) s
         cross join lateral ${identityOfReferral}) q on true
       order by x.n`,
    values: [{ list: asked.map((one, n) => ({ n, ...one })) }, programId, at],
    read: (rows) =>
      (rows as readonly (Row & CreditFound)[]).map(({ prospect_id, token, open }) => ({
        ...{ prospect_id, token },
        open: open && { ...open, created_at: inUtc(open.created_at), expires_at: inUtc(open.expires_at) },
      })),
  }),

  referral: (referralId: string) =>
    one<ReferralRow & { particulars: unknown }>(
      'referrals.one',
      `select ${referralColumns}, d.content as particulars from frontdesk.referral_states s
       join frontdesk.referrals r on r.referral_id = s.referral_id
       left join frontdesk.particulars d on d.subject_id = r.referral_id
       where s.referral_id = $1`,
      [referralId],
    ),

  /** The hundred newest events about a referral: itself, its touches, rewards, holds and disputes; oldest first. */
  timeline: (referralId: string) =>
    many<{ event_id: string; kind: string; subject_id: string; recorded_at: string }>(
      'ledger_events.timeline',
      `select * from (
         select ${eventColumns} from frontdesk.ledger_events e where e.referral_id = $1 order by e.event_id desc limit 100) newest
       order by event_id`,
      [referralId],
    ),

  programVersion: (programId: string, version: number) =>
    one<{ sha256: string; terms: string }>(
      'program_versions.one',
      'select p.sha256, p.terms from frontdesk.program_versions p where p.program_id = $1 and p.version = $2',
      [programId, version],
    ),
} as const;

export type Queries = typeof queries;

export interface WorkspaceRow {
  readonly workspace_id: string;
  readonly organization_id: string | null;
  readonly owner: string;
  readonly referral_id: string | null;
  readonly status: 'provisioning' | 'active' | 'claimed' | 'expired' | 'revoked' | 'suspended' | 'failed';
  readonly host: string;
  readonly model: DataModel;
  readonly mapping: readonly { readonly pointer: string; readonly outcome: string; readonly reason: string }[];
  readonly untrusted: { readonly [key: string]: unknown };
  readonly row_count: number;
  readonly row_limit: number;
  readonly key_version: number;
  readonly claim_version: number;
  readonly created_at: string;
  readonly expires_at: string;
}

export interface RowRow {
  readonly row_id: string;
  readonly values: { readonly [key: string]: unknown };
  readonly created_at: string;
  readonly updated_at: string;
}

/** One prospect to be credited for, before anything is looked up. Hashes in hex. */
export interface CreditAsked {
  readonly fingerprint: string;
  readonly token_id: string | null;
  readonly code_hash: string | null;
}

export interface CreditFound {
  readonly prospect_id: string | null;
  readonly token: TokenRow | null;
  readonly open: ReferralRow | null;
}

/** Times inside JSON are as Postgres writes them there. */
const inUtc = (time: string): string => new Date(time).toISOString();

export interface TokenRow {
  readonly token_id: string;
  readonly organization_id: string;
  readonly agent_id: string | null;
  readonly campaign: string | null;
  readonly organization_domain: string | null;
}

export interface ReferralRow {
  readonly referral_id: string;
  readonly status: ReferralStatus;
  readonly organization_id: string;
  readonly agent_id: string | null;
  readonly program_id: string;
  readonly program_version: number;
  readonly terms_sha256: string;
  readonly campaign: string | null;
  readonly receipt: string;
  readonly created_at: string;
  readonly expires_at: string;
  /** Whether the prospect or the vendor ever linked something to it. */
  readonly evidenced: boolean;
  /** Under whatever holds it. */
  readonly state: ReferralState;
}

const workspaceColumns = `w.workspace_id, w.organization_id, w.owner, w.referral_id, w.status, w.host, w.model, w.mapping, w.untrusted, w.row_count,
  w.row_limit, w.key_version, w.claim_version, w.created_at, w.expires_at`;
/** A page's range has two ends, so that a plan that is kept, made without knowing the values, takes it for narrow and reads it in order. */
const workspaceBelow = 'w.workspace_id < $1';
const rowColumns = 'r.row_id, r.values, r.created_at, r.updated_at';
const referralColumns = `r.referral_id, s.shown as status, r.organization_id, r.agent_id, r.program_id, r.program_version, r.terms_sha256,
  r.campaign, r.receipt, r.created_at, r.expires_at, s.evidenced_at is not null as evidenced,
  s.status as state`;
const tokenColumns = 'k.token_id, k.organization_id, k.agent_id, k.campaign, o.domain as organization_domain';
/** Neither the token nor one above it was revoked, and it has not expired. */
const isLive = (at: string): string => `k.revoked_at is null and k.expires_at > ${at} and (k.parent_id is null or not exists (
  with recursive above as (
    select p.parent_id, p.revoked_at from frontdesk.referral_tokens p where p.token_id = k.parent_id
    union all select p.parent_id, p.revoked_at from above a join frontdesk.referral_tokens p on p.token_id = a.parent_id)
  select from above a where a.revoked_at is not null))`;
/** Looked up for each state of a page; a plain join may read all referrals, because what a policy lets through is hard to estimate. */
const identityOfReferral = '(select * from frontdesk.referrals r where r.referral_id = s.referral_id limit 1) r';
const eventColumns = 'e.event_id, e.kind, e.subject_id, e.recorded_at';
