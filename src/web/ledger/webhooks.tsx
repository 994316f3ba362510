import type { LedgerAction, LedgerPage } from './definition.ts';

/** Webhook endpoints and their deliveries. */
export const webhooksPages: readonly LedgerPage[] = [];
export const webhooksActions: readonly LedgerAction[] = [];
