import type { Operation } from './operation.ts';

/** What people ask of the whole ledger: sums and lists that no agent needs for its work. Over REST only, and behind the pages. */
export const ledgerOperations: readonly Operation[] = [];
