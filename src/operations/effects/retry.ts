import * as z from 'zod';
import { refuse } from '../../domain/result.ts';
import { readRewardFile } from '../../domain/reward-file.ts';
import { isStopped } from '../../domain/settle-reward.ts';
import { defineWrite } from '../operation.ts';
import { decideDeadLetter, effectId } from './schemas.ts';

export const retryEffect = defineWrite({
  name: 'retry_effect',
  title: 'Retry a dead letter',
  summary: 'Try a given-up effect again',
  description:
    'Has an effect that was given up tried again at once, with all its attempts anew. What it does outside carries the same key as before, so that it is not done twice. What hands a reward over waits while a hold is open, the domain is disputed or the payee was just changed.',
  rest: { method: 'post', path: '/v1/dead-letters/{effect_id}/retry', status: 200 },
  mcp: false,
  access: { scope: 'ledger:review', stepUp: true },
  input: z.strictObject({ effect_id: effectId }),
  output: z.strictObject({ id: effectId, status: z.literal('waiting') }).meta({ id: 'RetriedDeadLetter' }),
  failures: ['resource.not_found', 'state.forbidden'],
  sideEffect: 'irreversible',
  load: (queries, { input }) => ({ effect: queries.effect(input.effect_id), reward: queries.rewardFileOfEffect(input.effect_id) }),
  decide({ effect, reward }, _, given) {
    const decided = decideDeadLetter(effect, 'waiting', given);
    if (!decided.ok || reward === null || !isStopped(readRewardFile(reward), given.now)) return decided;
    return refuse('state.forbidden', { detail: 'Its reward is held, or where it goes is frozen: try it again once that is over.' });
  },
  view: (result) => result,
});
