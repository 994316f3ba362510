import * as z from 'zod';
import type { PartyRow } from '../../db/review-queries.ts';
import type { Principal } from '../../domain/actor.ts';
import { wireAmount } from '../../domain/money.ts';
import { ok, refuse } from '../../domain/result.ts';
import { rewardStates } from '../../domain/reward-state.ts';
import { seenProspect } from '../../domain/visibility.ts';
import { defineRead } from '../operation.ts';
import { inUtc, linkedEvidence, party, showEvidence, showTouch, touch } from '../referrals/connections.ts';
import { attribution } from '../referrals/get.ts';
import { referralStatus } from '../referrals/schemas.ts';
import { amountMinor, currency, rewardId } from '../rewards/schemas.ts';
import { instant, referralId } from '../vocabulary.ts';
import { disputeDetail, disputeId, isReviewer, showDetail } from './schemas.ts';

const side = z
  .strictObject({
    organization: party,
    referral: z
      .strictObject({
        id: referralId,
        status: referralStatus,

        agent_id: z.string().nullable(),
        created_at: instant,
      })
      .meta({ id: 'DisputedReferral' })
      .nullable()
      .describe('Its referral of the prospect; null: it had none.'),
    touches: z.array(touch),
    evidence: z.array(linkedEvidence),
  })
  .meta({ id: 'DisputeSide' });

const output = z
  .strictObject({
    ...disputeDetail.shape,
    claimant: side,
    credited: side.nullable().describe('Who is credited now, for reviewers; null for everybody else, and while nobody is.'),
    attribution: attribution.nullable().describe('Why, for reviewers.'),
    at_stake: z
      .array(
        z
          .strictObject({
            reward_id: rewardId,
            kind: z.string(),
            status: z.enum(rewardStates),
            amount: z.strictObject({ amount_minor: amountMinor, currency }).nullable().describe('Null for a promise.'),
            becomes: z.enum(['never_paid', 'owed']).describe('If the claim is upheld: taken back before it was handed over, or owed.'),
          })
          .meta({ id: 'RewardAtStake' }),
      )
      .nullable()
      .describe('What the credited referral has earned and would lose if the claim was upheld, for reviewers.'),
    prospect: z.strictObject({ untrusted: z.record(z.string(), z.unknown()) }),
  })
  .meta({ id: 'DisputeFile' });

export const getDisputeFile = defineRead({
  name: 'get_dispute_file',
  title: 'Get the file of a dispute',
  summary: 'Both cases of a dispute, and what a decision would move',
  description:
    'One dispute with the case of whoever claims and, for reviewers, the case of whoever is credited: referral, touches, evidence, what each ' +
    'handed in, why the one is credited, and which rewards a decision would take back. Text under untrusted was written by strangers.',
  rest: { method: 'get', path: '/v1/disputes/{dispute_id}/file', status: 200 },
  mcp: false,
  access: { scope: 'referrals:read' },
  input: z.strictObject({ dispute_id: disputeId }),
  output,
  failures: ['resource.not_found'],
  sideEffect: 'none',
  load: (queries, { input: { dispute_id } }) => ({
    dispute: queries.dispute(dispute_id),
    evidence: queries.disputeEvidence(dispute_id),
    parties: queries.disputeParties(dispute_id),
  }),
  view({ dispute, evidence, parties }, { principal }) {
    const claimant = parties.find((one) => one.side === 'claimant');
    if (!dispute || !claimant) return refuse('resource.not_found');
    const credited = isReviewer(principal) ? (parties.find((one) => one.side === 'credited') ?? null) : null;
    const particulars = claimant.particulars ?? credited?.particulars ?? {};
    return ok({
      ...showDetail(dispute, evidence, principal),
      claimant: showSide(claimant, principal),
      credited: credited && showSide(credited, principal),
      attribution: credited && showAttribution(credited),
      at_stake: isReviewer(principal) ? (credited ? stakeOf(credited) : []) : null,
      prospect: { untrusted: { ...seenProspect(principal, particulars) } },
    });
  },
});

export type DisputeFile = z.output<typeof output>;

function showSide(row: PartyRow, principal: Principal): z.input<typeof side> {
  const { referral_id, status, created_at, agent_id } = row;
  return {
    organization: { id: row.organization_id, domain: row.domain, tier: row.tier, untrusted: { name: row.name } },
    referral: referral_id && status && created_at ? { id: referral_id, status, agent_id, created_at } : null,
    ...{ touches: row.touches.map(showTouch), evidence: row.evidence.map((found) => showEvidence(found, principal)) },
  };
}

function showAttribution({ attribution: decided, referral_id }: PartyRow): z.input<typeof attribution> | null {
  if (!decided || referral_id === null) return null;
  const { seq, rule, trace, dispute_id, decided_at } = decided;
  return { referral_id, seq, rule, dispute_id, decided_at: inUtc(decided_at), trace: { ...trace } };
}

/** What upholding takes back, as the decision does it: everything of the credited organization, and what nobody was handed yet. */
function stakeOf({ rewards, organization_id }: PartyRow): NonNullable<z.input<typeof output>['at_stake']> {
  return rewards.flatMap((reward) => {
    const isUnsent = reward.status === 'accrued' || reward.status === 'available';
    const isOver = reward.status === 'reversed' || reward.status === 'expired';
    if (isOver || (reward.organization_id !== organization_id && !isUnsent)) return [];
    const left = BigInt(reward.accrued_minor) - BigInt(reward.reversed_minor);
    return [
      {
        ...{ reward_id: reward.reward_id, kind: reward.kind, status: reward.status },
        amount: reward.accrued_minor === '0' ? null : { amount_minor: wireAmount(left), currency: reward.currency },
        becomes: isUnsent ? ('never_paid' as const) : ('owed' as const),
      },
    ];
  });
}
