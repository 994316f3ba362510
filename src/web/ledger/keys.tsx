import type { LedgerAction, LedgerPage } from './definition.ts';

/** API keys. */
export const keysPages: readonly LedgerPage[] = [];
export const keysActions: readonly LedgerAction[] = [];
