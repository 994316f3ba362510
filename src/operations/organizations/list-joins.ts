import * as z from 'zod';
import { ok } from '../../domain/result.ts';
import { closeCursor, openCursor } from '../cursor.ts';
import { defineRead } from '../operation.ts';
import { limitOf, listOf, pageInput, pageOf } from '../vocabulary.ts';
import { joinState, joinView, showJoin } from './join-schemas.ts';

const input = z.strictObject({ state: joinState.optional(), ...pageInput });
const filterOf = ({ state }: z.output<typeof input>) => ({ state: state ?? null });

export const listOrganizationJoins = defineRead({
  name: 'list_organization_joins',
  title: 'List requests to join',
  summary: 'Agents that want to join your organization',
  description:
    'Lists the agents that asked to join your organization, newest first, a page at a time; the vendor’s own people see those of all ' +
    'organizations. An agent is shown by its id only: have your agent tell you its id, and approve no other.',
  rest: { method: 'get', path: '/v1/organization-joins', status: 200 },
  mcp: false,
  access: { scope: 'agents:manage' },
  input,
  output: listOf(joinView),
  failures: [],
  sideEffect: 'none',
  inspect: (asked, desk) => openCursor(desk, 'organization_joins', filterOf(asked), asked.cursor),
  load: (queries, { input: asked, found }) => ({
    page: queries.organizationJoins({ after: found, limit: limitOf(asked.limit), ...filterOf(asked) }),
  }),
  view: ({ page }, { input: asked, desk }) =>
    ok(pageOf(page, limitOf(asked.limit), showJoin, (row) => closeCursor(desk, 'organization_joins', filterOf(asked), row.join_id))),
});
