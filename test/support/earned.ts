/** Referrals that earned something at the vendor of events, and the schedule that releases it. */
import { releaseDue } from '../../src/effects/referrals/release-rewards.ts';
import { type EventVendor, reportOf } from './event-vendor.ts';
import type { TestWorld } from './world.ts';

export interface Earned {
  readonly referralId: string;
  /** What it earned, one per rule of the program. */
  readonly rewardIds: readonly string[];
  readonly rewardId: string;
}

let count = 0;

/** Records a referral with an organization's key, and reports whatever qualifies it. */
export async function earn(t: TestWorld, { host, backEnd }: EventVendor, key: string): Promise<Earned> {
  count += 1;
  const recorded = await t.send('POST', '/v1/referrals', {
    host,
    key,
    body: { prospect: { name: 'Earner', domain: `earned-${count}.example` } },
  });
  const referralId: string = recorded.body.referral.id;
  const signup = reportOf(`signup-of-${referralId}`, 'signup.completed', { referral_id: referralId }, t.world.deps.now());
  const reported = await t.send('POST', '/v1/events', { host, key: backEnd, body: { events: [signup] } });
  if (reported.status !== 202) throw new Error(reported.text);
  await t.settle();
  const listed = await t.send('GET', `/v1/rewards?referral_id=${referralId}`, { host, key });
  const rewardIds: string[] = listed.body.data.map(({ id }: { id: string }) => id).reverse();
  return { referralId, rewardIds, rewardId: rewardIds[0] ?? '' };
}

/** What the schedule does now, at this vendor. */
export async function release(t: TestWorld, host: string) {
  const { deps } = t.world;
  const desk = await deps.desks.find(host);
  const report = (error: unknown) => void t.reported.push(error);
  return releaseDue({ ...deps, db: t.db, deskOf: async (tenant) => (desk?.tenant === tenant ? desk : null), report });
}

export const day = 86_400_000;
export const holdPeriod = 14 * day;
