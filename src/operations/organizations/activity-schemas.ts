import * as z from 'zod';
import { type Counted, conversionOf, mostCounted } from '../../domain/referral-activity.ts';

/** What came of referrals, as many as are counted. */
export const activity = z
  .strictObject({
    referrals: z.int().describe(`Its newest, at most ${mostCounted}.`),
    qualified: z.int().describe('Of these, those that are qualified or rewarded.'),
    rewarded: z.int().describe('Of these, those that are rewarded.'),
    conversion: z.number().nullable().describe('The share of these that is qualified or rewarded, from 0 to 1; null without any.'),
    is_all: z.boolean().describe('Whether there are no others that were not counted.'),
  })
  .meta({ id: 'ReferralActivity' });

/** @param looked how many referrals were looked at for it, where that is not how many there are of it */
export function activityOf(counted: Counted, looked = counted.referrals): z.input<typeof activity> {
  const { referrals, qualified, rewarded } = counted;
  return { referrals, qualified: qualified + rewarded, rewarded, conversion: conversionOf(counted), is_all: looked < mostCounted };
}
