import { createCore } from './core.ts';
import { createOfficeApp } from './office-app.ts';
import { platformEntry } from './platform-entry.ts';

/** Platform entry of the office: rewards, organizations, members, keys, webhooks and settings, for people. */
export const config = { runtime: 'edge' };

export default platformEntry(
  () => globalThis.process?.env ?? {},
  (parts) => createOfficeApp({ ...createCore(parts).world, schedules: {} }),
);
