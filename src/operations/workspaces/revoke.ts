import * as z from 'zod';
import { ok, refuse } from '../../domain/result.ts';
import { tell } from '../../domain/stage.ts';
import { liveWorkspace } from '../../domain/workspace.ts';
import { defineWrite } from '../operation.ts';
import { workspaceId } from '../vocabulary.ts';

export const revokeWorkspace = defineWrite({
  name: 'revoke_workspace',
  title: 'Revoke a workspace',
  summary: 'End a workspace now, rows and all',
  description: 'Ends a workspace at once and deletes its rows. Its referral is not affected. It cannot be undone.',
  rest: { method: 'delete', path: '/v1/workspaces/{workspace_id}', status: 200 },
  mcp: false,
  access: { scope: 'workspaces:write' },
  input: z.strictObject({ workspace_id: workspaceId }),
  output: z.strictObject({ id: workspaceId, status: z.literal('revoked') }).meta({ id: 'RevokedWorkspace' }),
  failures: ['resource.not_found', 'workspace.gone', 'state.forbidden'],
  sideEffect: 'irreversible',
  load: (queries, { input }) => ({ workspace: queries.workspace(input.workspace_id) }),
  decide({ workspace }, { principal, now }, given) {
    const live = liveWorkspace(workspace, principal, now);
    if (!live.ok) return live;
    const { workspace_id, organization_id, referral_id, owner, status } = live.value;
    if (status !== 'active') return refuse('state.forbidden', { detail: 'A claimed workspace can be ended by its human only.' });
    const data = { workspace: workspace_id, organization: organization_id, referral: referral_id };
    return ok({
      subjectId: workspace_id,
      changes: {
        ended_workspace: { workspace_id, status: 'revoked', ended_at: given.now.toISOString() },
        counters: [{ name: 'workspaces.active', subject: owner, by: -1, limit: 0 }],
        events: [tell(given, { type: 'workspace.revoked', organization_id, subject_id: workspace_id, data })],
      },
      result: { id: workspace_id, status: 'revoked' as const },
    });
  },
  view: (result) => result,
});
