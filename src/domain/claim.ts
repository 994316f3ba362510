import { bytesToHex } from '@noble/hashes/utils.js';
import { canonicalize, sha256Hex } from './canonical.ts';
import type { Changes, Given } from './decision.ts';
import { judgeEffect } from './judge-effect.ts';
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

/**
 * The same that the event `workspace.claimed` leaves: a report of it, by which the prospect is judged.
 * @param data how it is known, and who it was where the vendor says so: erasable
 */
export function claimEvidence(
  { workspace_id, prospect_id, referral_id }: ClaimableWorkspace,
  data: Readonly<Record<string, string>>,
  given: Given,
): Changes {
  const at = given.now.toISOString();
  return {
    reports: [
      {
        ...{ source: 'vendor', report_id: given.newId('claim'), type: 'workspace.claimed', occurred_at: at, received_at: at },
        ...{ fingerprint: sha256Hex(canonicalize({ workspace_id, at })), prospect_id, referral_id, workspace_id, data },
        ...{ token_id: null, visited_at: null, organization_id: null, stripe_customer: null },
      },
    ],
    effects: [judgeEffect(prospect_id, given)],
  };
}

/** A key that nothing can derive again: what a claimed workspace has. */
export function randomKey(environment: string, given: Pick<Given, 'random'>): string {
  return formatSecret('sbx', environment, given.random(32));
}
