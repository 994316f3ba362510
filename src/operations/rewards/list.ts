import * as z from 'zod';
import { ok } from '../../domain/result.ts';
import { knownTier } from '../../domain/visibility.ts';
import { closeCursor, openCursor } from '../cursor.ts';
import { defineRead } from '../operation.ts';
import { limitOf, listOf, organizationId, pageInput, pageOf, referralId } from '../vocabulary.ts';
import { rewardStatus, rewardView, showReward } from './schemas.ts';

const input = z.strictObject({
  status: rewardStatus.optional(),
  referral_id: referralId.optional(),
  organization_id: organizationId.optional(),
  ...pageInput,
});

const filterOf = ({ status, referral_id, organization_id }: z.output<typeof input>) => ({
  status: status ?? null,
  referralId: referral_id ?? null,
  organizationId: organization_id ?? null,
});

export const listRewards = defineRead({
  name: 'list_rewards',
  title: 'List rewards',
  summary: 'What referrals have earned, newest first',
  description:
    'Lists the rewards of your organization, newest first, a page at a time, filtered by status, referral or organization: amount, status, ' +
    'why one is held and until when. Use get_balance for sums, get_referral for one referral with its rewards.',
  rest: { method: 'get', path: '/v1/rewards', status: 200 },
  mcp: true,
  access: { scope: 'rewards:read' },
  input,
  output: listOf(rewardView),
  failures: [],
  sideEffect: 'none',
  inspect: (asked, desk) => openCursor(desk, 'rewards', filterOf(asked), asked.cursor),
  load: (queries, { input: asked, found }) => ({
    page: queries.rewards({ after: found, limit: limitOf(asked.limit), ...filterOf(asked) }),
  }),
  view: ({ page }, { input: asked, desk, principal, now }) =>
    ok(
      pageOf(
        page,
        limitOf(asked.limit),
        (stored) => showReward(stored, knownTier(principal), desk, now),
        (stored) => closeCursor(desk, 'rewards', filterOf(asked), stored.reward_id),
      ),
    ),
});
