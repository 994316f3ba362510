import type { LedgerAction, LedgerPage } from './definition.ts';
import { officeActions, officePages } from './office.ts';
import { readingActions, readingPages } from './reading.ts';

/** Every page of the ledger. */
export const ledgerPages: readonly LedgerPage[] = [...readingPages, ...officePages];

/** Everything that can be done on them. */
export const ledgerActions: readonly LedgerAction[] = [...readingActions, ...officeActions];
