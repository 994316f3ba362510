import type { Tier } from '../domain/actor.ts';
import { mostOpenJoins } from '../domain/join.ts';
import type { Statement } from './batch.ts';

/** Questions about agents as clients of the authorization server. */
export const agentQueries = {
  /** Everything that is known of a client that asks for a token, in one row: each part is null where it is not asked for or not there. */
  clientFacts: ({ client_id, key_hash, domain, spent }: ClientAsked, at: Date): Statement<ClientFacts> => ({
    name: 'agents.client_facts',
    text: `select to_jsonb(c) as client, to_jsonb(k) as api_key, to_jsonb(h) as holder, exists (
         select from frontdesk.spent s where s.kind = 'assertion' and s.digest = $4) as spent
       from (select 1) always
       left join lateral (
         select ${agentColumns}, (
           select coalesce(jsonb_agg(jsonb_build_object('thumbprint', p.thumbprint, 'public_jwk', p.public_jwk) order by p.thumbprint), '[]')
           from frontdesk.agent_keys p
           where p.agent_id = a.agent_id and (p.state = 'active' or (p.state = 'retired' and p.expires_at > $5))) as keys
         from ((select * from frontdesk.agents a where a.agent_id = $1 limit 1)
           union all (select * from frontdesk.agents a where a.client_id = $1 limit 1)) a
         left join lateral (select o.tier, o.frozen_at from frontdesk.organizations o where o.organization_id = a.organization_id limit 1) o on true
         limit 1) c on true
       left join lateral (
         select y.key_id, y.organization_id, y.scopes, o.tier as organization_tier, to_jsonb(g) as agent
         from (select * from frontdesk.api_keys y where y.secret_hash = decode($2, 'hex') and y.revoked_at is null
           and (y.expires_at is null or y.expires_at > $5) limit 1) y
         left join lateral (select o.tier from frontdesk.organizations o where o.organization_id = y.organization_id limit 1) o on true
         left join lateral (
           select ${agentColumns}
           from ((select * from frontdesk.agents a where a.agent_id = y.agent_id limit 1)
             union all (select * from frontdesk.agents a where y.agent_id is null and a.client_id = y.key_id limit 1)) a
           left join lateral (select o.tier, o.frozen_at from frontdesk.organizations o where o.organization_id = a.organization_id limit 1) o on true
           limit 1) g on true) k on true
       left join lateral (
         select o.organization_id, o.domain, o.tier, o.frozen_at, (
           select count(*)::int4 from (select from frontdesk.join_requests j
             where j.organization_id = o.organization_id and j.state = 'open' limit ${mostOpenJoins}) j) as open_joins
         from frontdesk.organizations o where o.domain = $3 limit 1) h on true`,
    values: [client_id, key_hash, domain, spent, at],
    // One row always: what has no match is null in it.
    read: (rows) => rows[0] as unknown as ClientFacts,
  }),
} as const;

const agentColumns = 'a.agent_id, a.organization_id, a.kind, a.client_id, a.status, a.epoch, o.tier, o.frozen_at is not null as is_frozen';

/** What is looked up. Hashes and digests in hex. */
export interface ClientAsked {
  /** An agent's id, or what a client of another kind calls itself. */
  readonly client_id: string | null;
  readonly key_hash: string | null;
  /** Whose organization may be meant. */
  readonly domain: string | null;
  /** Of an assertion that may have been used before. */
  readonly spent: string | null;
}

export interface ClientFacts {
  readonly client: (AgentRow & { readonly keys: readonly { readonly thumbprint: string; readonly public_jwk: object }[] }) | null;
  readonly api_key: {
    readonly key_id: string;
    readonly organization_id: string | null;
    readonly scopes: readonly string[];
    readonly organization_tier: Tier | null;
    /** Whom the key was made for, or who was found by it before. */
    readonly agent: AgentRow | null;
  } | null;
  readonly holder: HolderRow | null;
  readonly spent: boolean;
}

export interface AgentRow {
  readonly agent_id: string;
  readonly organization_id: string | null;
  readonly kind: 'registered' | 'document' | 'anonymous' | 'attested';
  readonly client_id: string | null;
  readonly status: 'active' | 'revoked';
  readonly epoch: number;
  /** Of its organization. */
  readonly tier: Tier | null;
  /** Its organization's domain is disputed. */
  readonly is_frozen: boolean;
}

/** The organization of a domain. */
export interface HolderRow {
  readonly organization_id: string;
  readonly domain: string;
  readonly tier: Tier;
  /** As Postgres writes it in JSON. */
  readonly frozen_at: string | null;
  /** How many requests to join it wait; counted to `mostOpenJoins`. */
  readonly open_joins: number;
}
