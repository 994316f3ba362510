import * as z from 'zod';
import type { JoinFileRow } from '../../db/domain-queries.ts';
import { decideJoin, type JoinFile, readJoin } from '../../domain/join.ts';
import { ok, refuse } from '../../domain/result.ts';
import { isStaff, owns } from '../../domain/visibility.ts';
import { defineWrite } from '../operation.ts';
import { joinId, joinView, showJoin } from './join-schemas.ts';

export const decideOrganizationJoin = defineWrite({
  name: 'decide_organization_join',
  title: 'Decide a request to join',
  summary: 'Take an agent into your organization, or do not',
  description:
    'Approves or refuses an agent that asked to join your organization. Approved, it acts for your organization from then on: its keys and ' +
    'active workspaces come with it and count against your quota, its tokens and API keys from before are dead. Approve only an agent ' +
    'whose id your own people told you. The vendor’s operators may decide in your place.',
  rest: { method: 'post', path: '/v1/organization-joins/{join_id}/decide', status: 200 },
  mcp: false,
  access: { scope: 'agents:manage', stepUp: true },
  input: z.strictObject({ join_id: joinId, approve: z.boolean() }),
  output: joinView,
  failures: ['resource.not_found', 'state.forbidden', 'quota.exhausted'],
  sideEffect: 'irreversible',
  load: (queries, { input }) => ({ file: queries.joinFile(input.join_id) }),
  decide({ file }, { input, principal, desk }, given) {
    if (!file || !owns(principal, { organizationId: file.organization_id })) return refuse('resource.not_found');
    if (isStaff(principal) && !principal.scopes.includes('policy:write')) return refuse('scope.missing', { requiredScope: 'policy:write' });
    const { active_workspaces: activeLimit } = desk.vendor.provisioning.api_key;
    const answer = { approve: input.approve, by: principal.agentId ?? principal.id, tenant: desk.tenant, activeLimit };
    const decided = decideJoin(fileOf(file), answer, given);
    if (!decided.ok) return decided;
    const { request, changes } = decided.value;
    return ok({ changes, result: showJoin(request), subjectId: request.join_id });
  },
  view: (result) => result,
});

function fileOf({ request, agent_id, agent, tier, domain, workspaces, api_keys }: JoinFileRow): JoinFile {
  return { request: readJoin(request), agent: { agent_id, ...agent }, tier, domain, workspaces, api_keys };
}
