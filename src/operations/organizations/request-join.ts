import * as z from 'zod';
import { provableDomain } from '../../domain/domain-proof.ts';
import { mayAsk, mostOpenJoins, readJoin, requestJoin } from '../../domain/join.ts';
import { ok, refuse } from '../../domain/result.ts';
import { defineWrite } from '../operation.ts';
import { hostname } from '../vocabulary.ts';
import { joinId } from './join-schemas.ts';

export const requestOrganizationJoin = defineWrite({
  name: 'request_organization_join',
  title: 'Request to join an organization',
  summary: 'Ask the organization of a domain to take you in',
  description:
    'For an agent with a key of its own: asks the organization that has proven this domain to take you in. The answer is the same whether ' +
    'there is one: tell your principal your agent id and have them approve it, with decide_organization_join. Once approved you belong to ' +
    'the organization with your keys and active workspaces, your tokens and API keys end, and you get new tokens as before. Referrals stay ' +
    'with whom they were recorded for. A new request takes the place of an earlier one.',
  rest: { method: 'post', path: '/v1/organization-joins', status: 200 },
  mcp: false,
  access: { scope: 'organizations:verify', limit: 'join' },
  input: z.strictObject({ domain: hostname.describe('The domain of the organization that you want to join.') }),
  output: z.strictObject({ join: z.strictObject({ id: joinId, state: z.literal('open') }) }).meta({ id: 'RequestedJoin' }),
  failures: ['state.forbidden'],
  sideEffect: 'reversible',
  inspect: ({ domain }) => provableDomain(domain),
  load: (queries, { found }) => ({ ground: queries.joinGround(found, mostOpenJoins) }),
  decide({ ground }, { principal }, given) {
    const { agentId, organizationId, tier, domain } = principal;
    if (agentId === null || organizationId === null || !mayAsk(tier, domain)) return belongs;
    if (!ground?.has_own_key) return stranded;
    const { organization_id, open, earlier } = ground;
    const asked = { organizationId: organization_id, open, earlier: earlier && readJoin(earlier) };
    const { joinId: made, changes } = requestJoin(asked, { agentId, organizationId }, given);
    return ok({ changes, result: { id: made } });
  },
  view: ({ id }) => ({ join: { id, state: 'open' as const } }),
});

const belongs = refuse('state.forbidden', {
  detail: 'Only an agent that registered itself, and has proven no domain, asks to be taken in.',
});
// Its API keys would end with the move, and nothing would be left that it could call with.
const stranded = refuse('state.forbidden', {
  detail: 'An agent that has nothing but API keys cannot move: have the organization make you a key, or register with a key of your own.',
});
