import * as z from 'zod';
import { revokeAgents } from '../../domain/agent.ts';
import { ok, refuse } from '../../domain/result.ts';
import { owns } from '../../domain/visibility.ts';
import { defineWrite } from '../operation.ts';
import { instant, organizationId } from '../vocabulary.ts';

/** At once, in one commit. */
const most = 500;

export const revokeOrganizationAgents = defineWrite({
  name: 'revoke_organization_agents',
  title: "Revoke an organization's agents",
  summary: 'Ends all other agents and API keys at once',
  description:
    'Ends all agents and API keys of your organization but the one that you call with, or for a back end of the vendor all of any ' +
    'organization: what they hold is dead with the next call. Use it when you do not know which one leaked; end your own with revoke_agent ' +
    'last. At most 500 agents and API keys a call: repeat it with a new idempotency key while has_more is true. It cannot be undone; ' +
    'workspaces and referrals stay.',
  rest: { method: 'post', path: '/v1/organizations/{organization_id}/revoke-agents', status: 200 },
  mcp: false,
  access: { scope: 'agents:manage' },
  input: z.strictObject({ organization_id: organizationId }),
  output: z
    .strictObject({
      organization_id: organizationId,
      agents: z.int().describe('How many were revoked by this call.'),
      api_keys: z.int().describe('How many API keys were.'),
      has_more: z.boolean(),
      revoked_at: instant,
    })
    .meta({ id: 'RevokedAgents' }),
  failures: ['resource.not_found'],
  sideEffect: 'irreversible',
  load: (queries, { input }) => ({
    organization: queries.organizationKnown(input.organization_id),
    agents: queries.activeAgents(input.organization_id, most),
    apiKeys: queries.unrevokedApiKeys(input.organization_id, most + 1),
  }),
  decide({ organization, agents, apiKeys }, { input, principal }, { now }) {
    if (organization === null || !owns(principal, { organizationId: input.organization_id })) return refuse('resource.not_found');
    const others = agents.slice(0, most).filter(({ agent_id }) => agent_id !== principal.agentId);
    const keys = apiKeys.slice(0, most).filter(({ key_id }) => key_id !== principal.via?.keyId);
    const revoked_at = now.toISOString();
    // API keys of its agents are among all of the organization.
    const { ended_api_keys: _, ...changes } = revokeAgents(others, now);
    const ended = keys.map(({ key_id, expires_at }) => ({ key_id, expires_at, revoked_at }));
    const has_more = agents.length > most || apiKeys.length > most;
    return ok({
      subjectId: input.organization_id,
      changes: { ...changes, ...(ended.length === 0 ? {} : { ended_api_keys: ended }) },
      result: { organization_id: input.organization_id, agents: others.length, api_keys: keys.length, has_more, revoked_at },
    });
  },
  view: (result) => result,
});
