import { z } from '@hono/zod-openapi';
import { confirmExternal } from '../../domain/settle-reward.ts';
import { defineWrite } from '../operation.ts';
import { decideReward } from './decide-reward.ts';
import { rewardId, rewardView } from './schemas.ts';

export const confirmReward = defineWrite({
  name: 'confirm_reward',
  title: 'Confirm a reward',
  summary: 'Tell that an external reward was paid, or was not',
  description:
    'For the vendor, who pays rewards of the kind `external` itself: says that one was paid, or that the payment failed, under your own ' +
    'reference of the payment. An available reward that is not held may be confirmed before you were told to pay it. A reward that failed is ' +
    'asked for again later. The same reference and outcome again changes nothing.',
  rest: { method: 'post', path: '/v1/rewards/{reward_id}/confirm', status: 200 },
  mcp: false,
  access: { scope: 'payouts:manage' },
  input: z.strictObject({
    reward_id: rewardId,
    reference: z
      .string()
      .regex(/^[\x21-\x7e]{1,128}$/)
      .describe('Your own id of the payment. Several rewards may have been paid by one.'),
    outcome: z.enum(['paid', 'failed']).default('paid'),
  }),
  output: rewardView,
  failures: ['resource.not_found', 'state.forbidden'],
  sideEffect: 'irreversible',
  load: (queries, { input }) => ({ stored: queries.rewardFile(input.reward_id) }),
  decide({ stored }, known, given) {
    const { input } = known;
    const because = input.outcome === 'paid' ? 'confirmed' : 'payment_failed';
    return decideReward(stored, known, because, given, (file, cause) => confirmExternal(file, input, cause, given));
  },
  view: (result) => result,
});
