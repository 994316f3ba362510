import * as z from 'zod';
import { mayBeDiscarded } from '../../domain/given-up.ts';
import { refuse } from '../../domain/result.ts';
import { defineWrite } from '../operation.ts';
import { decideDeadLetter, effectId } from './schemas.ts';

export const discardEffect = defineWrite({
  name: 'discard_effect',
  title: 'Discard a dead letter',
  summary: 'Give an effect up for good',
  description:
    'Takes an effect that was given up off the list: it is never tried again. What it would have done has to be done by hand, where it matters. ' +
    'One that hands a reward over or takes one back is refused: it is retried, or the reward is settled with confirm_reward.',
  rest: { method: 'post', path: '/v1/dead-letters/{effect_id}/discard', status: 200 },
  mcp: false,
  access: { scope: 'ledger:review', stepUp: true },
  input: z.strictObject({ effect_id: effectId }),
  output: z.strictObject({ id: effectId, status: z.literal('discarded') }).meta({ id: 'DiscardedDeadLetter' }),
  failures: ['resource.not_found', 'state.forbidden'],
  sideEffect: 'irreversible',
  load: (queries, { input }) => ({ effect: queries.effect(input.effect_id) }),
  decide: ({ effect }, _, given) =>
    effect?.state === 'dead' && !mayBeDiscarded(effect.kind) ? leavesMoneyOpen : decideDeadLetter(effect, 'discarded', given),
  view: (result) => result,
});

const leavesMoneyOpen = refuse('state.forbidden', {
  detail: 'Without it a reward stays under way for good: have it tried again, or settle the reward with confirm_reward.',
});

/** Whether a person may give up an effect of this kind: what moves money may not be left open. */
export const isDiscardable = mayBeDiscarded;
