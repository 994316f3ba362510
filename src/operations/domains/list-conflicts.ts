import * as z from 'zod';
import { ok } from '../../domain/result.ts';
import { closeCursor, openCursor } from '../cursor.ts';
import { defineRead } from '../operation.ts';
import { limitOf, listOf, pageInput, pageOf } from '../vocabulary.ts';
import { conflictState, conflictView, showConflict } from './conflict-schemas.ts';

const input = z.strictObject({ state: conflictState.optional(), ...pageInput });
const filterOf = ({ state }: z.output<typeof input>) => ({ state: state ?? null });

export const listDomainConflicts = defineRead({
  name: 'list_domain_conflicts',
  title: 'List conflicts about domains',
  summary: 'Domains that two organizations proved',
  description:
    'For the vendor’s own people: the domains that one organization has and another one proved, newest first, a page at a time. While one is ' +
    'open, nobody of the two is paid out. Decide with decide_domain_conflict.',
  rest: { method: 'get', path: '/v1/domain-conflicts', status: 200 },
  mcp: false,
  access: { scope: 'policy:write' },
  input,
  output: listOf(conflictView),
  failures: [],
  sideEffect: 'none',
  inspect: (asked, desk) => openCursor(desk, 'domain_conflicts', filterOf(asked), asked.cursor),
  load: (queries, { input: asked, found }) => ({
    page: queries.domainConflicts({ after: found, limit: limitOf(asked.limit), ...filterOf(asked) }),
  }),
  view: ({ page }, { input: asked, desk }) =>
    ok(pageOf(page, limitOf(asked.limit), showConflict, (row) => closeCursor(desk, 'domain_conflicts', filterOf(asked), row.conflict_id))),
});
