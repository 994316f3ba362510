import * as z from 'zod';
import { ok } from '../../domain/result.ts';
import { closeCursor, openCursor } from '../cursor.ts';
import { defineRead } from '../operation.ts';
import { limitOf, listOf, pageInput, pageOf } from '../vocabulary.ts';
import { personView, role, showPerson } from './schemas.ts';

const input = z.strictObject({ role: role.optional(), state: z.enum(['active', 'removed']).optional(), ...pageInput });
const filterOf = (asked: z.output<typeof input>) => ({ role: asked.role ?? null, state: asked.state ?? null });

export const listPeople = defineRead({
  name: 'list_people',
  title: 'List people',
  summary: 'Who may sign in, and as what',
  description: 'Lists the people who may sign in at this vendor, newest first, a page at a time. The answer holds personal data.',
  rest: { method: 'get', path: '/v1/people', status: 200 },
  mcp: false,
  access: { scope: 'partners:read' },
  input,
  output: listOf(personView),
  failures: [],
  sideEffect: 'none',
  inspect: (asked, desk) => openCursor(desk, 'people', filterOf(asked), asked.cursor),
  load: (queries, { input: asked, found }) => ({
    page: queries.people({ after: found, limit: limitOf(asked.limit), ...filterOf(asked) }),
  }),
  view: ({ page }, { input: asked, desk }) =>
    ok(pageOf(page, limitOf(asked.limit), showPerson, (row) => closeCursor(desk, 'people', filterOf(asked), row.person_id))),
});
