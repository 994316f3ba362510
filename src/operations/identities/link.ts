import * as z from 'zod';
import { type Decision, together } from '../../domain/decision.ts';
import { linkIdentity as moveIdentity, triedCode } from '../../domain/link-identity.ts';
import { codeKey } from '../../domain/registration.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { defineWrite } from '../operation.ts';
import { id, organizationId } from '../vocabulary.ts';
import { registrationId, sessionHash, usableCode, userCodeField } from './schemas.ts';

const linked = z.strictObject({ agent_id: id('agt', 'an agent'), organization_id: organizationId, workspaces: z.int() });

interface Linked {
  readonly linked: z.output<typeof linked> | null;
}

/** A person takes an agent that registered itself into their organization, by the code that the agent gave them. */
export const linkIdentity = defineWrite({
  name: 'link_identity',
  title: 'Link an agent',
  summary: 'Take an agent into an organization',
  description:
    'The agent whose user code was typed belongs to the organization from then on, with its keys and active workspaces. What it signed in ' +
    'with before is dead; it collects new credentials at the token endpoint. Its earlier referrals stay where they were recorded.',
  rest: null,
  mcp: false,
  access: { scope: 'agents:manage', stepUp: true },
  input: z.strictObject({
    session: sessionHash,
    user_code: userCodeField,
    registration_id: registrationId.describe('What the code was found to be of.'),
    organization_id: organizationId,
  }),
  output: z.strictObject({ linked: linked.nullable().describe('Null: the code is wrong, or its time is over.') }),
  failures: ['resource.not_found', 'quota.exhausted'],
  sideEffect: 'irreversible',
  keyed: false,
  load: (queries, { input, desk }) => ({
    registration: queries.registrationOfCode(codeKey(desk.derive, input.user_code), input.session),
    organization: queries.organizationToLink(input.organization_id),
    workspaces: queries.workspacesToAdopt({ registrationId: input.registration_id }),
    api_keys: queries.apiKeysToEnd({ registrationId: input.registration_id }),
  }),
  decide(
    { registration, organization, workspaces, api_keys },
    { input, principal: { id: personId, person }, desk, now },
    given,
  ): Result<Decision<Linked>> {
    if (!person || !organization) return refuse('resource.not_found');
    if (person.role !== 'operator' && !person.organizationIds.includes(organization.organization_id)) return refuse('resource.not_found');
    const usable = usableCode(registration, now);
    if (usable === null || usable.registration_id !== input.registration_id) {
      return ok({ changes: { counters: [triedCode(personId, 1, now)] }, result: { linked: null } });
    }
    const { organization_id } = organization;
    const moved = moveIdentity(
      {
        registration: usable,
        workspaces,
        api_keys,
        organizationId: organization_id,
        activeLimit: desk.vendor.provisioning.api_key.active_workspaces,
        by: { person: personId },
        tenant: desk.tenant,
      },
      given,
    );
    if (!moved.ok) return moved;
    return ok({
      changes: together(moved.value, { counters: [triedCode(personId, -1, now)] }),
      subjectId: usable.agent_id,
      result: { linked: { agent_id: usable.agent_id, organization_id, workspaces: workspaces.length } },
    });
  },
  view: (result) => result,
});
