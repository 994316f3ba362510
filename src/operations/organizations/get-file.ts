import * as z from 'zod';
import type { AgentActivityRow, MemberRow } from '../../db/organization-queries.ts';
import type { Principal } from '../../domain/actor.ts';
import { roles, tiers } from '../../domain/actor.ts';
import { paysOut } from '../../domain/program.ts';
import { mostCounted } from '../../domain/referral-activity.ts';
import { ok, refuse } from '../../domain/result.ts';
import type { Scope } from '../../domain/scopes.ts';
import { nextSteps } from '../../domain/tier-steps.ts';
import { mayAsk } from '../../domain/visibility.ts';
import { agentView, showAgent } from '../agents/schemas.ts';
import { apiKeyView, showApiKey } from '../api/schemas.ts';
import { balanceView, perCurrency } from '../balances/schemas.ts';
import type { Desk } from '../desk.ts';
import { defineRead } from '../operation.ts';
import { personId } from '../people/schemas.ts';
import { instant, organizationId } from '../vocabulary.ts';
import { activity, activityOf } from './activity-schemas.ts';
import { showOrganization } from './get.ts';
import { organizationView } from './schemas.ts';

/** Of agents, API keys and members: the newest of each. */
const most = 50;

const agentInFile = agentView
  .extend({
    client_id: agentView.shape.client_id.describe('Null as well for who may not manage agents.'),
    keys: agentView.shape.keys.nullable().describe('Null: not shown to who may not manage agents.'),
    activity,
    workspaces: z.int().describe(`How many of the newest ${mostCounted} workspaces of the organization it provisioned.`),
    first_call_s: z.int().nullable().describe('Seconds from when it became known to its first workspace or referral; null: not known.'),
    last_seen_at: instant.nullable().describe('Its newest workspace or referral; null: none among the newest.'),
  })
  .meta({ id: 'AgentInFile' });

const file = z
  .strictObject({
    organization: organizationView,
    next_tier: z
      .strictObject({
        tier: z.enum(tiers),
        steps: z.array(z.strictObject({ code: z.string(), detail: z.string(), operation: z.string().nullable() })),
      })
      .nullable()
      .describe('What is missing for the next tier; null: what comes is the vendor’s word.'),
    activity,
    held: z.int().describe('Of the referrals that were counted, those that are quarantined or disputed.'),
    balances: z.array(balanceView),
    agents: z.array(agentInFile),
    api_keys: z.array(apiKeyView).nullable().describe('Null: not shown to who may not manage agents.'),
    members: z
      .array(
        z.strictObject({
          id: personId,
          email: z.string().describe('Personal data.'),
          role: z.enum(roles),
          state: z.enum(['active', 'removed']),
          granted_at: instant,
          untrusted: z.strictObject({ name: z.string().nullable() }),
        }),
      )
      .nullable()
      .describe('Who signs in for it. Null: shown to the vendor’s own people only.'),
    has_more: z
      .strictObject({ agents: z.boolean(), api_keys: z.boolean(), members: z.boolean() })
      .describe(`Of which there are more than ${most}.`),
  })
  .meta({ id: 'OrganizationFile' });

export const getOrganizationFile = defineRead({
  name: 'get_organization_file',
  title: 'Get the file of an organization',
  summary: 'An organization with its agents, keys, money, people',
  description:
    'Everything about one organization that you reach, in one answer: as get_organization, with what is missing for the next tier, its ' +
    'balances, its newest agents with what came of their referrals, its API keys without secrets, and who signs in for it. What your role ' +
    'does not see is null.',
  rest: { method: 'get', path: '/v1/organizations/{organization_id}/file', status: 200 },
  mcp: false,
  access: { scope: 'rewards:read' },
  input: z.strictObject({ organization_id: organizationId }),
  output: file,
  failures: ['resource.not_found'],
  sideEffect: 'none',
  load: (queries, { input: { organization_id: asked } }) => ({
    organization: queries.organization(asked),
    balances: queries.balances(asked),
    agents: queries.agents({ after: null, limit: most, organizationId: asked }),
    activity: queries.agentActivity(asked),
    apiKeys: queries.apiKeys({ after: null, limit: most, organizationId: asked }),
    members: queries.membersOf(asked, most + 1),
  }),
  view({ organization, balances, agents, activity: counted, apiKeys, members }, { principal, desk, now }) {
    if (organization === null) return refuse('resource.not_found');
    const [managesAgents, seesPeople] = [reads(principal, 'agents:manage'), reads(principal, 'partners:read')];
    const shown = showOrganization(organization, principal, now);
    const next = nextSteps({
      ...{ tier: shown.tier, domain: shown.domain, isDisputed: shown.disputed_since !== null, paysOut: paysOut(desk.vendor.program) },
      hasPendingProof: shown.proofs.some(({ state }) => state === 'pending'),
    });
    const all = sumOf(counted);
    return ok({
      organization: shown,
      next_tier: next && { tier: next.tier, steps: next.steps.map((step) => ({ ...step })) },
      ...{ activity: activityOf(all), held: all.held, balances: perCurrency(balances) },
      agents: agents.slice(0, most).map((agent) => {
        const { keys, client_id, ...known } = showAgent(agent);
        return { ...known, ...(managesAgents ? { keys, client_id } : { keys: null, client_id: null }), ...worked(known, counted) };
      }),
      api_keys: managesAgents ? apiKeys.slice(0, most).map(showApiKey) : null,
      members: seesPeople ? members.slice(0, most).map(showMember) : null,
      has_more: {
        agents: agents.length > most,
        api_keys: managesAgents && apiKeys.length > most,
        members: seesPeople && members.length > most,
      },
    });
  },
});

const reads = (principal: Principal, scope: Scope): boolean => mayAsk(principal, { kind: 'read', scope });

function sumOf(rows: readonly AgentActivityRow[]) {
  const sum = (of: (row: AgentActivityRow) => number): number => rows.reduce((total, row) => total + of(row), 0);
  return {
    ...{ referrals: sum(({ referrals }) => referrals), qualified: sum(({ qualified }) => qualified) },
    ...{ rewarded: sum(({ rewarded }) => rewarded), held: sum(({ held }) => held), workspaces: sum(({ workspaces }) => workspaces) },
  };
}

/** What one of the agents did, as far as it was counted. When it first called is not known where not everything was. */
function worked(agent: { readonly id: string; readonly created_at: string }, counted: readonly AgentActivityRow[]) {
  const all = sumOf(counted);
  const own = counted.find(({ agent_id }) => agent_id === agent.id);
  const none = { referrals: 0, qualified: 0, rewarded: 0 };
  const isAll = all.referrals < mostCounted && all.workspaces < mostCounted;
  const first = own && isAll ? Math.max(0, Math.floor((Date.parse(own.first_at) - Date.parse(agent.created_at)) / 1000)) : null;
  return {
    ...{ activity: activityOf(own ?? none, all.referrals), workspaces: own?.workspaces ?? 0 },
    ...{ first_call_s: first, last_seen_at: own?.last_at ?? null },
  };
}

const showMember = ({ person_id, email, role, state, granted_at, name }: MemberRow) => ({
  ...{ id: person_id, email, role, state, granted_at, untrusted: { name } },
});

/** Whether the vendor's program has rewards that are paid out. */
export const programPaysOut = ({ vendor }: Pick<Desk, 'vendor'>): boolean => paysOut(vendor.program);
