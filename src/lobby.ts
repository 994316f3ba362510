import { resolversOf } from './access/look-in-domains.ts';
import { createCore } from './core.ts';
import { resend } from './effects/mail/resend.ts';
import { identityHands } from './identity-hands.ts';
import { createLobbyApp } from './lobby-app.ts';
import { platformEntry } from './platform-entry.ts';

/** Platform entry of the lobby: where agents and organizations become known. */
export const config = { runtime: 'edge' };

export default platformEntry(
  () => globalThis.process?.env ?? {},
  (parts) => {
    const mail = parts.resend && resend(parts.fetchOutside, parts.resend);
    const identity = identityHands({ resolvers: resolversOf(parts), mail });
    return createLobbyApp({ ...createCore({ ...parts, identity }).world, schedules: {} });
  },
);
