import type { ClaimableWorkspace } from '../domain/claim.ts';
import type { ReferralState } from '../domain/referral-state.ts';
import { many, one } from './query.ts';

/** Questions about workspaces that people take over, or buy from. */
export const workspaceQueries = {
  /** For each of up to a hundred workspaces, in their order; one that is not there is left out. */
  workspacesToClaim: (workspaceIds: readonly string[]) =>
    many<ClaimableWorkspace>(
      'workspaces.to_claim',
      `select w.workspace_id, w.organization_id, w.owner, w.prospect_id, encode(p.fingerprint, 'hex') as prospect, w.referral_id, w.status,
         w.key_version, w.expires_at
       from jsonb_array_elements_text($1::jsonb -> 'list') with ordinality x (id, n)
       cross join lateral (select * from frontdesk.workspaces w where w.workspace_id = x.id limit 1) w
       cross join lateral (select * from frontdesk.prospects p where p.prospect_id = w.prospect_id limit 1) p
       order by x.n`,
      [{ list: workspaceIds }],
    ),

  /** The referral that a workspace was opened with, and the canonical terms that it is bound to. */
  workspaceReferral: (workspaceId: string) =>
    one<WorkspaceReferralRow>(
      'workspaces.referral',
      `select s.referral_id, s.status as state, v.terms
       from frontdesk.workspaces w
       cross join lateral (select * from frontdesk.referral_states s where s.referral_id = w.referral_id limit 1) s
       cross join lateral (select * from frontdesk.referrals r where r.referral_id = s.referral_id limit 1) r
       cross join lateral (
         select * from frontdesk.program_versions v where v.program_id = r.program_id and v.version = r.program_version limit 1) v
       where w.workspace_id = $1`,
      [workspaceId],
    ),
} as const;

export interface WorkspaceReferralRow {
  readonly referral_id: string;
  readonly state: ReferralState;
  readonly terms: string;
}
