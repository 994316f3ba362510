import type { LedgerAction, LedgerPage } from './definition.ts';

/** Referrals, and one of them. */
export const referralsPages: readonly LedgerPage[] = [];
export const referralsActions: readonly LedgerAction[] = [];
