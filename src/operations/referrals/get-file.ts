import * as z from 'zod';
import type { FulfilmentRow, ReferralDisputeRow } from '../../db/review-queries.ts';
import type { Principal } from '../../domain/actor.ts';
import { referralStates } from '../../domain/referral-state.ts';
import { ok, refuse } from '../../domain/result.ts';
import { knownTier, mayAsk, sightOf } from '../../domain/visibility.ts';
import { statusAt } from '../../domain/workspace.ts';
import { disputeDetail, disputeId, isReviewer, showDetail } from '../disputes/schemas.ts';
import { defineRead } from '../operation.ts';
import { rewardView, showReward } from '../rewards/schemas.ts';
import { id, instant, referralId, workspaceId } from '../vocabulary.ts';
import { workspaceStatus } from '../workspaces/schemas.ts';
import { inUtc, linkedEvidence, party, showEvidence, showTouch, touch } from './connections.ts';
import { attribution } from './get.ts';
import { holdView, showHold } from './hold-schemas.ts';
import { receipt, referralView, showReferral } from './schemas.ts';
import { showEntry, timelineEntry } from './timeline.ts';

const attempt = z
  .strictObject({
    id: id('ful', 'an attempt at handing it over'),
    attempt: z.int().min(1),
    status: z.enum(['sent', 'confirmed', 'failed']),
    reference: z
      .string()
      .nullable()
      .describe('What whoever paid calls the payment; its last four characters only, or nothing, for whoever may not see payees.'),
    sent_at: instant,
    settled_at: instant.nullable(),
  })
  .meta({ id: 'Attempt' });

const output = z
  .strictObject({
    ...referralView.shape,
    state: z.enum(referralStates).nullable().describe("Under whatever holds it, for the vendor's own people; null for everybody else."),
    evidenced: z.boolean().describe("Whether the prospect or the vendor ever linked something to it; else it is an agent's word."),
    receipt,
    organization: party,
    agent: z.strictObject({ id: z.string(), name: z.string().nullable() }).nullable(),
    timeline: z
      .array(timelineEntry)
      .nullable()
      .describe('What the ledger says of it, oldest first; the newest hundred. Null for who may not read the ledger.'),
    touches: z.array(touch).describe('What connects its organization to the prospect.'),
    evidence: z.array(linkedEvidence),
    workspaces: z.array(
      z
        .strictObject({ id: workspaceId, status: workspaceStatus, created_at: instant, expires_at: instant })
        .meta({ id: 'ReferralWorkspace' }),
    ),
    rewards: z
      .array(z.strictObject({ ...rewardView.shape, attempts: z.array(attempt) }).meta({ id: 'ReferralReward' }))
      .nullable()
      .describe('Null for who may not read rewards.'),
    attribution: attribution.nullable().describe("Shown to the vendor's own people only."),
    holds: z.array(holdView).nullable().describe('What is open against it, for reviewers; null for everybody else.'),
    disputes: z.array(disputeDetail).describe('Disputes about it, as far as the caller may read them.'),
    contested_by: z
      .array(z.strictObject({ dispute_id: disputeId, open: z.boolean() }).meta({ id: 'Contest' }))
      .describe('Disputes in which somebody else claims its prospect: its organization may hand in evidence while they are open.'),
    risk: z.literal('not_assessed'),
  })
  .meta({ id: 'ReferralFile' });

export const getReferralFile = defineRead({
  name: 'get_referral_file',
  title: 'Get the file of a referral',
  summary: 'Everything that people may see of one referral',
  description:
    'One referral with all that belongs to it: the timeline with who did what and why, touches and evidence, workspaces, rewards with their ' +
    'payments, disputes and, for the vendor’s own people, the attribution trace and what holds it. Text under untrusted was written by strangers.',
  rest: { method: 'get', path: '/v1/referrals/{referral_id}/file', status: 200 },
  mcp: false,
  access: { scope: 'referrals:read' },
  input: z.strictObject({ referral_id: referralId }),
  output,
  failures: ['resource.not_found'],
  sideEffect: 'none',
  load: (queries, { input: { referral_id } }) => ({
    referral: queries.referral(referral_id),
    connections: queries.referralConnections(referral_id),
    history: queries.referralHistory(referral_id),
    rewards: queries.rewards({ after: null, limit: 100, status: null, organizationId: null, referralId: referral_id }),
    attempts: queries.fulfilmentsOfReferral(referral_id),
    attributed: queries.attribution(referral_id),
    disputes: queries.referralDisputes(referral_id),
    holds: queries.openHolds(referral_id),
  }),
  view({ referral, connections, history, rewards, attempts, attributed, disputes, holds }, { desk, principal, now }) {
    if (!referral || !connections) return refuse('resource.not_found');
    const { name, domain, tier, agent_name } = connections;
    const tells = sightOf(principal).reasons === 'whole';
    return ok({
      ...showReferral(referral, desk, principal),
      ...{ state: tells ? connections.state : null, evidenced: referral.evidenced, receipt: referral.receipt },
      organization: { id: referral.organization_id, domain, tier, untrusted: { name } },
      agent: referral.agent_id === null ? null : { id: referral.agent_id, name: agent_name },
      timeline: mayAsk(principal, { kind: 'read', scope: 'ledger:read' })
        ? history.map((row) => showEntry(row, principal, referral.agent_id))
        : null,
      touches: connections.touches.map(showTouch),
      evidence: connections.evidence.map((row) => showEvidence(row, principal)),
      workspaces: connections.workspaces.map(({ workspace_id, status, created_at, expires_at }) => ({
        id: workspace_id,
        status: statusAt({ status: workspaceStatus.parse(status), expires_at }, now),
        ...{ created_at: inUtc(created_at), expires_at: inUtc(expires_at) },
      })),
      rewards: mayAsk(principal, { kind: 'read', scope: 'rewards:read' })
        ? rewards.slice(0, 100).map((stored) => ({
            ...showReward(stored, knownTier(principal), desk, now),
            attempts: attempts.filter(({ reward_id }) => reward_id === stored.reward_id).map((row) => showAttempt(row, principal)),
          }))
        : null,
      attribution: tells ? attributed : null,
      holds: isReviewer(principal) ? holds.map(showHold) : null,
      disputes: disputes.flatMap((row) => shownDispute(row, principal)),
      contested_by: disputes.filter(({ contested }) => contested).map(({ about, holds: open }) => ({ dispute_id: about, open })),
      risk: 'not_assessed' as const,
    });
  },
});

function showAttempt({ fulfilment_id, reference, ...row }: FulfilmentRow, principal: Principal): z.input<typeof attempt> {
  const { attempt: number, status, sent_at, settled_at } = row;
  return { id: fulfilment_id, attempt: number, status, reference: seenReference(reference, principal), sent_at, settled_at };
}

/** A payment is told to whoever sees where money goes. */
function seenReference(reference: string | null, principal: Principal): string | null {
  const { payees } = sightOf(principal);
  if (reference === null || payees === 'hidden') return null;
  return payees === 'whole' ? reference : reference.slice(-4);
}

function shownDispute({ dispute, evidence }: ReferralDisputeRow, principal: Principal): z.input<typeof disputeDetail>[] {
  if (dispute === null) return [];
  const pieces = evidence.map((piece) => ({ ...piece, created_at: inUtc(piece.created_at) }));
  const { opened_at, decide_by, decided_at } = dispute;
  const at = { opened_at: inUtc(opened_at), decide_by: inUtc(decide_by), decided_at: decided_at && inUtc(decided_at) };
  return [showDetail({ ...dispute, ...at }, pieces, principal)];
}

export type ReferralFile = z.output<typeof output>;
