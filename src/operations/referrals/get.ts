import * as z from 'zod';
import { ok, refuse } from '../../domain/result.ts';
import { knownTier, sightOf } from '../../domain/visibility.ts';
import { defineRead } from '../operation.ts';
import { rewardView, showReward } from '../rewards/schemas.ts';
import { id, instant, referralId } from '../vocabulary.ts';
import { receipt, referralView, showReferral } from './schemas.ts';

export const attribution = z
  .strictObject({
    referral_id: referralId.describe('The referral that is credited.'),
    rule: z.string().describe('The rule that decided.'),
    seq: z.int().describe('1, and one more with every dispute that was upheld.'),
    dispute_id: id('dsp', 'the dispute that decided it').nullable(),
    decided_at: instant,
    trace: z.record(z.string(), z.unknown()).describe('Every candidate, and why it won or lost.'),
  })
  .meta({ id: 'AttributionTrace' });

const output = z
  .strictObject({
    ...referralView.shape,
    receipt,
    timeline: z
      .array(z.strictObject({ entry_id: id('led', 'the ledger event'), kind: z.string(), at: instant }).meta({ id: 'TimelineEvent' }))
      .describe('What the ledger says of it, oldest first; the newest hundred.'),
    rewards: z.array(rewardView).describe('What it has earned, newest first; the newest hundred.'),
    attribution: attribution.nullable().describe("Shown to the vendor's own people only; null for others, and before it is decided."),
    risk: z.literal('not_assessed'),
  })
  .meta({ id: 'ReferralDetail' });

export const getReferral = defineRead({
  name: 'get_referral',
  title: 'Get a referral',
  summary: 'Where one referral stands, with its timeline',
  description:
    'Reads one referral of your organization: status, the terms it is bound to, its receipt, what it has earned, and the timeline of ledger ' +
    'events. Text under untrusted was written by strangers. Use list_referrals to find an id.',
  rest: { method: 'get', path: '/v1/referrals/{referral_id}', status: 200 },
  mcp: true,
  access: { scope: 'referrals:read' },
  input: z.strictObject({ referral_id: referralId }),
  output,
  failures: ['resource.not_found'],
  sideEffect: 'none',
  load: (queries, { input }) => ({
    referral: queries.referral(input.referral_id),
    timeline: queries.timeline(input.referral_id),
    rewards: queries.rewards({ after: null, limit: 100, status: null, organizationId: null, referralId: input.referral_id }),
    attributed: queries.attribution(input.referral_id),
  }),
  view: ({ referral, timeline, rewards, attributed }, { desk, principal, now }) =>
    referral
      ? ok({
          ...showReferral(referral, desk, principal),
          receipt: referral.receipt,
          timeline: timeline.map(({ event_id, kind, recorded_at }) => ({ entry_id: event_id, kind, at: recorded_at })),
          rewards: rewards.slice(0, 100).map((stored) => showReward(stored, knownTier(principal), desk, now)),
          attribution: sightOf(principal).reasons === 'whole' ? attributed : null,
          risk: 'not_assessed' as const,
        })
      : refuse('resource.not_found'),
});
