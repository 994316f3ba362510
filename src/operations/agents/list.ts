import * as z from 'zod';
import { ok } from '../../domain/result.ts';
import { closeCursor, openCursor } from '../cursor.ts';
import { defineRead } from '../operation.ts';
import { limitOf, listOf, organizationId, pageInput, pageOf } from '../vocabulary.ts';
import { agentView, showAgent } from './schemas.ts';

export const listAgents = defineRead({
  name: 'list_agents',
  title: 'List agents',
  summary: "One's own agents and their keys, newest first",
  description:
    'Lists the agents of your organization with their keys, newest first; a back end of the vendor sees those of every organization. Public ' +
    'halves are known by their thumbprints. What an agent calls itself stands under untrusted.',
  rest: { method: 'get', path: '/v1/agents', status: 200 },
  mcp: false,
  access: { scope: 'agents:manage' },
  input: z.strictObject({ ...pageInput, organization_id: organizationId.optional() }),
  output: listOf(agentView),
  failures: [],
  sideEffect: 'none',
  inspect: ({ cursor, organization_id }, desk) => openCursor(desk, 'agents', { organization_id }, cursor),
  load: (queries, { input, found }) => ({
    page: queries.agents({ after: found, limit: limitOf(input.limit), organizationId: input.organization_id ?? null }),
  }),
  view({ page }, { input, desk }) {
    const filter = { organization_id: input.organization_id };
    return ok(pageOf(page, limitOf(input.limit), showAgent, (row) => closeCursor(desk, 'agents', filter, row.agent_id)));
  },
});
