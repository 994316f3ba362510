import { signInAt } from './access/oidc.ts';
import { openPasskeys } from './access/passkeys.ts';
import { createCore } from './core.ts';
import { identityFrom } from './identity-hands.ts';
import { createPeopleApp } from './people-app.ts';
import { platformEntry } from './platform-entry.ts';

/** Platform entry of the pages: where people sign in and read. */
export const config = { runtime: 'edge' };

export default platformEntry(
  () => globalThis.process?.env ?? {},
  (parts) => {
    const identity = identityFrom(parts, { signIn: signInAt(parts), passkeys: openPasskeys(parts.masterKey) });
    return createPeopleApp({ ...createCore({ ...parts, identity }).world, schedules: {} });
  },
);
