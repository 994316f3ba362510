import { type Changes, type Given, together } from './decision.ts';
import { ok, type Result, refuse } from './result.ts';

/** An agent that moves to another organization, with what it brings. */
export interface Moving {
  readonly agent: { readonly agent_id: string; readonly epoch: number; readonly kind: string };
  /** Its active workspaces, all of them; of more than `mostWorkspaces` one more. */
  readonly workspaces: readonly { readonly workspace_id: string; readonly owner: string }[];
  /** Its API keys that still work: they speak for the organization that it leaves. */
  readonly api_keys: readonly { readonly key_id: string; readonly expires_at: string | null }[];
  /** Who takes it in, and how many active workspaces it may have at once. */
  readonly organizationId: string;
  readonly activeLimit: number;
}

/**
 * Moves an agent with its public keys and active workspaces, which count against the quota of the organization that takes it in. Its tokens
 * and API keys are dead. Referrals and rewards stay with the organization that they were recorded for. One that was anonymous is no longer:
 * a member of an organization has its tier. `quota.exhausted`: it has more workspaces than can be taken along.
 */
export function moveAgent(
  { agent, workspaces, api_keys, organizationId, activeLimit }: Moving,
  { now }: Pick<Given, 'now'>,
): Result<Changes, 'quota.exhausted'> {
  if (workspaces.length > mostWorkspaces) return refuse('quota.exhausted');
  const at = now.toISOString();
  const { agent_id, epoch, kind } = agent;
  const moved = {
    ...{ agent_id, epoch: epoch + 1, status: 'active' as const, organization_id: organizationId, revoked_at: null },
    ...(kind === 'anonymous' ? { kind: 'registered' as const } : {}),
  };
  const ended = api_keys.map(({ key_id, expires_at }) => ({ key_id, expires_at, revoked_at: at }));
  const changes = { changed_agents: [moved], ...(ended.length > 0 ? { ended_api_keys: ended } : {}) };
  return ok(together(changes, adopt(workspaces, organizationId, activeLimit)));
}

/** More than any newcomer may have at once. */
const mostWorkspaces = 1000;

/** Active workspaces change hands, and their places in the quotas with them. */
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
