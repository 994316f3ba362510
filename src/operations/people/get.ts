import * as z from 'zod';
import { ok, refuse } from '../../domain/result.ts';
import { defineRead } from '../operation.ts';
import { personId, personView, showPerson } from './schemas.ts';

/** One of those whom `list_people` lists: for the page on which somebody is changed. */
export const getPerson = defineRead({
  name: 'get_person',
  title: 'Get a person',
  summary: 'Who somebody is, and what they reach',
  description: 'Reads one person as list_people shows them. The answer holds personal data.',
  rest: null,
  mcp: false,
  access: { scope: 'partners:read' },
  input: z.strictObject({ person_id: personId }),
  output: personView,
  failures: ['resource.not_found'],
  sideEffect: 'none',
  load: (queries, { input }) => ({ person: queries.person(input.person_id), memberships: queries.membershipsOf(input.person_id) }),
  view({ person, memberships }) {
    if (person === null) return refuse('resource.not_found');
    return ok(showPerson({ ...person, organization_ids: memberships.map(({ organization_id }) => organization_id) }));
  },
});
