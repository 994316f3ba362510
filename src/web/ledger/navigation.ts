/** Where a page stands in the navigation, in its order; groups are told apart by a line. */
export const navigation = [
  ['overview', 'referrals', 'review', 'rewards'],
  ['organizations', 'workspaces', 'capabilities', 'proof'],
  ['members', 'applications', 'keys', 'webhooks', 'settings'],
] as const;

export type NavKey = (typeof navigation)[number][number];

export const navPath = (key: NavKey): string => (key === 'overview' ? '/ledger' : `/ledger/${key}`);
