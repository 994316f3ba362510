import * as z from 'zod';
import { defineWrite } from '../operation.ts';
import { decideDeadLetter, effectId } from './schemas.ts';

export const retryEffect = defineWrite({
  name: 'retry_effect',
  title: 'Retry a dead letter',
  summary: 'Try a given-up effect again',
  description:
    'Has an effect that was given up tried again at once, with all its attempts anew. What it does outside carries the same key as before, so that it is not done twice.',
  rest: { method: 'post', path: '/v1/dead-letters/{effect_id}/retry', status: 200 },
  mcp: false,
  access: { scope: 'ledger:review' },
  input: z.strictObject({ effect_id: effectId }),
  output: z.strictObject({ id: effectId, status: z.literal('waiting') }).meta({ id: 'RetriedDeadLetter' }),
  failures: ['resource.not_found', 'state.forbidden'],
  sideEffect: 'irreversible',
  load: (queries, { input }) => ({ effect: queries.effect(input.effect_id) }),
  decide: ({ effect }, _, given) => decideDeadLetter(effect, 'waiting', given),
  view: (result) => result,
});
