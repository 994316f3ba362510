import { createCore } from './core.ts';
import { createLedgerApp } from './ledger-app.ts';
import { platformEntry } from './platform-entry.ts';

/** Platform entry of the ledger: where people read it and act on it. */
export const config = { runtime: 'edge' };

export default platformEntry(
  () => globalThis.process?.env ?? {},
  (parts) => createLedgerApp({ ...createCore(parts).world, schedules: {} }),
);
