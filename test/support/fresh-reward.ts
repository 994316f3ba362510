/** A reward at any vendor, whatever its program says: what qualification and schedules would have done is committed at once. */
import { together } from '../../src/domain/decision.ts';
import { stepReferral } from '../../src/domain/referral-step.ts';
import { accrue, expire, release, send } from '../../src/domain/reward.ts';
import { freshProspect, made201, type Stage, stageOf } from './examples.ts';
import { commitAt, sceneAt } from './qualify.ts';

/** An external reward of the stage's organization; of a new one, where the stage is the vendor's own. */
export async function freshReward(
  stage: Stage,
  state: 'accrued' | 'sent' | 'expired' = 'accrued',
): Promise<{ reward_id: string; referral_id: string; organization_id: string }> {
  const { t, host } = stage;
  const record = async (by: Stage) => (await made201(by, '/v1/referrals', { prospect: freshProspect() })).referral;
  const referral = (await record(stage)) ?? (await record(await stageOf(t, { host })));
  const { desk, given } = await sceneAt(t, host);
  const cause = { tenant: desk.tenant, actor: 'test', because: 'test' };
  const judged = {
    referralId: referral.id,
    organizationId: referral.organization_id,
    status: 'pending',
    seq: 1,
    evidenced: false,
  } as const;
  const accrued = accrue(
    {
      ...{ tenant: desk.tenant, referralId: referral.id, organizationId: referral.organization_id, side: 'referrer', rule: 'bounty' },
      ...{ occasion: 'once', kind: 'external', currency: 'usd', amountMinor: 5000n, program: desk.program, availableAt: given.now },
    },
    given,
  );
  const parts = [stepReferral(judged, 'qualified', cause, given).changes, accrued.changes];
  if (state === 'expired') parts.push(expire(accrued.reward, cause, given).changes);
  if (state === 'sent') {
    const released = release(accrued.reward, 0n, cause, given);
    parts.push(released.changes, send(released.reward, { attempt: 1 }, cause, given).changes);
  }
  await commitAt(t, host, together(...parts));
  return { reward_id: accrued.reward.rewardId, referral_id: referral.id, organization_id: referral.organization_id };
}
