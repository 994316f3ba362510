import * as z from 'zod';
import { ok, refuse } from '../../domain/result.ts';
import { defineRead } from '../operation.ts';
import { agentId, agentView, showAgent } from './schemas.ts';

export const getAgent = defineRead({
  name: 'get_agent',
  title: 'Get an agent',
  summary: 'One agent and its keys',
  description: 'Reads one agent of your organization: how it became known, whether it was revoked, and the thumbprints of its keys.',
  rest: { method: 'get', path: '/v1/agents/{agent_id}', status: 200 },
  mcp: false,
  access: { scope: 'agents:manage' },
  input: z.strictObject({ agent_id: agentId }),
  output: agentView,
  failures: ['resource.not_found'],
  sideEffect: 'none',
  load: (queries, { input }) => ({ agent: queries.agent(input.agent_id) }),
  // What is not in the caller's reach is not there.
  view: ({ agent }) => (agent === null ? refuse('resource.not_found') : ok(showAgent(agent))),
});
