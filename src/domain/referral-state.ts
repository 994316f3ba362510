export const referralStates = ['pending', 'qualified', 'rewarded', 'rejected', 'reversed', 'expired'] as const;
export type ReferralState = (typeof referralStates)[number];

/** What callers see: a risk hold shows as `quarantined`, else a dispute hold as `disputed`, else the state itself. */
export const referralStatuses = [...referralStates, 'quarantined', 'disputed'] as const;
export type ReferralStatus = (typeof referralStatuses)[number];
