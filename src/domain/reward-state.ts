export const rewardStates = ['accrued', 'available', 'fulfilling', 'fulfilled', 'reversed', 'expired'] as const;
export type RewardState = (typeof rewardStates)[number];

/** What callers see: what is not to be had yet is `held`. */
export const rewardStatuses = ['held', 'available', 'fulfilling', 'fulfilled', 'reversed', 'expired'] as const;
export type RewardStatus = (typeof rewardStatuses)[number];
