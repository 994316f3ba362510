import * as z from 'zod';
import { erasePerson } from '../../domain/person.ts';
import { ok, refuse } from '../../domain/result.ts';
import { defineWrite } from '../operation.ts';
import { personId } from './schemas.ts';

export const removePerson = defineWrite({
  name: 'remove_person',
  title: 'Remove a person',
  summary: 'Ends their sessions and forgets who they were',
  description:
    'Removes a person: their sessions end with the next request, links that were mailed lead nowhere, and their name, address and account ' +
    'at an identity provider are erased. The id stays, since the ledger names it. It cannot be undone; invited again, they are somebody ' +
    'new. The last operator cannot be removed.',
  rest: { method: 'delete', path: '/v1/people/{person_id}', status: 200 },
  mcp: false,
  access: { scope: 'policy:write', stepUp: true },
  input: z.strictObject({ person_id: personId }),
  output: z.strictObject({ id: personId, state: z.literal('removed') }).meta({ id: 'RemovedPerson' }),
  failures: ['resource.not_found', 'state.forbidden'],
  sideEffect: 'irreversible',
  load: (queries, { input }) => ({
    person: queries.person(input.person_id),
    memberships: queries.membershipsOf(input.person_id),
    otherOperator: queries.otherOperator(input.person_id),
  }),
  decide({ person, memberships, otherOperator }, { principal, desk }, given) {
    if (person === null || person.state !== 'active') return refuse('resource.not_found');
    const file = { person, organizationIds: memberships.map(({ organization_id }) => organization_id), otherOperator };
    const removed = erasePerson(file, { by: principal.agentId ?? principal.id, tenant: desk.tenant }, given);
    return removed.ok ? ok({ changes: removed.value, result: { id: person.person_id }, subjectId: person.person_id }) : removed;
  },
  view: (result) => ({ ...result, state: 'removed' as const }),
});
