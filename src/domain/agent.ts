import type { Principal } from './actor.ts';
import type { Changes } from './decision.ts';
import { ok, type Result, refuse } from './result.ts';
import { owns } from './visibility.ts';

/** An agent with what opens the desk for it, as stored. Times are RFC 3339; inside `keys` and `api_keys` as Postgres writes them in JSON. */
export interface StoredAgent {
  readonly agent_id: string;
  readonly organization_id: string;
  readonly name: string;
  readonly kind: 'registered' | 'document' | 'anonymous' | 'attested';
  readonly client_id: string | null;
  readonly status: 'active' | 'revoked';
  readonly epoch: number;
  readonly created_at: string;
  readonly revoked_at: string | null;
  readonly keys: readonly AgentKey[];
  /** Those that were not revoked. */
  readonly api_keys: readonly { readonly key_id: string; readonly expires_at: string | null }[];
}

export interface AgentKey {
  /** RFC 7638. */
  readonly thumbprint: string;
  readonly state: 'active' | 'retired' | 'revoked';
  readonly created_at: string;
  readonly expires_at: string | null;
}

/** An agent of the caller's own organization, or for staff any. Foreign and missing look the same. */
export function ownAgent(agent: StoredAgent | null, principal: Principal): Result<StoredAgent, 'resource.not_found'> {
  return agent !== null && owns(principal, { organizationId: agent.organization_id }) ? ok(agent) : refuse('resource.not_found');
}

/**
 * Whether this caller may put another key in the place of the agent's: the agent itself, signed in with its key. Whoever holds an API key
 * of it must not become the agent: they would stay in when the API key is revoked.
 */
export function mayRotate(agent: StoredAgent, principal: Principal): Result<StoredAgent, 'state.forbidden'> {
  const forbidden = (detail: string) => refuse('state.forbidden', { detail });
  if (principal.agentId !== agent.agent_id) return forbidden('Only the agent itself gives itself another key.');
  if (principal.via?.keyId != null)
    return forbidden('An API key gives its agent no key: use a token that was got with the key of the agent.');
  if (agent.kind !== 'registered') return forbidden('Its keys are those of its metadata document or of its issuer: change them there.');
  return ok(agent);
}

/** A key that was shown to be the agent's. */
export interface NewKey {
  readonly thumbprint: string;
  readonly publicJwk: object;
}

/**
 * The new key is good at once; those before it for as long as they overlap, and without an overlap not even their tokens.
 * `retiredUntil`: null: they are dead.
 */
export function rotateKey(agent: StoredAgent, key: NewKey, { now, overlapHours }: { now: Date; overlapHours: number }): RotatedKey {
  const retiredUntil = overlapHours === 0 ? null : new Date(now.getTime() + overlapHours * 3_600_000).toISOString();
  const created = { agent_id: agent.agent_id, organization_id: agent.organization_id, created_at: now.toISOString() };
  const states = agent.keys.flatMap((old) => ended(old, retiredUntil));
  return {
    retiredUntil: states.length === 0 ? null : retiredUntil,
    changes: {
      agent_keys: [{ ...created, thumbprint: key.thumbprint, public_jwk: key.publicJwk }],
      ...(states.length === 0 ? {} : { agent_key_states: states }),
      ...(retiredUntil === null ? { changed_agents: [{ ...standing(agent), epoch: agent.epoch + 1 }] } : {}),
    },
  };
}

export interface RotatedKey {
  readonly retiredUntil: string | null;
  readonly changes: Changes;
}

/** Nothing that these agents ever held opens the desk again: no key, no API key, no token. Those that are revoked stay as they are. */
export function revokeAgents(agents: readonly StoredAgent[], now: Date): Changes {
  const revoked_at = now.toISOString();
  const active = agents.filter(({ status }) => status === 'active');
  const states = active.flatMap(({ keys }) => keys.flatMap((key) => ended(key, null)));
  const apiKeys = active.flatMap(({ api_keys }) => api_keys.map(({ key_id, expires_at }) => ({ key_id, expires_at, revoked_at })));
  return {
    ...(active.length === 0
      ? {}
      : { changed_agents: active.map((agent) => ({ ...standing(agent), epoch: agent.epoch + 1, status: 'revoked', revoked_at })) }),
    ...(states.length === 0 ? {} : { agent_key_states: states }),
    ...(apiKeys.length === 0 ? {} : { ended_api_keys: apiKeys }),
  };
}

const standing = ({ agent_id, organization_id }: StoredAgent) => ({
  ...{ agent_id, organization_id, status: 'active' as const, revoked_at: null },
});

/** Retired until then, or dead at once. One that is retired already keeps its date. */
function ended({ thumbprint, state }: AgentKey, retiredUntil: string | null): NonNullable<Changes['agent_key_states']> {
  if (state === 'revoked' || (state === 'retired' && retiredUntil !== null)) return [];
  return [{ thumbprint, from_state: state, state: retiredUntil === null ? 'revoked' : 'retired', expires_at: retiredUntil }];
}
