import * as z from 'zod';
import type { DisputeStateRow } from '../../db/dispute-queries.ts';
import type { Principal } from '../../domain/actor.ts';
import { addDisputeEvidence as add } from '../../domain/dispute.ts';
import { ok, refuse } from '../../domain/result.ts';
import { isStaff, owns } from '../../domain/visibility.ts';
import { defineWrite } from '../operation.ts';
import { id, instant } from '../vocabulary.ts';
import { actorOf, disputeId, textInput, textOf } from './schemas.ts';

const { claim, evidence_url } = textInput;

export const addDisputeEvidence = defineWrite({
  name: 'add_dispute_evidence',
  title: 'Add evidence to a dispute',
  summary: 'Hand in more for the people who decide',
  description:
    'Adds a text, and where evidence is found, to an open dispute. For the organization that opened it, and for the one whose referral is ' +
    'contested: each sees its own words only, the people who decide see all. At most 20 pieces of each.',
  rest: { method: 'post', path: '/v1/disputes/{dispute_id}/evidence', status: 201 },
  mcp: false,
  access: { scope: 'disputes:create' },
  input: z.strictObject({ dispute_id: disputeId, claim, evidence_url }),
  output: z
    .strictObject({
      id: id('dev', 'the evidence'),
      dispute_id: disputeId,
      added_at: instant,
      untrusted: z.strictObject({ claim: z.string(), evidence_url: z.string().nullable() }),
    })
    .meta({ id: 'AddedDisputeEvidence' }),
  failures: ['resource.not_found', 'state.forbidden'],
  sideEffect: 'irreversible',
  load: (queries, { input }) => ({ dispute: queries.disputeState(input.dispute_id) }),
  decide({ dispute }, { input, principal, desk }, given) {
    const party = dispute && partyOf(principal, dispute);
    if (!party) return refuse('resource.not_found');
    const { organizationId, referralId } = party;
    const count = dispute.evidence.filter((piece) => piece.organization_id === organizationId).length;
    const by = { organizationId, referralId, actor: actorOf(principal), count };
    const added = add(desk.tenant, { disputeId: dispute.dispute_id, status: dispute.status }, by, textOf(input), given);
    if (!added.ok) return added;
    const { evidenceId, at, changes } = added.value;
    return ok({ subjectId: dispute.dispute_id, changes, result: { evidenceId, disputeId: dispute.dispute_id, at } });
  },
  view: ({ evidenceId, disputeId, at }, { input }) => ({ id: evidenceId, dispute_id: disputeId, added_at: at, untrusted: textOf(input) }),
});

interface Party {
  /** Null: the vendor's own people. */
  readonly organizationId: string | null;
  /** On whose timeline it stands. */
  readonly referralId: string | null;
}

/** The claimant, whoever holds the contested referral, or the vendor's own people. */
function partyOf(principal: Principal, dispute: DisputeStateRow): Party | null {
  if (isStaff(principal)) return { organizationId: null, referralId: null };
  const { organization_id, claim_referral_id, contested_organization_id, contested_referral_id } = dispute;
  if (owns(principal, { organizationId: organization_id })) return { organizationId: organization_id, referralId: claim_referral_id };
  if (!owns(principal, { organizationId: contested_organization_id })) return null;
  return { organizationId: contested_organization_id, referralId: contested_referral_id };
}
