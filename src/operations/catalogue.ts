import { deskOperations } from './desk-operations.ts';
import { ledgerOperations } from './ledger-operations.ts';
import { lobbyOperations } from './lobby-operations.ts';
import type { Operation } from './operation.ts';

/** What can be asked of this service, in the order in which an agent meets it. Every door is a projection of this list. */
export const catalogue: readonly Operation[] = [...deskOperations, ...ledgerOperations, ...lobbyOperations];
