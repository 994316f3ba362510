import { resolversOf } from './access/look-in-domains.ts';
import { signInAt } from './access/oidc.ts';
import { openPasskeys } from './access/passkeys.ts';
import { createCore } from './core.ts';
import { resend } from './effects/mail/resend.ts';
import { identityHands } from './identity-hands.ts';
import { createPeopleApp } from './people-app.ts';
import { platformEntry } from './platform-entry.ts';

/** Platform entry of the pages: where people sign in and read. */
export const config = { runtime: 'edge' };

export default platformEntry(
  () => globalThis.process?.env ?? {},
  (parts) => {
    const mail = parts.resend && resend(parts.fetchOutside, parts.resend);
    const signsIn = { signIn: signInAt(parts), passkeys: openPasskeys(parts.masterKey) };
    const identity = identityHands({ resolvers: resolversOf(parts), mail, ...signsIn });
    return createPeopleApp({ ...createCore({ ...parts, identity }).world, schedules: {} });
  },
);
