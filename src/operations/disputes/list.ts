import * as z from 'zod';
import { ok } from '../../domain/result.ts';
import { closeCursor, openCursor } from '../cursor.ts';
import { defineRead } from '../operation.ts';
import { limitOf, listOf, pageInput, pageOf } from '../vocabulary.ts';
import { disputeStatus, disputeView, showDispute } from './schemas.ts';

const input = z.strictObject({ status: disputeStatus.optional(), ...pageInput });
const filterOf = ({ status }: z.output<typeof input>) => ({ status: status ?? null });

export const listDisputes = defineRead({
  name: 'list_disputes',
  title: 'List disputes',
  summary: 'The disputes you may see, newest first',
  description:
    'Lists the disputes that your organization opened, newest first, a page at a time; the vendor’s back end sees all of them. Filter by ' +
    'status; open ones wait for a decision until decide_by.',
  rest: { method: 'get', path: '/v1/disputes', status: 200 },
  mcp: false,
  access: { scope: 'referrals:read' },
  input,
  output: listOf(disputeView),
  failures: [],
  sideEffect: 'none',
  inspect: (asked, desk) => openCursor(desk, 'disputes', filterOf(asked), asked.cursor),
  load: (queries, { input: asked, found }) => ({
    page: queries.disputes({ after: found, limit: limitOf(asked.limit), ...filterOf(asked) }),
  }),
  view: ({ page }, { input: asked, desk }) =>
    ok(pageOf(page, limitOf(asked.limit), showDispute, (row) => closeCursor(desk, 'disputes', filterOf(asked), row.dispute_id))),
});
