import { type Changes, type Given, together } from './decision.ts';

/** An agent that moves to another organization, with what it brings. */
export interface Moving {
  readonly agent: { readonly agent_id: string; readonly epoch: number };
  /** Its active workspaces. */
  readonly workspaces: readonly { readonly workspace_id: string; readonly owner: string }[];
  /** Its API keys that still work: they speak for the organization that it leaves. */
  readonly api_keys: readonly { readonly key_id: string; readonly expires_at: string | null }[];
  /** Who takes it in, and how many active workspaces it may have at once. */
  readonly organizationId: string;
  readonly activeLimit: number;
}

/**
 * Moves an agent with its public keys and active workspaces, which count against the quota of the organization that takes it in. Its tokens
 * and API keys are dead. Referrals and rewards stay with the organization that they were recorded for.
 */
export function moveAgent({ agent, workspaces, api_keys, organizationId, activeLimit }: Moving, { now }: Pick<Given, 'now'>): Changes {
  const at = now.toISOString();
  const { agent_id, epoch } = agent;
  const moved = { agent_id, epoch: epoch + 1, status: 'active' as const, organization_id: organizationId, revoked_at: null };
  const ended = api_keys.map(({ key_id, expires_at }) => ({ key_id, expires_at, revoked_at: at }));
  return together(
    { changed_agents: [moved], ...(ended.length > 0 ? { ended_api_keys: ended } : {}) },
    adopt(workspaces, organizationId, activeLimit),
  );
}

function adopt(workspaces: Moving['workspaces'], organizationId: string, activeLimit: number): Changes {
  if (workspaces.length === 0) return {};
  const name = 'workspaces.active';
  return {
    adopted_workspaces: workspaces.map(({ workspace_id, owner }) => ({
      ...{ workspace_id, from_owner: owner, organization_id: organizationId, owner: organizationId },
    })),
    counters: [
      ...workspaces.map(({ owner }) => ({ name, subject: owner, by: -1, limit: 0 })),
      { name, subject: organizationId, by: workspaces.length, limit: activeLimit },
    ],
  };
}
