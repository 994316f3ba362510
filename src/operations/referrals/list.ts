import * as z from 'zod';
import { ok } from '../../domain/result.ts';
import { closeCursor, openCursor } from '../cursor.ts';
import { defineRead } from '../operation.ts';
import { limitOf, listOf, organizationId, pageInput, pageOf } from '../vocabulary.ts';
import { campaign, referralStatus, referralView, showReferral } from './schemas.ts';

const input = z.strictObject({
  status: referralStatus.optional(),
  organization_id: organizationId.optional(),
  campaign: campaign.optional(),
  ...pageInput,
});

const filterOf = ({ status, organization_id, campaign }: z.output<typeof input>) => ({
  status: status ?? null,
  organizationId: organization_id ?? null,
  campaign: campaign ?? null,
});

export const listReferrals = defineRead({
  name: 'list_referrals',
  title: 'List referrals',
  summary: 'The referrals you may see, newest first',
  description:
    'Lists the referrals of your organization, newest first, a page at a time, filtered by status, organization or campaign. Use ' +
    'get_referral for one with its receipt and timeline.',
  rest: { method: 'get', path: '/v1/referrals', status: 200 },
  mcp: true,
  access: { scope: 'referrals:read' },
  input,
  output: listOf(referralView),
  failures: [],
  sideEffect: 'none',
  inspect: (asked, desk) => openCursor(desk, 'referrals', filterOf(asked), asked.cursor),
  load: (queries, { input: asked, found }) => ({
    page: queries.referrals({ after: found, limit: limitOf(asked.limit), ...filterOf(asked) }),
  }),
  view: ({ page }, { input: asked, desk, principal }) =>
    ok(
      pageOf(
        page,
        limitOf(asked.limit),
        (stored) => showReferral(stored, desk, principal),
        (stored) => closeCursor(desk, 'referrals', filterOf(asked), stored.referral_id),
      ),
    ),
});
