import { z } from '@hono/zod-openapi';
import type { EffectRow } from '../../db/work-queries.ts';
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

/** Only a dead effect is a person's to decide about. Staff alone have the scope, and reach the whole tenant. */
export function deadEffect(row: EffectRow | null): Result<EffectRow, 'resource.not_found' | 'state.forbidden'> {
  if (!row) return refuse('resource.not_found');
  return row.state === 'dead' ? ok(row) : refuse('state.forbidden', { detail: 'It is not a dead letter, or no longer one.' });
}
