import { createCore } from './core.ts';
import { createDeskApp } from './desk-app.ts';
import { platformEntry } from './platform-entry.ts';

/** Platform entry of the desk. Everything it reaches is web-standard code; the runtime is this one line. */
export const config = { runtime: 'edge' };

// What time brings is an entry's of its own (hands.ts), so that its code is not loaded here.
export default platformEntry(
  () => globalThis.process?.env ?? {},
  (parts) => createDeskApp({ ...createCore(parts).world, schedules: {} }),
);
