export const workQueries = {} as const;
