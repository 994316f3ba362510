import * as z from 'zod';
import { ok } from '../../domain/result.ts';
import { closeCursor, openCursor } from '../cursor.ts';
import { defineRead } from '../operation.ts';
import { limitOf, listOf, pageInput, pageOf } from '../vocabulary.ts';
import { deadLetter, showDeadLetter } from './schemas.ts';

export const listEffects = defineRead({
  name: 'list_effects',
  title: 'List dead letters',
  summary: 'Effects that were given up, newest first',
  description:
    'Lists what had to be done after a commit and was given up, of the whole vendor: webhook deliveries and everything else that leaves ' +
    'through the outbox. Each waits for a person to retry_effect or discard_effect; what is done at the payment provider and died of something ' +
    'that passes is tried again by itself, once a day.',
  rest: { method: 'get', path: '/v1/dead-letters', status: 200 },
  mcp: false,
  access: { scope: 'ledger:review' },
  input: z.strictObject(pageInput),
  output: listOf(deadLetter),
  failures: [],
  sideEffect: 'none',
  inspect: ({ cursor }, desk) => openCursor(desk, 'dead_letters', {}, cursor),
  load: (queries, { input, found }) => ({ page: queries.deadEffects({ after: found, limit: limitOf(input.limit) }) }),
  view: ({ page }, { input, desk }) =>
    ok(pageOf(page, limitOf(input.limit), showDeadLetter, (row) => closeCursor(desk, 'dead_letters', {}, row.effect_id))),
});
