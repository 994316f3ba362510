import { bytesToHex } from '@noble/hashes/utils.js';
import type { Principal } from './actor.ts';
import type { DataModel } from './data-schema/model.ts';
import type { Given } from './decision.ts';
import { ok, type Result, refuse } from './result.ts';
import { formatSecret, secretHash, userCode } from './secret.ts';
import { owns, sightOf } from './visibility.ts';

export type WorkspaceStatus = 'provisioning' | 'active' | 'claimed' | 'expired' | 'revoked' | 'suspended' | 'failed';

/** What is known of a stored workspace, as far as decisions need it. */
export interface StoredWorkspace {
  readonly workspace_id: string;
  readonly organization_id: string | null;
  readonly owner: string;
  readonly status: WorkspaceStatus;
  readonly model: DataModel;
  readonly key_version: number;
  readonly expires_at: string;
}

/** Time passes without a write: an active workspace past its expiry is expired, swept or not. */
export function statusAt(workspace: Pick<StoredWorkspace, 'status' | 'expires_at'>, now: Date): WorkspaceStatus {
  return workspace.status === 'active' && Date.parse(workspace.expires_at) <= now.getTime() ? 'expired' : workspace.status;
}

/** The caller's own workspace in whatever state. Foreign and missing look the same. */
export function ownWorkspace<W extends StoredWorkspace>(workspace: W | null, principal: Principal): Result<W, 'resource.not_found'> {
  if (!workspace || !owns(principal, { organizationId: workspace.organization_id, workspaceId: workspace.workspace_id })) {
    return refuse('resource.not_found');
  }
  return ok(workspace);
}

/** The caller's own workspace, usable now: active, or claimed and no more of the organization that opened it. */
export function liveWorkspace<W extends StoredWorkspace>(
  workspace: W | null,
  principal: Principal,
  now: Date,
): Result<W, WorkspaceRefusal> {
  const standing = standingWorkspace(workspace, principal, now);
  if (standing.ok && standing.value.status === 'claimed' && sightOf(principal).rows === 'organizations') {
    return refuse('state.forbidden', { detail: 'A human took it over: only the key that they were given opens it.' });
  }
  return standing;
}

/** The caller's own workspace, whoever has taken it over since: active or claimed. */
export function standingWorkspace<W extends StoredWorkspace>(
  workspace: W | null,
  principal: Principal,
  now: Date,
): Result<W, WorkspaceRefusal> {
  const own = ownWorkspace(workspace, principal);
  if (!own.ok) return own;
  const status = statusAt(own.value, now);
  if (status === 'expired' || status === 'revoked' || status === 'failed') return refuse('workspace.gone');
  if (status !== 'active' && status !== 'claimed') return refuse('state.forbidden');
  return own;
}

type WorkspaceRefusal = 'resource.not_found' | 'workspace.gone' | 'state.forbidden';

type Derive = Given['derive'];

/** The workspace's own API key of this version. Derived, so that a replay can show it and only its hash is stored. */
export function workspaceKey(derive: Derive, environment: string, workspaceId: string, version: number): string {
  return formatSecret('sbx', environment, derive('sandbox-key', workspaceId, version));
}

/** The token in a claim link and the code a human types to prove that the agent is at hand. */
export function claimSecrets(
  derive: Derive,
  environment: string,
  workspaceId: string,
  version: number,
): { token: string; userCode: string } {
  return {
    token: formatSecret('clm', environment, derive('claim-token', workspaceId, version)),
    userCode: userCode(derive('user-code', workspaceId, version).slice(0, 16)),
  };
}

/** Hashes stored of a workspace's derived secrets. */
export function secretHashes(derive: Derive, environment: string, workspaceId: string, versions: { key: number; claim: number }) {
  return {
    key_hash: secretHash(workspaceKey(derive, environment, workspaceId, versions.key)),
    claim_hash: secretHash(claimSecrets(derive, environment, workspaceId, versions.claim).token),
  };
}

/** Why a derived secret is not shown again, or null when it may be. Issued was a key, a claim link, or both. */
export function whyHidden(
  issued: { readonly keyVersion?: number; readonly claimVersion?: number; readonly committedAt: Date },
  current: { readonly key_version: number; readonly claim_version: number; readonly status: WorkspaceStatus } | null,
  now: Date,
): string | null {
  const { keyVersion, claimVersion, committedAt } = issued;
  if (!current || current.status === 'expired' || current.status === 'revoked') return 'workspace_ended';
  if (current.status === 'claimed') return 'workspace_claimed';
  if (keyVersion !== undefined && current.key_version !== keyVersion) return 'key_rotated';
  if (claimVersion !== undefined && current.claim_version !== claimVersion) return 'claim_link_reissued';
  if (now.getTime() - committedAt.getTime() >= 86_400_000) return 'shown_within_24_hours_only';
  return null;
}

/** A stable seed for a workspace's synthetic rows. */
export function rowSeed(derive: Derive, workspaceId: string): string {
  return bytesToHex(derive('rows', workspaceId, 1).slice(0, 16));
}
