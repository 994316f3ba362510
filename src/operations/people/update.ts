import * as z from 'zod';
import { changePerson } from '../../domain/person.ts';
import { ok, refuse } from '../../domain/result.ts';
import { lackedFor } from '../../domain/scopes.ts';
import { defineWrite } from '../operation.ts';
import { organizationId } from '../vocabulary.ts';
import { organizationIds, personId, role } from './schemas.ts';

export const updatePerson = defineWrite({
  name: 'update_person',
  title: 'Change a person',
  summary: 'Another role, or other organizations',
  description:
    'Gives a person another role, other organizations, or both; what is left out stays. Another role ends all their sessions at once. ' +
    'organization_ids replaces all that they had. Nobody gives a role that may do more than they. The last operator cannot be given ' +
    'another role.',
  rest: { method: 'patch', path: '/v1/people/{person_id}', status: 200 },
  mcp: false,
  access: { scope: 'policy:write', stepUp: true },
  input: z.strictObject({ person_id: personId, role: role.optional(), organization_ids: organizationIds.optional() }),
  output: z.strictObject({ id: personId, role, organization_ids: z.array(organizationId) }).meta({ id: 'ChangedPerson' }),
  failures: ['resource.not_found', 'state.forbidden'],
  sideEffect: 'reversible',
  load: (queries, { input }) => ({
    person: queries.person(input.person_id),
    memberships: queries.membershipsOf(input.person_id),
    otherOperator: queries.otherOperator(input.person_id),
    organizations: queries.organizationsAmong(input.organization_ids ?? []),
  }),
  decide({ person, memberships, otherOperator, organizations }, { input, principal, desk }, given) {
    if (person === null || person.state !== 'active') return refuse('resource.not_found');
    const requiredScope = lackedFor(input.role ?? person.role, principal);
    if (requiredScope !== null) return refuse('scope.missing', { requiredScope });
    if (organizations.length < (input.organization_ids?.length ?? 0)) return refuse('resource.not_found');
    const file = { person, organizationIds: memberships.map(({ organization_id }) => organization_id), otherOperator };
    const wanted = { role: input.role, organizationIds: input.organization_ids };
    const changed = changePerson(file, wanted, { by: principal.agentId ?? principal.id, tenant: desk.tenant }, given);
    if (!changed.ok) return changed;
    const { changes, role: is, organizationIds: reached } = changed.value;
    return ok({ changes, result: { id: person.person_id, role: is, organization_ids: [...reached] }, subjectId: person.person_id });
  },
  view: (result) => result,
});
