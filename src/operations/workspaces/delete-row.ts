import * as z from 'zod';
import { ok, refuse } from '../../domain/result.ts';
import { liveWorkspace } from '../../domain/workspace.ts';
import { defineWrite } from '../operation.ts';
import { id } from '../vocabulary.ts';
import { rowInput } from './get-row.ts';

export const deleteWorkspaceRow = defineWrite({
  name: 'delete_workspace_row',
  title: 'Delete a workspace row',
  summary: 'Delete one row',
  description: 'Deletes one row of a workspace for good.',
  rest: { method: 'delete', path: '/v1/workspaces/{workspace_id}/data/{entity}/{row_id}', status: 200 },
  mcp: false,
  access: { scope: 'workspaces:write' },
  input: z.strictObject(rowInput),
  output: z.strictObject({ id: id('row', 'the row'), deleted: z.literal(true) }).meta({ id: 'DeletedRow' }),
  failures: ['resource.not_found', 'workspace.gone', 'state.forbidden'],
  sideEffect: 'irreversible',
  load: (queries, { input }) => ({
    workspace: queries.workspace(input.workspace_id),
    row: queries.row(input.workspace_id, input.entity, input.row_id),
  }),
  decide({ workspace, row: stored }, { input, principal, now }) {
    const live = liveWorkspace(workspace, principal, now);
    if (!live.ok) return live;
    if (!stored) return refuse('resource.not_found');
    return ok({ subjectId: input.workspace_id, changes: { deleted_row: input }, result: { id: input.row_id, deleted: true as const } });
  },
  view: (result) => result,
});
