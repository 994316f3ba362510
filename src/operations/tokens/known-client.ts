import type { AgentRow, ClientAsked, ClientFacts } from '../../db/agent-queries.ts';
import type { Changes, Given } from '../../domain/decision.ts';
import type { Grantee } from '../../domain/grant.ts';
import { newAgent } from '../../domain/new-agent.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { kindOfSecret, secretHash } from '../../domain/secret.ts';

/** An agent as one that a token may be given to; null where it was revoked or belongs to nobody. */
export function granteeOf(agent: AgentRow, clientId: string = agent.client_id ?? agent.agent_id): Grantee | null {
  const { agent_id: agentId, organization_id: organizationId, kind, tier, status, epoch } = agent;
  if (status !== 'active' || organizationId === null || tier === null) return null;
  return { agentId, organizationId, clientId, tier: kind === 'anonymous' ? 'anonymous' : tier, epoch };
}

/** Whom an API key that is shown as a client secret is looked up by. Refuses what is no API key of ours by its form alone. */
export function askedByKey(clientId: string | null, secret: string): Result<ClientAsked, 'invalid_client'> {
  if (clientId === null || kindOfSecret(secret) !== 'key') return refuse('invalid_client');
  return ok({ client_id: null, key_hash: secretHash(secret), domain: null, spent: null });
}

/**
 * The agent that an API key belongs to. The client calls itself by the id of the key, of its agent or of its organization. A key without
 * an agent gets one of its own, found again by the key's id. Keys of the vendor's own back ends are for no agent: `unauthorized_client`.
 */
export function admitKey(
  { api_key: key }: ClientFacts,
  clientId: string,
  given: Given,
): Result<
  { readonly grantee: Grantee; readonly keyId: string; readonly most: readonly string[]; readonly changes: Changes },
  'invalid_client' | 'unauthorized_client'
> {
  if (key === null) return refuse('invalid_client');
  const { key_id: keyId, organization_id, organization_tier, agent, scopes: most } = key;
  if (![keyId, organization_id, agent?.agent_id].includes(clientId)) return refuse('invalid_client');
  if (organization_id === null || organization_tier === null) return refuse('unauthorized_client');
  if (agent === null) {
    const organization = { known: organization_id, tier: organization_tier };
    const { grantee, changes } = newAgent({ kind: 'registered', clientId: keyId, name: keyId, organization }, given);
    return ok({ grantee: { ...grantee, clientId }, keyId, most, changes });
  }
  const grantee = granteeOf(agent, clientId);
  // An agent that moved on does not speak for the organization of a key that it left behind.
  if (grantee === null || grantee.organizationId !== organization_id) return refuse('invalid_client');
  return ok({ grantee, keyId, most, changes: {} });
}
