import type { Tier } from '../domain/actor.ts';
import type { DomainConflict } from '../domain/domain-conflict.ts';
import type { DomainOwner } from '../domain/domain-owner.ts';
import type { DomainProof } from '../domain/domain-proof.ts';
import type { JoinRequest } from '../domain/join.ts';
import type { AgentAtDomain } from '../domain/leave-domain.ts';
import { first, last, many, one, reachedOrganizations, reaches } from './query.ts';

/** Questions about whose a domain is, and about who wants to belong there. Times inside JSON are as Postgres writes them. */
export const domainQueries = {
  /** Each organization in reach, with its proof of this domain that is live. Its claim was decided against if a conflict was since `since`. */
  proofGrounds: (domain: string, since: Date) =>
    many<ProofGroundRow>(
      'domain_proofs.ground',
      `select g.organization_id, g.tier, g.domain, g.frozen_at, to_jsonb(p) - 'tenant_id' as live, exists (
         select from frontdesk.domain_conflicts c where c.domain = $1 and c.organization_id = g.organization_id and c.state = 'kept'
           and c.decided_at > $2) as decided_against
       from ${reachedOrganizations}
       cross join lateral (select * from frontdesk.organizations g where g.organization_id = o.id limit 1) g
       left join lateral (
         select * from frontdesk.domain_proofs p
         where p.organization_id = g.organization_id and p.domain = $1 and p.state in ('pending', 'verified', 'disputed')
         order by p.proof_id desc limit 1) p on true`,
      [domain, since],
    ),

  /** A proof with all that decides what a look at its domain means. */
  proofFile: (proofId: string) =>
    one<ProofFileRow>(
      'domain_proofs.file',
      `select p.proof_id, to_jsonb(p) - 'tenant_id' as proof, ${ownerJson('o')} as organization,
         case when h.organization_id is not null then ${ownerJson('h')} end as holder,
         exists (select from frontdesk.payees y where y.organization_id = p.organization_id) as has_payee,
         exists (select from frontdesk.payees y where y.organization_id = p.organization_id and y.source <> 'onboarding') as is_payee_named,
         ${agentsThere('p')} as agents_there,
         exists (select from frontdesk.domain_proofs v where v.domain = p.domain and v.state = 'verified' and v.proof_id <> p.proof_id)
           as is_proven_elsewhere,
         exists (select from frontdesk.domain_conflicts c
           where c.domain = p.domain and c.organization_id = p.organization_id and c.state = 'open') as is_contested
       from frontdesk.domain_proofs p
       cross join lateral (select * from frontdesk.organizations o where o.organization_id = p.organization_id limit 1) o
       left join lateral (select * from frontdesk.organizations h where h.domain = p.domain limit 1) h on true
       where p.proof_id = $1`,
      [proofId],
    ),

  /** Newest first; one more than `limit`. */
  domainConflicts: (page: { after: string | null; limit: number; state: string | null }) =>
    many<ConflictRow>(
      'domain_conflicts.page',
      `select ${conflictColumns}, p.method, p.checked_at as proven_at
       from (
         select * from frontdesk.domain_conflicts c
         where ${reaches('tenant')} and c.conflict_id > '${first}' and c.conflict_id < $1 and ($2::text is null or c.state = $2) order by c.conflict_id desc limit $3) c
       cross join lateral (select * from frontdesk.domain_proofs p where p.proof_id = c.proof_id limit 1) p
       order by c.conflict_id desc`,
      [page.after ?? last, page.state, page.limit + 1],
    ),

  /** A conflict with all that decides what may become of it. */
  conflictFile: (conflictId: string) =>
    one<ConflictFileRow>(
      'domain_conflicts.file',
      `select ${conflictColumns}, p.method, p.checked_at as proven_at, to_jsonb(c) - 'tenant_id' as conflict,
         ${partyJson('h')} as holder, ${partyJson('g')} as challenger,
         exists (select from frontdesk.payees y where y.organization_id = g.organization_id) as has_payee,
         (select coalesce(jsonb_agg(to_jsonb(d) - 'tenant_id' order by d.proof_id), '[]') from frontdesk.domain_proofs d
           where d.organization_id = g.organization_id and d.domain = c.domain and d.state = 'disputed') as disputed,
         (select to_jsonb(v) - 'tenant_id' from frontdesk.domain_proofs v where v.domain = c.domain and v.state = 'verified') as verified,
         ${agentsThere('h', 'c')} as agents_there,
         (select x.organization_id from frontdesk.organizations x where x.domain = c.domain) as owner_id
       from frontdesk.domain_conflicts c
       cross join lateral (select * from frontdesk.organizations h where h.organization_id = c.holder_id limit 1) h
       cross join lateral (select * from frontdesk.organizations g where g.organization_id = c.organization_id limit 1) g
       cross join lateral (select * from frontdesk.domain_proofs p where p.proof_id = c.proof_id limit 1) p
       where c.conflict_id = $1`,
      [conflictId],
    ),

  /** Who has this domain and how many requests wait there (at most `most` are counted), and what the calling agent has asked already. */
  joinGround: (domain: string, most: number) =>
    one<JoinGroundRow>(
      'join_requests.ground',
      `select t.organization_id, (
           select count(*)::int4 from (select from frontdesk.join_requests j
             where j.organization_id = t.organization_id and j.state = 'open' limit $2) j) as open,
         (select to_jsonb(j) - 'tenant_id' from frontdesk.join_requests j where j.agent_id = ${callingAgent} and j.state = 'open') as earlier,
         exists (select from frontdesk.agents a where a.agent_id = ${callingAgent} and (a.kind in ('document', 'attested')
           or exists (select from frontdesk.agent_keys k where k.agent_id = a.agent_id and k.state = 'active'))) as has_own_key
       from (select 1) always
       left join lateral (select * from frontdesk.organizations t where t.domain = $1 limit 1) t on true`,
      [domain, most],
    ),

  /** Newest first; one more than `limit`: what was asked of organizations in reach. */
  organizationJoins: (page: { after: string | null; limit: number; state: string | null }) =>
    many<JoinRow>(
      'join_requests.page',
      `select ${joinColumns} from (
         (select * from frontdesk.join_requests j where ${reaches('tenant')} and ${joinOnPage} order by j.join_id desc limit $3)
         union all
         (select j.* from ${reachedOrganizations} cross join lateral (
           select * from frontdesk.join_requests j where j.organization_id = o.id and ${joinOnPage} order by j.join_id desc limit $3) j)) j
       order by j.join_id desc limit $3`,
      [page.after ?? last, page.state, page.limit + 1],
    ),

  /** A request with all that decides what may become of it. Of its agent's active workspaces, at most 1,001. */
  joinFile: (joinId: string) =>
    one<JoinFileRow>(
      'join_requests.file',
      `select ${joinColumns}, to_jsonb(j) - 'tenant_id' as request, o.tier, o.domain,
         jsonb_build_object('epoch', a.epoch, 'status', a.status, 'kind', a.kind, 'organization_id', a.organization_id) as agent,
         (select coalesce(jsonb_agg(jsonb_build_object('workspace_id', w.workspace_id, 'owner', w.owner) order by w.workspace_id), '[]') from (
           select * from frontdesk.workspaces w
           where w.organization_id = a.organization_id and w.agent_id = a.agent_id and w.status = 'active' limit 1001) w) as workspaces,
         (select coalesce(jsonb_agg(jsonb_build_object('key_id', k.key_id, 'expires_at', k.expires_at) order by k.key_id), '[]')
           from frontdesk.api_keys k where k.agent_id = a.agent_id and k.revoked_at is null) as api_keys
       from frontdesk.join_requests j
       cross join lateral (select * from frontdesk.agents a where a.agent_id = j.agent_id limit 1) a
       cross join lateral (select * from frontdesk.organizations o where o.organization_id = a.organization_id limit 1) o
       where j.join_id = $1`,
      [joinId],
    ),
} as const;

export interface ProofGroundRow extends DomainOwner {
  readonly live: DomainProof | null;
  readonly decided_against: boolean;
}

export interface ProofFileRow {
  readonly proof_id: string;
  readonly proof: DomainProof;
  readonly organization: DomainOwner;
  readonly holder: DomainOwner | null;
  readonly has_payee: boolean;
  readonly is_payee_named: boolean;
  readonly agents_there: readonly AgentAtDomain[];
  readonly is_proven_elsewhere: boolean;
  readonly is_contested: boolean;
}

export interface ConflictRow extends Omit<DomainConflict, 'version'> {
  readonly method: DomainProof['method'];
  readonly proven_at: string | null;
}

type PartyJson = DomainOwner & { readonly in_others: boolean };

export interface ConflictFileRow extends ConflictRow {
  readonly conflict: DomainConflict;
  readonly holder: PartyJson;
  readonly challenger: PartyJson;
  readonly has_payee: boolean;
  readonly disputed: readonly DomainProof[];
  readonly verified: DomainProof | null;
  readonly agents_there: readonly AgentAtDomain[];
  readonly owner_id: string | null;
}

export interface JoinGroundRow {
  readonly organization_id: string | null;
  readonly open: number;
  readonly earlier: JoinRequest | null;
  /** The calling agent is known by something other than API keys. */
  readonly has_own_key: boolean;
}

export type JoinRow = Omit<JoinRequest, 'version'>;

export interface JoinFileRow extends JoinRow {
  readonly request: JoinRequest;
  readonly agent: { readonly epoch: number; readonly status: string; readonly kind: string; readonly organization_id: string | null };
  readonly tier: Tier;
  readonly domain: string | null;
  readonly workspaces: readonly { readonly workspace_id: string; readonly owner: string }[];
  readonly api_keys: readonly { readonly key_id: string; readonly expires_at: string | null }[];
}

const callingAgent = "(select nullif(current_setting('frontdesk.agent', true), ''))";
/** Of the organization of `o`, agents whose documents lie at the domain of `d` or below it. */
const agentsThere = (o: string, d = o): string => `(
    select coalesce(jsonb_agg(jsonb_build_object('agent_id', a.agent_id, 'epoch', a.epoch, 'status', a.status, 'revoked_at', a.revoked_at)
      order by a.agent_id), '[]')
    from frontdesk.agents a
    where a.organization_id = ${o}.organization_id and a.kind = 'document'
      and right('.' || split_part(split_part(a.client_id, '/', 3), ':', 1), length(${d}.domain) + 1) = '.' || ${d}.domain)`;
const ownerFields = (o: string): string =>
  `'organization_id', ${o}.organization_id, 'tier', ${o}.tier, 'domain', ${o}.domain, 'frozen_at', ${o}.frozen_at`;
const ownerJson = (o: string): string => `jsonb_build_object(${ownerFields(o)})`;
const partyJson = (o: string): string => `jsonb_build_object(${ownerFields(o)}, 'in_others', exists (
  select from frontdesk.domain_conflicts x where x.state = 'open' and x.conflict_id <> c.conflict_id
    and (x.organization_id = ${o}.organization_id or x.holder_id = ${o}.organization_id)))`;
const conflictColumns =
  'c.conflict_id, c.domain, c.holder_id, c.organization_id, c.proof_id, c.state, c.opened_at, c.decided_at, c.decided_by, c.reason';
const joinColumns = 'j.join_id, j.organization_id, j.agent_id, j.state, j.requested_at, j.decided_at, j.decided_by';
const joinOnPage = `j.join_id > '${first}' and j.join_id < $1 and ($2::text is null or j.state = $2)`;
