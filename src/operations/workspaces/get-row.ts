import * as z from 'zod';
import { ok, refuse } from '../../domain/result.ts';
import { liveWorkspace } from '../../domain/workspace.ts';
import { defineRead } from '../operation.ts';
import { id, slug, workspaceId } from '../vocabulary.ts';
import { row } from './schemas.ts';

export const rowInput = { workspace_id: workspaceId, entity: slug.describe('Name of the entity.'), row_id: id('row', 'the row') };

export const getWorkspaceRow = defineRead({
  name: 'get_workspace_row',
  title: 'Get a workspace row',
  summary: 'One row of a workspace',
  description: 'Reads one row. Needs the workspace key or its owner’s credential.',
  rest: { method: 'get', path: '/v1/workspaces/{workspace_id}/data/{entity}/{row_id}', status: 200 },
  mcp: false,
  access: { scope: 'workspaces:read' },
  input: z.strictObject(rowInput),
  output: row,
  failures: ['resource.not_found', 'workspace.gone', 'state.forbidden'],
  sideEffect: 'none',
  load: (queries, { input }) => ({
    workspace: queries.workspace(input.workspace_id),
    row: queries.row(input.workspace_id, input.entity, input.row_id),
  }),
  view: ({ workspace, row: stored }, { principal, now }) => {
    const live = liveWorkspace(workspace, principal, now);
    if (!live.ok) return live;
    if (!stored) return refuse('resource.not_found');
    const { row_id, values, created_at, updated_at } = stored;
    return ok({ id: row_id, values, created_at, updated_at });
  },
});
