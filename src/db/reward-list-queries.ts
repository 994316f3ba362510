import { last, many } from './query.ts';
import { besidesReward, type RewardRow, rewardColumns } from './reward-queries.ts';
import { type RewardFilter, type RewardPage, rewardRange } from './reward-ranges.ts';

/** Rewards as people look for them. */
export const rewardListQueries = {
  /** Newest first, each with whose it is; one more than `limit`. */
  rewardsSearched: ({ after, limit, ...filter }: RewardPage & Omit<RewardFilter, 'referralId'>) => {
    const range = rewardRange({ ...filter, referralId: null });
    return many<RewardListed>(
      `rewards.searched.${range.name}`,
      `select ${rewardColumns}, w.name as organization_name, w.domain as organization_domain from (${range.text}) s ${besidesReward}
       cross join lateral (select w.name, w.domain from frontdesk.organizations w where w.organization_id = s.organization_id limit 1) w
       order by s.reward_id desc`,
      [after ?? last, limit + 1, ...range.values],
    );
  },
} as const;

export type RewardListed = RewardRow & { readonly organization_name: string; readonly organization_domain: string | null };
