import type { LedgerAction, LedgerPage } from './definition.ts';

/** Organizations and their agents. */
export const organizationsPages: readonly LedgerPage[] = [];
export const organizationsActions: readonly LedgerAction[] = [];
