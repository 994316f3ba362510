import { z } from '@hono/zod-openapi';
import { ok, refuse } from '../../domain/result.ts';
import { defineRead } from '../operation.ts';
import { id, instant, referralId } from '../vocabulary.ts';
import { receipt, referralView, showReferral } from './schemas.ts';

const output = z
  .strictObject({
    ...referralView.shape,
    receipt,
    timeline: z
      .array(z.strictObject({ entry_id: id('led', 'the ledger event'), kind: z.string(), at: instant }).meta({ id: 'TimelineEvent' }))
      .describe('What the ledger says of it, oldest first; the newest hundred.'),
    rewards: z.array(z.strictObject({})).max(0).describe('Rewards it has earned; none can be earned while rewards_mode is disabled.'),
    risk: z.literal('not_assessed'),
  })
  .meta({ id: 'ReferralDetail' });

export const getReferral = defineRead({
  name: 'get_referral',
  title: 'Get a referral',
  summary: 'Where one referral stands, with its timeline',
  description:
    'Reads one referral of your organization: status, the terms it is bound to, its receipt, and the timeline of ledger events. Text under ' +
    'untrusted was written by strangers. Use list_referrals to find an id.',
  rest: { method: 'get', path: '/v1/referrals/{referral_id}', status: 200 },
  mcp: true,
  access: { scope: 'referrals:read' },
  input: z.strictObject({ referral_id: referralId }),
  output,
  failures: ['resource.not_found'],
  sideEffect: 'none',
  load: (queries, { input }) => ({ referral: queries.referral(input.referral_id), timeline: queries.timeline(input.referral_id) }),
  view: ({ referral, timeline }, { desk }) =>
    referral
      ? ok({
          ...showReferral(referral, desk),
          receipt: referral.receipt,
          timeline: timeline.map(({ event_id, kind, recorded_at }) => ({ entry_id: event_id, kind, at: recorded_at })),
          rewards: [],
          risk: 'not_assessed' as const,
        })
      : refuse('resource.not_found'),
});
