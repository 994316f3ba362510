import * as z from 'zod';
import { confirmGivenUp } from '../../domain/confirm-given-up.ts';
import { confirmExternal } from '../../domain/settle-reward.ts';
import { defineWrite } from '../operation.ts';
import { decideReward } from './decide-reward.ts';
import { rewardId, rewardView } from './schemas.ts';

export const confirmReward = defineWrite({
  name: 'confirm_reward',
  title: 'Confirm a reward',
  summary: 'Tell that a reward was paid, or was not',
  description:
    'For the vendor, who pays rewards of the kind `external` itself: says that one was paid, or that the payment failed, under your own ' +
    'reference of the payment. An available reward that is not held may be confirmed before you were told to pay it. A reward that failed is ' +
    'asked for again later. The same reference and outcome again changes nothing. A reward that the payment provider settles can be confirmed ' +
    'only while it is `fulfilling` and the effect that was to find out its outcome was given up: look at the provider first. That it was paid ' +
    'is said with the id of the object there; the dead letter is then discarded.',
  rest: { method: 'post', path: '/v1/rewards/{reward_id}/confirm', status: 200 },
  mcp: false,
  access: { scope: 'payouts:manage', stepUp: true },
  input: z.strictObject({
    reward_id: rewardId,
    reference: z
      .string()
      .regex(/^[\x21-\x7e]{1,128}$/)
      .describe('Your own id of the payment; several rewards may have been paid by one. At a payment provider the id of its object.'),
    outcome: z.enum(['paid', 'failed']).default('paid'),
  }),
  output: rewardView,
  failures: ['resource.not_found', 'state.forbidden'],
  sideEffect: 'irreversible',
  load: (queries, { input }) => ({ stored: queries.rewardFile(input.reward_id), effect: queries.effectOfSent(input.reward_id) }),
  decide({ stored, effect }, known, given) {
    const { input } = known;
    const because = input.outcome === 'paid' ? 'confirmed' : 'payment_failed';
    const finder = effect && { effectId: effect.effect_id, state: effect.state };
    return decideReward(stored, known, because, given, (file, cause) =>
      file.reward.kind === 'external' ? confirmExternal(file, input, cause, given) : confirmGivenUp(file, input, finder, cause, given),
    );
  },
  view: (result) => result,
});
