import type { LedgerAction, LedgerPage } from './definition.ts';

/** What an agent sees. */
export const capabilitiesPages: readonly LedgerPage[] = [];
export const capabilitiesActions: readonly LedgerAction[] = [];
