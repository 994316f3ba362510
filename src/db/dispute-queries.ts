export const disputeQueries = {} as const;
