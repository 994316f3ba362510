import type { LedgerAction, LedgerPage } from './definition.ts';

/** The proof of the ledger. */
export const proofPages: readonly LedgerPage[] = [];
export const proofActions: readonly LedgerAction[] = [];
