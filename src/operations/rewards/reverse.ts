import * as z from 'zod';
import { reverse } from '../../domain/settle-reward.ts';
import { defineWrite } from '../operation.ts';
import { slug } from '../vocabulary.ts';
import { decideReward } from './decide-reward.ts';
import { rewardId, rewardView } from './schemas.ts';

export const reverseReward = defineWrite({
  name: 'reverse_reward',
  title: 'Reverse a reward',
  summary: 'Take back a reward, in part or whole',
  description:
    'For the vendor: takes back what is no longer earned, for example after a refund. What was not handed over yet is no longer payable; the ' +
    'rest becomes a debt of the organization, which its next rewards in that currency pay back. amount_minor counts everything taken back so ' +
    'far, so that the same call twice takes nothing twice.',
  rest: { method: 'post', path: '/v1/rewards/{reward_id}/reverse', status: 200 },
  mcp: false,
  access: { scope: 'ledger:reverse', stepUp: true },
  input: z.strictObject({
    reward_id: rewardId,
    amount_minor: z
      .int()
      .min(1)
      .optional()
      .describe('How much of the reward is taken back in all, earlier reversals included. Without it: everything.'),
    reason: slug.describe('Why, as one short name; stored in the ledger.'),
    source: z
      .string()
      .regex(/^[\x21-\x7e]{1,128}$/)
      .optional()
      .describe('Your id of the refund or credit note.'),
  }),
  output: rewardView,
  failures: ['resource.not_found', 'state.forbidden'],
  sideEffect: 'irreversible',
  load: (queries, { input }) => ({ stored: queries.rewardFile(input.reward_id) }),
  decide({ stored }, known, given) {
    const { amount_minor, reason, source = null } = known.input;
    const wanted = { totalMinor: amount_minor === undefined ? null : BigInt(amount_minor), source };
    return decideReward(stored, known, reason, given, (file, cause) => reverse(file, wanted, cause, given));
  },
  view: (result) => result,
});
