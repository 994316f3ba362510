import * as z from 'zod';
import { referralStatuses } from '../../domain/referral-state.ts';
import { ok } from '../../domain/result.ts';
import { defineRead } from '../operation.ts';
import { limitOf, listOf, organizationId, pageInput, pageOf } from '../vocabulary.ts';
import { timeCursor } from './referral-filter.ts';
import { campaign, referralStatus, referralView, showReferral } from './schemas.ts';

const input = z.strictObject({
  status: referralStatus.optional(),
  organization_id: organizationId.optional(),
  campaign: campaign.optional(),
  ...pageInput,
});

const filterOf = ({ status, organization_id, campaign }: z.output<typeof input>) => ({
  ...{ statuses: status === undefined ? referralStatuses : [status], organizationId: organization_id ?? null, campaign: campaign ?? null },
  ...{ agentId: null, from: null, to: null, about: null },
});

const cursor = timeCursor('referrals');

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
  inspect: (asked, desk) => cursor.open(desk, asked),
  load: (queries, { input: asked, found }) => ({
    page: queries.referrals({ filter: filterOf(asked), after: found, oldestFirst: false, limit: limitOf(asked.limit) }),
  }),
  view: ({ page }, { input: asked, desk, principal }) =>
    ok(
      pageOf(
        page,
        limitOf(asked.limit),
        (stored) => showReferral(stored, desk, principal),
        (stored) => cursor.close(desk, asked, stored),
      ),
    ),
});
