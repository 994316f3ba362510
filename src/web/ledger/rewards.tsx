import type { LedgerAction, LedgerPage } from './definition.ts';

/** Rewards, balances, reconciliation, dead letters. */
export const rewardsPages: readonly LedgerPage[] = [];
export const rewardsActions: readonly LedgerAction[] = [];
