import { queries } from '../../db/queries.ts';
import { together } from '../../domain/decision.ts';
import { stepReferral } from '../../domain/referral-step.ts';
import type { Step } from '../tenant-rounds.ts';

const batch = 100;
const day = 86_400_000;

/**
 * Pending referrals whose time is over expire, a hundred a step. They wait for the program's days of grace first: evidence of what happened in
 * time may be reported late.
 */
export const expireReferrals: Step = async ({ desk, given, now, consult }) => {
  const before = new Date(now.getTime() - desk.vendor.program.attribution.grace_days * day);
  const [over] = await consult([queries.referralsToExpire(before, batch)]);
  if (over.length === 0) return null;
  const cause = { tenant: desk.tenant, actor: 'system:expire', because: 'time_limit' };
  const steps = over.map(({ referral_id, organization_id, seq, evidenced }) =>
    stepReferral({ referralId: referral_id, organizationId: organization_id, status: 'pending', seq, evidenced }, 'expired', cause, given),
  );
  return { changes: together(...steps.map(({ changes }) => changes)), count: over.length };
};
