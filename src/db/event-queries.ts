export const eventQueries = {} as const;
