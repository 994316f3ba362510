import * as z from 'zod';
import { invariant, ok } from '../../domain/result.ts';
import { defineRead } from '../operation.ts';
import { limitOf, pageInput } from '../vocabulary.ts';
import { eventType, eventView, showEvent } from './schemas.ts';

const input = z.strictObject({
  after: z
    .union([z.int().min(0).max(999_999_999_999_999), z.string().regex(/^(0|[1-9]\d{0,14})$/)])
    .optional()
    .describe('A sequence: what comes after it. Default 0, from the oldest that is kept.'),
  type: eventType.optional(),
  limit: pageInput.limit,
});

export const listEvents = defineRead({
  name: 'list_events',
  title: 'List events',
  summary: 'What happened, oldest first, from where you stopped',
  description:
    'Lists what happened to your workspaces, referrals, rewards and disputes, oldest first; a back end sees all of the vendor. Store ' +
    'next_after and send it as after next time: nothing is left out and nothing comes twice. Events are kept for 90 days. truncated ' +
    'tells that some after your place may be gone: read the resources again. The same goes on live at /v1/events/stream.',
  rest: { method: 'get', path: '/v1/events', status: 200, stream: '/v1/events/stream' },
  mcp: false,
  // Events tell of rewards, disputes and the vendor's checkpoints, too: more than `referrals:read` was given for.
  access: { scope: 'ledger:read' },
  input,
  output: z.strictObject({
    object: z.literal('list'),
    data: z.array(eventView),
    has_more: z.boolean(),
    next_after: z.int().describe('What to send as after to go on from here.'),
    truncated: z.boolean().describe('Whether events right after your place may have been swept.'),
  }),
  failures: [],
  sideEffect: 'none',
  // In this order: what is newest was there when the page was read, and what is oldest is still there after it.
  load: (queries, { input: asked }) => ({
    newest: queries.newestEvent(),
    page: queries.events({ after: Number(asked.after ?? 0), type: asked.type ?? null, limit: limitOf(asked.limit) }),
    oldest: queries.oldestEvent(),
  }),
  view: ({ newest, page, oldest }, { input: asked }) => {
    invariant(newest !== null && oldest !== null, 'an aggregate answers one row');
    const after = Number(asked.after ?? 0);
    const data = page.slice(0, limitOf(asked.limit)).map(showEvent);
    const hasMore = page.length > data.length;
    const last = data.at(-1)?.sequence ?? after;
    return ok({
      object: 'list' as const,
      data,
      has_more: hasMore,
      // With a filter, whoever has seen all of its kind need not look through the rest again.
      next_after: hasMore ? last : Math.max(last, Number(newest.sequence ?? 0)),
      truncated: after > 0 && (oldest.sequence === null || Number(oldest.sequence) > after + 1),
    });
  },
});
