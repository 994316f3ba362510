import { bytesToHex } from '@noble/hashes/utils.js';
import type { Changes, Given } from './decision.ts';
import { formatSecret, secretHash } from './secret.ts';
import { tell } from './stage.ts';
import { statusAt, type WorkspaceStatus } from './workspace.ts';

/** A stored workspace, as far as a human's taking it over is concerned. */
export interface ClaimableWorkspace {
  readonly workspace_id: string;
  readonly organization_id: string | null;
  readonly owner: string;
  readonly prospect_id: string;
  /** Fingerprint of the prospect's registrable domain, hex. */
  readonly prospect: string;
  readonly referral_id: string | null;
  readonly status: WorkspaceStatus;
  readonly key_version: number;
  readonly expires_at: string;
}

/** Whether it can still be taken over: it is active, and its time is not over. */
export function isClaimable(workspace: Pick<ClaimableWorkspace, 'status' | 'expires_at'>, now: Date): boolean {
  return statusAt(workspace, now) === 'active';
}

/**
 * A human takes a workspace over. What agents hold dies with the commit: the key is replaced by a random one, of which only the hash is
 * kept, and the claim link by nothing. The workspace no longer ends by time, nor counts against the quota of whoever opened it.
 */
export function takeOver(
  workspace: ClaimableWorkspace,
  environment: string,
  given: Given,
): { readonly changes: Changes; readonly apiKey: string } {
  const { workspace_id, organization_id, referral_id, owner, key_version } = workspace;
  const apiKey = randomKey(environment, given);
  const data = { workspace: workspace_id, organization: organization_id, referral: referral_id };
  return {
    apiKey,
    changes: {
      claimed_workspaces: [
        {
          ...{ workspace_id, key_version, key_hash: secretHash(apiKey), at: given.now.toISOString() },
          // The hash of no token that anybody has.
          claim_hash: bytesToHex(given.random(32)),
        },
      ],
      counters: [{ name: 'workspaces.active', subject: owner, by: -1, limit: 0 }],
      events: [tell(given, { type: 'workspace.claimed', organization_id, subject_id: workspace_id, data })],
    },
  };
}

/** A key that nothing can derive again: what a claimed workspace has. */
export function randomKey(environment: string, given: Pick<Given, 'random'>): string {
  return formatSecret('sbx', environment, given.random(32));
}
