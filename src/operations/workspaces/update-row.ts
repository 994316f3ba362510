import * as z from 'zod';
import { checkRow } from '../../domain/data-schema/check-row.ts';
import { findEntity } from '../../domain/data-schema/model.ts';
import { ok, refuse } from '../../domain/result.ts';
import { liveWorkspace } from '../../domain/workspace.ts';
import { defineWrite } from '../operation.ts';
import { rowInput } from './get-row.ts';
import { row } from './schemas.ts';

export const updateWorkspaceRow = defineWrite({
  name: 'update_workspace_row',
  title: 'Update a workspace row',
  summary: 'Change fields of one row',
  description: 'Changes the fields you send and keeps the others. They are checked against the workspace’s schema.',
  rest: { method: 'patch', path: '/v1/workspaces/{workspace_id}/data/{entity}/{row_id}', status: 200 },
  mcp: false,
  access: { scope: 'workspaces:write' },
  input: z.strictObject({ ...rowInput, values: z.record(z.string(), z.unknown()).describe('Field → new value.') }),
  output: row,
  failures: ['resource.not_found', 'workspace.gone', 'state.forbidden'],
  sideEffect: 'reversible',
  load: (queries, { input }) => ({
    workspace: queries.workspace(input.workspace_id),
    row: queries.row(input.workspace_id, input.entity, input.row_id),
  }),
  decide({ workspace, row: stored }, { input, principal, now }, given) {
    const live = liveWorkspace(workspace, principal, now);
    if (!live.ok) return live;
    const entity = findEntity(live.value.model, input.entity);
    if (!entity || !stored) return refuse('resource.not_found');
    const checked = checkRow(entity, input.values, 'update');
    if (!checked.ok)
      return { ...checked, issues: (checked.issues ?? []).map((issue) => ({ ...issue, pointer: `/values${issue.pointer}` })) };
    const at = given.now.toISOString();
    const values = { ...stored.values, ...checked.value };
    const { workspace_id, entity: name, row_id } = input;
    return ok({
      subjectId: workspace_id,
      changes: { updated_row: { workspace_id, entity: name, row_id, from: stored.values, values, at } },
      result: { id: row_id, values, created_at: stored.created_at, updated_at: at },
    });
  },
  view: (result) => result,
});
