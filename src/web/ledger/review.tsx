import type { LedgerAction, LedgerPage } from './definition.ts';

/** The review queue and one dispute. */
export const reviewPages: readonly LedgerPage[] = [];
export const reviewActions: readonly LedgerAction[] = [];
