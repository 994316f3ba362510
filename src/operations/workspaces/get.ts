import * as z from 'zod';
import { ok } from '../../domain/result.ts';
import { ownWorkspace } from '../../domain/workspace.ts';
import { defineRead } from '../operation.ts';
import { workspaceId } from '../vocabulary.ts';
import { showWorkspace, workspaceView } from './schemas.ts';

export const getWorkspace = defineRead({
  name: 'get_workspace',
  title: 'Get a workspace',
  summary: 'Status, entities and limits of a workspace',
  description:
    'Reads one workspace: its status (active, claimed, expired, revoked …), entities with their fields and row counts, the mapping of the ' +
    'schema it was made from, limits and expiry. Never shows a secret; to get a new ' +
    'key use rotate_workspace_credentials.',
  rest: { method: 'get', path: '/v1/workspaces/{workspace_id}', status: 200 },
  mcp: true,
  access: { scope: 'workspaces:read' },
  input: z.strictObject({ workspace_id: workspaceId }),
  output: workspaceView,
  failures: ['resource.not_found'],
  sideEffect: 'none',
  load: (queries, { input }) => ({ workspace: queries.workspace(input.workspace_id), counts: queries.entityCounts(input.workspace_id) }),
  view: ({ workspace, counts }, { principal, desk, now }) => {
    const own = ownWorkspace(workspace, principal);
    if (!own.ok) return own;
    return ok(showWorkspace(own.value, new Map(counts.map(({ entity, count }) => [entity, Number(count)])), { desk, principal, now }));
  },
});
