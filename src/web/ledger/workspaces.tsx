import type { LedgerAction, LedgerPage } from './definition.ts';

/** Workspaces, and one of them. */
export const workspacesPages: readonly LedgerPage[] = [];
export const workspacesActions: readonly LedgerAction[] = [];
