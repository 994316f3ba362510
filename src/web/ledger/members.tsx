import type { LedgerAction, LedgerPage } from './definition.ts';

/** Members and partner applications. */
export const membersPages: readonly LedgerPage[] = [];
export const membersActions: readonly LedgerAction[] = [];
