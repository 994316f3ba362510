import { createApp } from './app.ts';
import { createCore } from './core.ts';
import { platformEntry } from './platform-entry.ts';

/** Platform entry of the desk. Everything it reaches is web-standard code; the runtime is this one line. */
export const config = { runtime: 'edge' };

// What time brings is the other entry's, so that its code is not loaded here.
export default platformEntry(
  () => globalThis.process?.env ?? {},
  (parts) => createApp({ ...createCore(parts).world, schedules: {} }),
);
