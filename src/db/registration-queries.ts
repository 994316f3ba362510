import type { RegisteredAgent, RegistrationRow, StoredRegistration } from '../domain/registration.ts';
import { many, one, reachedOrganizations } from './query.ts';

/** Questions about identities that registered themselves. Asked as the writer: whoever asks is a stranger, or reaches another organization. */
export const registrationQueries = {
  /** A registration by the SHA-256 of its claim token, in hex. */
  registrationOfClaim: (claimHash: string) =>
    registration('registrations.of_claim', "select * from frontdesk.registrations r where r.claim_hash = decode($1, 'hex') limit 1", [
      claimHash,
    ]),

  /** The registration whose code the person of a session may type; see `codeHash` in `domain/registration.ts`. Hashes in hex. */
  registrationOfCode: (codeKey: string, sessionHash: string) =>
    registration(
      'registrations.of_code',
      `select r.* from (select * from frontdesk.sessions s where s.session_hash = decode($2, 'hex') limit 1) s
       cross join lateral (select * from frontdesk.people p where p.person_id = s.person_id limit 1) p
       cross join lateral (
         select * from frontdesk.registrations r
         where r.state = 'open' and r.code_hash = sha256(decode($1, 'hex') || convert_to(p.email, 'UTF8')) limit 1) r`,
      [codeKey, sessionHash],
    ),

  /** The agent with this key (RFC 7638), and its newest registration. */
  registrationOfKey: (thumbprint: string) =>
    one<KeyHolder>(
      'registrations.of_key',
      `select k.state as key_state, to_jsonb(g) as agent, to_jsonb(r) as registration
       from (select * from frontdesk.agent_keys k where k.thumbprint = $1 limit 1) k
       cross join lateral ${registeredAgent('k.agent_id')} g
       left join lateral (
         select r.registration_id, r.state, r.claim_expires_at from frontdesk.registrations r where r.agent_id = k.agent_id
         order by r.created_at desc, r.registration_id desc limit 1) r on true`,
      [thumbprint],
    ),

  /** The newest registration of an agent; null: nobody's. */
  registrationOfAgent: (agentId: string | null) =>
    one<Pick<RegistrationRow, 'registration_id'>>(
      'registrations.of_agent',
      `select r.registration_id from frontdesk.registrations r where r.agent_id = $1
       order by r.created_at desc, r.registration_id desc limit 1`,
      [agentId],
    ),

  /** What the agent of a registration would bring with it: its active workspaces, at most 1,001. */
  workspacesToAdopt: (of: RegistrationAsked) =>
    many<{ workspace_id: string; owner: string }>(
      'workspaces.to_adopt',
      `select w.workspace_id, w.owner
       from ${askedRegistration}
       cross join lateral (select * from frontdesk.agents a where a.agent_id = r.agent_id limit 1) a
       cross join lateral (
         select * from frontdesk.workspaces w
         where w.organization_id = a.organization_id and w.agent_id = a.agent_id and w.status = 'active' limit 1001) w
       order by w.workspace_id`,
      asked(of),
    ),

  /** The API keys of a registration's agent that still open something. */
  apiKeysToEnd: (of: RegistrationAsked) =>
    many<{ key_id: string; expires_at: string | null }>(
      'api_keys.to_end',
      `select k.key_id, k.expires_at
       from ${askedRegistration}
       cross join lateral (select * from frontdesk.agents a where a.agent_id = r.agent_id limit 1) a
       join frontdesk.api_keys k on k.organization_id = a.organization_id and k.agent_id = a.agent_id and k.revoked_at is null
       order by k.key_id`,
      asked(of),
    ),

  /** The organizations that a person may link agents to: those that they belong to. */
  organizationsToLink: () =>
    many<LinkingOrganization>(
      'organizations.to_link',
      `select g.organization_id, g.name, g.domain
       from ${reachedOrganizations}
       cross join lateral (select * from frontdesk.organizations g where g.organization_id = o.id limit 1) g
       order by g.organization_id`,
      [],
    ),

  /** The organization that an agent is to be linked to. */
  organizationToLink: (organizationId: string) =>
    one<LinkingOrganization>(
      'organizations.linking',
      'select o.organization_id, o.name, o.domain from frontdesk.organizations o where o.organization_id = $1',
      [organizationId],
    ),
} as const;

/** A registration by its id, or by the SHA-256 of its claim token in hex. */
export type RegistrationAsked = { readonly registrationId: string } | { readonly claimHash: string };

const askedRegistration = `(
  (select * from frontdesk.registrations r where r.registration_id = $1 limit 1)
  union all (select * from frontdesk.registrations r where r.claim_hash = decode($2, 'hex') limit 1)) r`;
const asked = (of: RegistrationAsked) => ('registrationId' in of ? [of.registrationId, null] : [null, of.claimHash]);

export interface LinkingOrganization {
  readonly organization_id: string;
  readonly name: string;
  readonly domain: string | null;
}

/** Who holds a key. Times inside JSON are as Postgres writes them there. */
export interface KeyHolder {
  readonly key_state: 'active' | 'retired' | 'revoked';
  readonly agent: RegisteredAgent;
  readonly registration: Pick<RegistrationRow, 'registration_id' | 'state' | 'claim_expires_at'> | null;
}

/** `found`: selects one whole row of `registrations`. */
function registration(name: string, found: string, values: readonly string[]) {
  return one<StoredRegistration>(
    name,
    `select ${rowColumns}, to_jsonb(g) as agent,
       (select p.content from frontdesk.particulars p where p.subject_id = r.registration_id) as stated
     from (${found}) r cross join lateral ${registeredAgent('r.agent_id')} g`,
    values,
  );
}

const rowColumns = `r.registration_id, r.agent_id, encode(r.claim_hash, 'hex') as claim_hash, r.claim_expires_at,
  encode(r.code_hash, 'hex') as code_hash, r.code_expires_at, r.polled_at, r.state, r.version, r.claimed_by, r.created_at`;
/** An agent as registrations know it, with what is known of its organization: a row. */
const registeredAgent = (agentId: string) => `(
  select a.agent_id, a.name, a.kind, a.status, a.epoch, a.organization_id, o.tier,
    o.domain is null and o.tier in ('anonymous', 'key_bound')
      and (select m.person_id from frontdesk.memberships m where m.organization_id = o.organization_id limit 1) is null
      and (select b.agent_id from frontdesk.agents b
        where b.organization_id = o.organization_id and b.agent_id <> a.agent_id limit 1) is null as alone,
    (select k.thumbprint from frontdesk.agent_keys k where k.agent_id = a.agent_id limit 1) is not null as keyed
  from (select * from frontdesk.agents a where a.agent_id = ${agentId} limit 1) a
  cross join lateral (select * from frontdesk.organizations o where o.organization_id = a.organization_id limit 1) o)`;
