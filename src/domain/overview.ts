/** How long an overview may look back, in days. */
export const overviewDays = [7, 30, 90, 120] as const;

/** As many open disputes are counted, and no more. */
export const mostDisputesCounted = 100;
