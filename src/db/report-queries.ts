export const reportQueries = {} as const;
