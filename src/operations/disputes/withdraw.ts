import * as z from 'zod';
import { readDispute, withdrawDispute as withdraw } from '../../domain/dispute.ts';
import { ok, refuse } from '../../domain/result.ts';
import { defineWrite } from '../operation.ts';
import { actorOf, disputeId, disputeView, isClaimant, showDispute } from './schemas.ts';

export const withdrawDispute = defineWrite({
  name: 'withdraw_dispute',
  title: 'Withdraw a dispute',
  summary: 'Take back a dispute of yours; what it held is free',
  description:
    'Ends an open dispute of your organization without a decision. What it held is free at once. The same decision cannot be disputed again.',
  rest: { method: 'post', path: '/v1/disputes/{dispute_id}/withdraw', status: 200 },
  mcp: false,
  access: { scope: 'disputes:create' },
  input: z.strictObject({ dispute_id: disputeId }),
  output: disputeView,
  failures: ['resource.not_found', 'state.forbidden'],
  sideEffect: 'irreversible',
  load: (queries, { input }) => ({ dispute: queries.disputeState(input.dispute_id) }),
  decide({ dispute }, { principal, desk }, given) {
    if (!dispute || !isClaimant(principal, dispute)) return refuse('resource.not_found');
    const ended = withdraw(readDispute(dispute), { tenant: desk.tenant, actor: actorOf(principal) }, given);
    if (!ended.ok) return ended;
    const decided_at = given.now.toISOString();
    const result = showDispute({ ...dispute, status: 'withdrawn', decided_at, because: 'withdrawn' });
    return ok({ subjectId: dispute.dispute_id, changes: ended.value, result });
  },
  view: (result) => result,
});
