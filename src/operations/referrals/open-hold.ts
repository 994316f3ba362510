import * as z from 'zod';
import { holdByPerson, holdReasons } from '../../domain/person-hold.ts';
import { ok, refuse } from '../../domain/result.ts';
import { actorOf, isReviewer } from '../disputes/schemas.ts';
import { defineWrite } from '../operation.ts';
import { referralId } from '../vocabulary.ts';
import { holdView, showHold } from './hold-schemas.ts';

export const openReferralHold = defineWrite({
  name: 'open_referral_hold',
  title: 'Hold a referral',
  summary: 'Stop everything of a referral until it was looked into',
  description:
    'For the vendor’s people who review: while a hold is open nothing of the referral is released or sent. risk shows to its organization ' +
    'as quarantined, review does not show in the status. What is on its way already is awaited. release_referral_hold ends it.',
  rest: { method: 'post', path: '/v1/referrals/{referral_id}/holds', status: 201 },
  mcp: false,
  access: { scope: 'ledger:review' },
  input: z.strictObject({ referral_id: referralId, kind: z.enum(['risk', 'review']), reason: z.enum(holdReasons) }),
  output: holdView,
  failures: ['resource.not_found', 'state.forbidden'],
  sideEffect: 'reversible',
  load: (queries, { input }) => ({ referral: queries.referral(input.referral_id), holds: queries.openHolds(input.referral_id) }),
  decide({ referral, holds }, { input, principal, desk }, given) {
    if (!referral || !isReviewer(principal)) return refuse('resource.not_found');
    const { referral_id, organization_id } = referral;
    const open = holds.map(({ hold_id, kind, cause }) => ({ holdId: hold_id, kind, cause }));
    const held = holdByPerson(
      desk.tenant,
      { referralId: referral_id, organizationId: organization_id, open },
      { kind: input.kind, reason: input.reason, actor: actorOf(principal) },
      given,
    );
    if (!held.ok) return held;
    const { holdId, cause, changes } = held.value;
    const row = { hold_id: holdId, referral_id, kind: input.kind, cause, opened_at: given.now.toISOString(), closed_at: null };
    return ok({ subjectId: referral_id, changes, result: showHold(row) });
  },
  view: (result) => result,
});
