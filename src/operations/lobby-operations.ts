import type { Operation } from './operation.ts';

/**
 * What the lobby answers: how somebody becomes known, and who may act for whom. Over REST only. On the platform these are not in the
 * desk's function.
 */
export const lobbyOperations: readonly Operation[] = [];
