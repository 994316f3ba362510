import { z } from '@hono/zod-openapi';
import { defineWrite } from '../operation.ts';
import { decideDeadLetter, effectId } from './schemas.ts';

export const discardEffect = defineWrite({
  name: 'discard_effect',
  title: 'Discard a dead letter',
  summary: 'Give an effect up for good',
  description:
    'Takes an effect that was given up off the list: it is never tried again. What it would have done has to be done by hand, where it matters.',
  rest: { method: 'post', path: '/v1/dead-letters/{effect_id}/discard', status: 200 },
  mcp: false,
  access: { scope: 'ledger:review' },
  input: z.strictObject({ effect_id: effectId }),
  output: z.strictObject({ id: effectId, status: z.literal('discarded') }).meta({ id: 'DiscardedDeadLetter' }),
  failures: ['resource.not_found', 'state.forbidden'],
  sideEffect: 'irreversible',
  load: (queries, { input }) => ({ effect: queries.effect(input.effect_id) }),
  decide: ({ effect }, _, given) => decideDeadLetter(effect, 'discarded', given),
  view: (result) => result,
});
