import * as z from 'zod';
import type { EffectRow } from '../../db/work-queries.ts';
import type { Given } from '../../domain/decision.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { id, instant } from '../vocabulary.ts';

export const effectId = id('eff', 'an effect');

export const deadLetter = z
  .strictObject({
    id: effectId,
    kind: z.string().describe('What had to be done, as system.noun.verb.'),
    destination: z.string().nullable().describe('Whom it was for: the id of a webhook endpoint, for example.'),
    organization_id: z.string().nullable(),
    attempts: z.int(),
    last_http_status: z.int().nullable(),
    last_error: z.string().nullable().describe('Why it was given up, in our words.'),
    created_at: instant,
    died_at: instant,
  })
  .meta({ id: 'DeadLetter' });

export function showDeadLetter(row: EffectRow): z.input<typeof deadLetter> {
  return {
    id: row.effect_id,
    kind: row.kind,
    destination: row.destination,
    organization_id: row.organization_id,
    attempts: row.attempts,
    last_http_status: row.last_status,
    last_error: row.last_error,
    created_at: row.created_at,
    // Of a dead effect it is when it was given up.
    died_at: row.due_at,
  };
}

/** A person's word on a dead effect: tried again at once, with all its attempts anew, or given up for good. */
export function decideDeadLetter<S extends 'waiting' | 'discarded'>(row: EffectRow | null, state: S, given: Given) {
  const dead = deadEffect(row);
  if (!dead.ok) return dead;
  const { effect_id } = dead.value;
  const at = given.now.toISOString();
  const revived = { effect_id, from_state: 'dead' as const, state, due_at: state === 'waiting' ? at : null, at };
  return ok({ subjectId: effect_id, changes: { revived_effects: [revived] }, result: { id: effect_id, status: state } });
}

/** Only a dead effect is a person's to decide about. Staff alone have the scope, and reach the whole tenant. */
function deadEffect(row: EffectRow | null): Result<EffectRow, 'resource.not_found' | 'state.forbidden'> {
  if (!row) return refuse('resource.not_found');
  return row.state === 'dead' ? ok(row) : refuse('state.forbidden', { detail: 'It is not a dead letter, or no longer one.' });
}
