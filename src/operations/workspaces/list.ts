import * as z from 'zod';
import { ok } from '../../domain/result.ts';
import { statusAt } from '../../domain/workspace.ts';
import { closeCursor, openCursor } from '../cursor.ts';
import { defineRead } from '../operation.ts';
import { instant, limitOf, listOf, pageInput, pageOf, referralId, workspaceId } from '../vocabulary.ts';
import { workspaceStatus } from './schemas.ts';

const item = z
  .strictObject({
    id: workspaceId,
    status: workspaceStatus,
    host: z.string(),
    referral_id: referralId.nullable(),
    created_at: instant,
    expires_at: instant,
  })
  .meta({ id: 'WorkspaceSummary' });

export const listWorkspaces = defineRead({
  name: 'list_workspaces',
  title: 'List workspaces',
  summary: "One's own workspaces, newest first",
  description: 'Lists the workspaces that the caller’s organization owns, newest first; with a workspace key, that workspace alone.',
  rest: { method: 'get', path: '/v1/workspaces', status: 200 },
  mcp: false,
  access: { scope: 'workspaces:read' },
  input: z.strictObject({ status: workspaceStatus.optional().describe('Only those last known in this status.'), ...pageInput }),
  output: listOf(item),
  failures: [],
  sideEffect: 'none',
  inspect: ({ status, cursor }, desk) => openCursor(desk, 'workspaces', { status: status ?? null }, cursor),
  load: (queries, { input, found }) => ({
    page: queries.workspaces({ after: found, limit: limitOf(input.limit), status: input.status ?? null }),
  }),
  view: ({ page }, { input, desk, now }) =>
    ok(
      pageOf(
        page,
        limitOf(input.limit),
        (stored) => ({
          id: stored.workspace_id,
          status: statusAt(stored, now),
          host: stored.host,
          referral_id: stored.referral_id,
          created_at: stored.created_at,
          expires_at: stored.expires_at,
        }),
        (stored) => closeCursor(desk, 'workspaces', { status: input.status ?? null }, stored.workspace_id),
      ),
    ),
});
