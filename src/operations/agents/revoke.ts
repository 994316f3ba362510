import * as z from 'zod';
import { ownAgent, revokeAgents } from '../../domain/agent.ts';
import { ok } from '../../domain/result.ts';
import { defineWrite } from '../operation.ts';
import { instant } from '../vocabulary.ts';
import { agentId } from './schemas.ts';

export const revokeAgent = defineWrite({
  name: 'revoke_agent',
  title: 'Revoke an agent',
  summary: 'Ends an agent, its keys, API keys and tokens at once',
  description:
    'Ends an agent of your organization: its keys, its API keys and every token that it holds are dead with the next call. It cannot come back ' +
    'with the same key or metadata document. Its workspaces and referrals stay. It cannot be undone. An agent may revoke itself.',
  rest: { method: 'post', path: '/v1/agents/{agent_id}/revoke', status: 200 },
  mcp: false,
  access: { scope: 'agents:manage' },
  input: z.strictObject({ agent_id: agentId }),
  output: z.strictObject({ id: agentId, status: z.literal('revoked'), revoked_at: instant }).meta({ id: 'RevokedAgent' }),
  failures: ['resource.not_found'],
  sideEffect: 'irreversible',
  load: (queries, { input }) => ({ agent: queries.heldAgent(input.agent_id) }),
  decide({ agent }, { principal }, { now }) {
    const own = ownAgent(agent, principal);
    if (!own.ok) return own;
    return ok({
      subjectId: own.value.agent_id,
      changes: revokeAgents([own.value], now),
      result: { id: own.value.agent_id, revoked_at: own.value.revoked_at ?? now.toISOString() },
    });
  },
  view: (result) => ({ ...result, status: 'revoked' as const }),
});
