export const rewardQueries = {} as const;
