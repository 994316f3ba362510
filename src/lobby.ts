import { createCore } from './core.ts';
import { identityFrom } from './identity-hands.ts';
import { createLobbyApp } from './lobby-app.ts';
import { platformEntry } from './platform-entry.ts';

/** Platform entry of the lobby: where agents and organizations become known. */
export const config = { runtime: 'edge' };

export default platformEntry(
  () => globalThis.process?.env ?? {},
  (parts) => createLobbyApp({ ...createCore({ ...parts, identity: identityFrom(parts) }).world, schedules: {} }),
);
