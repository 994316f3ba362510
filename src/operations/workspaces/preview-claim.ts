import * as z from 'zod';
import { ok, refuse } from '../../domain/result.ts';
import { claimScope } from '../../domain/scopes.ts';
import { statusAt } from '../../domain/workspace.ts';
import { defineRead } from '../operation.ts';
import { instant, slug, workspaceId } from '../vocabulary.ts';
import { untrusted, workspaceStatus } from './schemas.ts';

/** What the holder of a claim link may see: facts, and nothing changes. */
export const previewClaim = defineRead({
  name: 'preview_claim',
  title: 'Preview a claim',
  summary: 'What a claim link leads to',
  description: 'Shows what the workspace behind a claim link is. Changes nothing.',
  rest: null,
  mcp: false,
  access: { scope: claimScope },
  input: z.strictObject({}),
  output: z.strictObject({
    id: workspaceId,
    status: workspaceStatus,
    entities: z.array(slug),
    row_count: z.int(),
    created_at: instant,
    expires_at: instant,
    untrusted,
  }),
  failures: ['resource.not_found'],
  sideEffect: 'none',
  load: (queries) => ({ workspace: queries.reachedWorkspace() }),
  view: ({ workspace }, { now }) =>
    workspace
      ? ok({
          id: workspace.workspace_id,
          status: statusAt(workspace, now),
          entities: workspace.model.entities.map(({ name }) => name),
          row_count: workspace.row_count,
          created_at: workspace.created_at,
          expires_at: workspace.expires_at,
          untrusted: workspace.untrusted,
        })
      : refuse('resource.not_found'),
});
