import * as z from 'zod';
import { ok, refuse } from '../../domain/result.ts';
import { isReviewer } from '../disputes/schemas.ts';
import { defineRead } from '../operation.ts';
import { listOf, referralId } from '../vocabulary.ts';
import { holdView, showHold } from './hold-schemas.ts';

export const listReferralHolds = defineRead({
  name: 'list_referral_holds',
  title: 'List the holds of a referral',
  summary: 'What is open against a referral, for reviewers',
  description: 'For the vendor’s people who review: every hold that is open on a referral, the oldest first, with what it hangs on.',
  rest: { method: 'get', path: '/v1/referrals/{referral_id}/holds', status: 200 },
  mcp: false,
  access: { scope: 'ledger:review' },
  input: z.strictObject({ referral_id: referralId }),
  output: listOf(holdView),
  failures: ['resource.not_found'],
  sideEffect: 'none',
  load: (queries, { input }) => ({ referral: queries.referral(input.referral_id), holds: queries.openHolds(input.referral_id) }),
  view: ({ referral, holds }, { principal }) =>
    referral && isReviewer(principal)
      ? ok({ object: 'list' as const, data: holds.map(showHold), has_more: false, next_cursor: null })
      : refuse('resource.not_found'),
});
