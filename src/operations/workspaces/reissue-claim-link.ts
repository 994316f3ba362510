import * as z from 'zod';
import { ok, refuse } from '../../domain/result.ts';
import { secretHash } from '../../domain/secret.ts';
import { claimSecrets, liveWorkspace, whyHidden } from '../../domain/workspace.ts';
import { defineWrite } from '../operation.ts';
import { workspaceId } from '../vocabulary.ts';
import { claim } from './schemas.ts';

export const reissueWorkspaceClaimLink = defineWrite({
  name: 'reissue_workspace_claim_link',
  title: 'Reissue a claim link',
  summary: 'A new claim link and user code; the old ones die',
  description:
    'Gives the workspace a new claim link and user code for a human of the prospect, and ends the old ones at once. Use it when the link may ' +
    'have gone astray. A workspace that a human has taken over has none.',
  rest: { method: 'post', path: '/v1/workspaces/{workspace_id}/claim-link', status: 200 },
  mcp: false,
  access: { scope: 'workspaces:write' },
  input: z.strictObject({ workspace_id: workspaceId }),
  output: z
    .strictObject({
      workspace_id: workspaceId,
      claim: claim.nullable(),
      claim_reason: z.string().nullable().describe('Why it is not shown.'),
    })
    .meta({ id: 'ReissuedClaimLink' }),
  failures: ['resource.not_found', 'workspace.gone', 'state.forbidden'],
  sideEffect: 'irreversible',
  load: (queries, { input }) => ({ workspace: queries.workspace(input.workspace_id) }),
  decide({ workspace }, { principal, desk, now }, given) {
    const live = liveWorkspace(workspace, principal, now);
    if (!live.ok) return live;
    const { workspace_id, status, expires_at } = live.value;
    if (status !== 'active') return refuse('state.forbidden', { detail: 'A human has taken it over already.' });
    const claim_version = live.value.claim_version + 1;
    const claim_hash = secretHash(claimSecrets(given.derive, desk.environment, workspace_id, claim_version).token);
    return ok({
      subjectId: workspace_id,
      changes: { relinked_workspace: { workspace_id, claim_version, claim_hash } },
      result: { workspace_id, claim_version, expires_at },
    });
  },
  view({ workspace_id, claim_version, expires_at }, { desk, now }, replay) {
    const hidden = replay ? whyHidden({ claimVersion: claim_version, committedAt: replay.committedAt }, replay.workspace, now) : null;
    const { token, userCode } = claimSecrets(desk.derive, desk.environment, workspace_id, claim_version);
    return {
      workspace_id,
      claim: hidden ? null : { url: `${desk.origin}/claim/${token}`, user_code: userCode, expires_at },
      claim_reason: hidden,
    };
  },
});
