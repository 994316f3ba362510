import * as z from 'zod';
import { checkRow } from '../../domain/data-schema/check-row.ts';
import { dataSchemaLimits } from '../../domain/data-schema/limits.ts';
import { findEntity } from '../../domain/data-schema/model.ts';
import { type Issue, ok, refuse } from '../../domain/result.ts';
import { liveWorkspace } from '../../domain/workspace.ts';
import { defineWrite } from '../operation.ts';
import { slug, workspaceId } from '../vocabulary.ts';
import { row, rowsPerCall } from './schemas.ts';

const maxIssues = 50;

export const writeWorkspaceRows = defineWrite({
  name: 'write_workspace_rows',
  title: 'Write workspace rows',
  summary: 'Create up to 100 rows of one entity',
  description:
    'Creates rows of one entity, at most 100 a call. Every row is checked against the workspace’s schema; one that does not fit refuses the ' +
    'whole call and every issue is named by its pointer. Answers the rows with their ids, in order. To change or delete a row use the ' +
    'REST data API.',
  rest: { method: 'post', path: '/v1/workspaces/{workspace_id}/data/{entity}', status: 201 },
  mcp: true,
  access: { scope: 'workspaces:write' },
  input: z.strictObject({
    workspace_id: workspaceId,
    entity: slug.describe('Name of the entity, as in the workspace.'),
    rows: z.array(z.record(z.string(), z.unknown())).min(1).max(rowsPerCall).describe('The rows’ values: field → value.'),
  }),
  output: z.strictObject({ rows: z.array(row) }).meta({ id: 'WrittenRows' }),
  failures: ['resource.not_found', 'workspace.gone', 'state.forbidden', 'quota.exhausted'],
  sideEffect: 'reversible',
  load: (queries, { input }) => ({ workspace: queries.workspace(input.workspace_id) }),
  decide({ workspace }, { input, principal, now }, given) {
    const live = liveWorkspace(workspace, principal, now);
    if (!live.ok) return live;
    const entity = findEntity(live.value.model, input.entity);
    if (!entity) return refuse('resource.not_found');
    const work = { steps: dataSchemaLimits.stepsPerSyntheticCall };
    const checked = input.rows.map((values) => checkRow(entity, values, 'create', work));
    const issues: Issue[] = checked.flatMap((result, i) =>
      result.ok ? [] : (result.issues ?? []).map((issue) => ({ ...issue, pointer: `/rows/${i}${issue.pointer}` })),
    );
    if (issues.length > 0) return refuse('request.invalid', { issues: issues.slice(0, maxIssues) });
    const at = given.now.toISOString();
    const rows = checked.flatMap((result) => (result.ok ? [{ row_id: given.newId('row'), values: result.value }] : []));
    const { workspace_id, organization_id } = live.value;
    return ok({
      subjectId: workspace_id,
      changes: { created_rows: { workspace_id, organization_id, at, rows: rows.map((made) => ({ entity: entity.name, ...made })) } },
      result: { rows: rows.map(({ row_id, values }) => ({ id: row_id, values, created_at: at, updated_at: at })) },
    });
  },
  view: (result) => result,
});
