import * as z from 'zod';
import { ok } from '../../domain/result.ts';
import { closeCursor, openCursor } from '../cursor.ts';
import { defineRead } from '../operation.ts';
import { limitOf, listOf, pageInput, pageOf } from '../vocabulary.ts';
import { applicationState, applicationView, showApplication } from './schemas.ts';

const input = z.strictObject({ state: applicationState.optional(), ...pageInput });
const filterOf = ({ state }: z.output<typeof input>) => ({ state: state ?? null });

export const listPartnerApplications = defineRead({
  name: 'list_partner_applications',
  title: 'List applications for partnership',
  summary: 'Who wants to be a partner, and what is known of them',
  description:
    'Lists who applied to become a partner, those who wait longest first, a page at a time, with what is known of each without asking ' +
    'anybody. Ask for state=open to decide. What they wrote stands under untrusted. The answer holds personal data.',
  rest: { method: 'get', path: '/v1/partner-applications', status: 200 },
  mcp: false,
  access: { scope: 'partners:read' },
  input,
  output: listOf(applicationView),
  failures: [],
  sideEffect: 'none',
  inspect: (asked, desk) => openCursor(desk, 'partner_applications', filterOf(asked), asked.cursor),
  load: (queries, { input: asked, found }) => ({
    page: queries.applications({ after: found, limit: limitOf(asked.limit), ...filterOf(asked) }),
  }),
  view: ({ page }, { input: asked, desk }) =>
    ok(
      pageOf(page, limitOf(asked.limit), showApplication, (row) =>
        closeCursor(desk, 'partner_applications', filterOf(asked), row.application_id),
      ),
    ),
});
