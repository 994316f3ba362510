export const sealQueries = {} as const;
