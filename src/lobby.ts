import { createCore } from './core.ts';
import { createLobbyApp } from './lobby-app.ts';
import { platformEntry } from './platform-entry.ts';

/** Platform entry of the lobby: where strangers become known and people read. */
export const config = { runtime: 'edge' };

export default platformEntry(
  () => globalThis.process?.env ?? {},
  (parts) => createLobbyApp({ ...createCore(parts).world, schedules: {} }),
);
