import type { LedgerAction, LedgerPage } from './definition.ts';

/** One referral. */
export const referralPages: readonly LedgerPage[] = [];
export const referralActions: readonly LedgerAction[] = [];
