import * as z from 'zod';
import type { EventRow } from '../../db/event-queries.ts';
import { id, instant } from '../vocabulary.ts';

/** `noun.past_participle`. */
export const eventType = z
  .string()
  .max(64)
  .regex(/^[a-z][a-z_]*\.[a-z_]+$/)
  .describe('What happened: noun.past_participle.');

/** What happened, as pages, the live stream and webhooks tell it. */
export const eventView = z
  .strictObject({
    id: id('evt', 'an event: the same wherever it is told'),
    type: eventType,
    api_version: z.literal('v1'),
    occurred_at: instant,
    sequence: z.int().describe('Its place: every event of a vendor has the next number. Those of others are left out, so yours have gaps.'),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Event' });

export type EventView = z.output<typeof eventView>;

export function showEvent(row: EventRow): EventView {
  return {
    id: row.event_id,
    type: row.type,
    api_version: 'v1',
    occurred_at: row.occurred_at,
    sequence: Number(row.sequence),
    data: row.data,
  };
}
