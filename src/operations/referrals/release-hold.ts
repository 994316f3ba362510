import * as z from 'zod';
import { releaseByPerson, releaseReasons } from '../../domain/person-hold.ts';
import { ok, refuse } from '../../domain/result.ts';
import { actorOf, isReviewer } from '../disputes/schemas.ts';
import { defineWrite } from '../operation.ts';
import { holdId, holdView, showHold } from './hold-schemas.ts';

export const releaseReferralHold = defineWrite({
  name: 'release_referral_hold',
  title: 'Release a hold',
  summary: 'Close a hold that people or a revoked key opened',
  description:
    'For the vendor’s people who review: closes one hold of a referral. The state under it is what it was; once no hold is open, rewards ' +
    'go on by themselves. What a dispute holds ends with decide_dispute.',
  rest: { method: 'post', path: '/v1/holds/{hold_id}/release', status: 200 },
  mcp: false,
  access: { scope: 'ledger:review', stepUp: true },
  input: z.strictObject({ hold_id: holdId, because: z.enum(releaseReasons) }),
  output: holdView,
  failures: ['resource.not_found', 'state.forbidden'],
  sideEffect: 'irreversible',
  load: (queries, { input }) => ({ hold: queries.hold(input.hold_id) }),
  decide({ hold }, { input, principal, desk }, given) {
    if (!hold || !isReviewer(principal)) return refuse('resource.not_found');
    const { hold_id, referral_id, organization_id, kind, cause, closed_at } = hold;
    const released = releaseByPerson(
      desk.tenant,
      { holdId: hold_id, referralId: referral_id, organizationId: organization_id, kind, cause, closed: closed_at !== null },
      { because: input.because, actor: actorOf(principal) },
      given,
    );
    if (!released.ok) return released;
    return ok({ subjectId: referral_id, changes: released.value, result: showHold({ ...hold, closed_at: given.now.toISOString() }) });
  },
  view: (result) => result,
});
