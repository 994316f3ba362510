import type { Changes } from './decision.ts';

/** An agent of the organization whose metadata document lies at the domain. Times as Postgres writes them in JSON. */
export interface AgentAtDomain {
  readonly agent_id: string;
  readonly epoch: number;
  readonly status: 'active' | 'revoked';
  readonly revoked_at: string | null;
}

/**
 * The organization's domain is somebody else's, or nobody's: whoever publishes there next is not its agent. Its agents stay, with their API
 * keys, but no document speaks for them any more, and their tokens are dead. The addresses are free for whoever has the domain then.
 */
export function leaveDomain(organization_id: string, agents: readonly AgentAtDomain[]): Changes {
  if (agents.length === 0) return {};
  return { changed_agents: agents.map(({ epoch, ...agent }) => ({ ...agent, organization_id, epoch: epoch + 1, kind: 'registered' })) };
}
