import type { Tier } from '../domain/actor.ts';
import type { AgentKey, StoredAgent } from '../domain/agent.ts';
import type { StoredApiKey } from '../domain/api-key.ts';
import type { Row, Statement } from './batch.ts';
import { context, last, many, one, reachedOrganizations, reaches } from './query.ts';

/** Questions about agents, their keys and API keys, for those to whom they belong. Agents of back ends have no organization and are not shown. */
export const credentialQueries = {
  /** An agent with its keys. */
  agent: (agentId: string): Statement<ShownAgent | null> => ({
    name: 'agents.one',
    text: `select ${agentColumns} from frontdesk.agents a where a.agent_id = $1 and a.organization_id is not null`,
    values: [agentId],
    read: ([row]) => (row === undefined ? null : inUtc(row as Row & ShownAgent)),
  }),

  /** An agent with everything that opens the desk for it. Asked as the writer. */
  heldAgent: (agentId: string): Statement<StoredAgent | null> => ({
    name: 'agents.held',
    text: `select ${heldColumns} from frontdesk.agents a where a.agent_id = $1 and a.organization_id is not null`,
    values: [agentId],
    read: ([row]) => (row === undefined ? null : heldOf(row as Row & StoredAgent)),
  }),

  /** Whether this key (RFC 7638) is anybody's, or was. */
  agentKeyKnown: (thumbprint: string) =>
    one<{ thumbprint: string }>('agent_keys.known', 'select k.thumbprint from frontdesk.agent_keys k where k.thumbprint = $1', [
      thumbprint,
    ]),

  /** Newest first; one more than `limit`. */
  agents: (page: { after: string | null; limit: number; organizationId: string | null }): Statement<readonly ShownAgent[]> => ({
    name: 'agents.page',
    text: `select ${agentColumns} from (
         (select * from frontdesk.agents a
           where ${reaches('tenant')} and a.organization_id is not null and ($2::text is null or a.organization_id = $2) and ${agentOnPage}
           order by a.agent_id desc limit $3)
         union all
         (select a.* from ${reachedOrganizations} cross join lateral (
           select * from frontdesk.agents a
           where a.organization_id = o.id and ($2::text is null or o.id = $2) and ${agentOnPage} order by a.agent_id desc limit $3) a)
         order by agent_id desc limit $3) a
       order by a.agent_id desc`,
    values: [page.after ?? last, page.organizationId, page.limit + 1],
    read: (rows) => rows.map((row) => inUtc(row as Row & ShownAgent)),
  }),

  /** Agents of an organization that are not revoked, with everything that they hold, the oldest first; one more than `limit`. As the writer. */
  activeAgents: (organizationId: string, limit: number): Statement<readonly StoredAgent[]> => ({
    name: 'agents.active',
    text: `select ${heldColumns} from frontdesk.agents a
       where a.organization_id = $1 and a.status = 'active' order by a.agent_id limit $2`,
    values: [organizationId, limit + 1],
    read: (rows) => rows.map((row) => heldOf(row as Row & StoredAgent)),
  }),

  /** Ids of an organization's API keys that were not revoked; at most `limit`. */
  unrevokedApiKeys: (organizationId: string, limit: number) =>
    many<{ key_id: string; expires_at: string | null }>(
      'api_keys.unrevoked',
      `select k.key_id, k.expires_at from frontdesk.api_keys k
       where k.organization_id = $1 and k.revoked_at is null order by k.key_id limit $2`,
      [organizationId, limit],
    ),

  organizationKnown: (organizationId: string) =>
    one<{ organization_id: string }>(
      'organizations.known',
      'select o.organization_id from frontdesk.organizations o where o.organization_id = $1',
      [organizationId],
    ),

  /** How many API keys of an organization (null: of those in reach) still open something; counted to `most`. */
  liveApiKeys: (organizationId: string | null, most: number, at: Date) =>
    one<{ count: bigint }>(
      'api_keys.live',
      `select count(*) as count from (
         select from frontdesk.api_keys k
         where k.organization_id = coalesce($1, ${context('organizations')}) and k.revoked_at is null
           and (k.expires_at is null or k.expires_at > $3) limit $2) k`,
      [organizationId, most, at],
    ),

  apiKey: (keyId: string) =>
    one<StoredApiKey>('api_keys.one', `select ${apiKeyColumns} from frontdesk.api_keys k where k.key_id = $1`, [keyId]),

  /** Newest first; one more than `limit`. */
  apiKeys: (page: { after: string | null; limit: number; organizationId: string | null }) =>
    many<StoredApiKey>(
      'api_keys.page',
      `select ${apiKeyColumns} from (
         (select ${apiKeyColumns} from frontdesk.api_keys k
           where ${reaches('tenant')} and ($2::text is null or k.organization_id = $2) and ${apiKeyOnPage} order by k.key_id desc limit $3)
         union all
         (select k.* from ${reachedOrganizations} cross join lateral (
           select ${apiKeyColumns} from frontdesk.api_keys k
           where k.organization_id = o.id and ($2::text is null or o.id = $2) and ${apiKeyOnPage} order by k.key_id desc limit $3) k)
         order by key_id desc limit $3) k
       order by k.key_id desc`,
      [page.after ?? last, page.organizationId, page.limit + 1],
    ),

  /** How the organizations in reach stand, by their ids; at most fifty. */
  standings: () =>
    many<StandingRow>(
      'organizations.standings',
      `select q.organization_id, q.domain, q.tier, q.frozen_at, exists (
         select from frontdesk.domain_proofs d where d.organization_id = q.organization_id and d.state = 'pending') as has_pending_proof, (
         select coalesce(jsonb_agg(jsonb_build_object('kind', p.kind, 'obstacle', p.obstacle, 'frozen_until', p.frozen_until) order by p.kind), '[]')
         from frontdesk.payees p where p.organization_id = q.organization_id) as payees
       from (
         select w.* from ${reachedOrganizations}
         cross join lateral (select * from frontdesk.organizations w where w.organization_id = o.id limit 1) w
         order by w.organization_id limit 50) q
       order by q.organization_id`,
      [],
    ),

  /** The calling agent itself. */
  callingAgent: () =>
    one<CallingAgentRow>(
      'agents.calling',
      `select a.agent_id, a.kind, a.client_id from frontdesk.agents a
       where a.agent_id = (select nullif(current_setting('frontdesk.agent', true), ''))`,
      [],
    ),
} as const;

/** `payees` is JSON: times as Postgres writes them there. */
export interface StandingRow {
  readonly organization_id: string;
  readonly domain: string | null;
  readonly tier: Tier;
  readonly frozen_at: string | null;
  readonly has_pending_proof: boolean;
  readonly payees: readonly {
    readonly kind: 'customer' | 'account';
    readonly obstacle: string | null;
    readonly frozen_until: string | null;
  }[];
}

export type CallingAgentRow = Pick<StoredAgent, 'agent_id' | 'kind' | 'client_id'>;

/** As it is shown: what API keys it has is not asked. */
export type ShownAgent = Omit<StoredAgent, 'api_keys'>;

/** Times inside JSON are as Postgres writes them there. */
function inUtc<A extends ShownAgent>(row: A): A {
  const keys = row.keys.map(
    (key): AgentKey => ({ ...key, created_at: utc(key.created_at), expires_at: key.expires_at && utc(key.expires_at) }),
  );
  return { ...row, keys };
}

function heldOf(row: StoredAgent): StoredAgent {
  return { ...inUtc(row), api_keys: row.api_keys.map((key) => ({ ...key, expires_at: key.expires_at && utc(key.expires_at) })) };
}

const utc = (time: string): string => new Date(time).toISOString();

const agentColumns = `a.agent_id, a.organization_id, a.name, a.kind, a.client_id, a.status, a.epoch, a.created_at, a.revoked_at, (
    select coalesce(jsonb_agg(jsonb_build_object('thumbprint', k.thumbprint, 'state', k.state, 'created_at', k.created_at,
      'expires_at', k.expires_at) order by k.created_at desc, k.thumbprint), '[]')
    from frontdesk.agent_keys k where k.agent_id = a.agent_id) as keys`;
const heldColumns = `${agentColumns}, (
    select coalesce(jsonb_agg(jsonb_build_object('key_id', y.key_id, 'expires_at', y.expires_at) order by y.key_id), '[]')
    from frontdesk.api_keys y where y.organization_id = a.organization_id and y.revoked_at is null
      and (y.agent_id = a.agent_id or (y.agent_id is null and y.key_id = a.client_id))) as api_keys`;
const apiKeyColumns = 'k.key_id, k.last4, k.organization_id, k.agent_id, k.scopes, k.created_at, k.expires_at, k.revoked_at';
const agentOnPage = "a.agent_id > '' and a.agent_id < $1";
const apiKeyOnPage = "k.key_id > '' and k.key_id < $1";
