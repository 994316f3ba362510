import { resolversOf } from './access/look-in-domains.ts';
import { createWorld } from './deps.ts';
import { resend } from './effects/mail/resend.ts';
import { stripeHands } from './effects/stripe/hands.ts';
import { createHandsApp } from './hands-app.ts';
import { identityHands } from './identity-hands.ts';
import { platformEntry } from './platform-entry.ts';

/** Platform entry of what works with the payment provider: its webhooks, the schedules, and operations that ask it. */
export const config = { runtime: 'edge' };

export default platformEntry(
  () => globalThis.process?.env ?? {},
  (parts) => {
    const mail = parts.resend && resend(parts.fetchOutside, parts.resend);
    const identity = identityHands({ resolvers: resolversOf(parts), mail });
    return createHandsApp(createWorld({ ...parts, identity, payments: stripeHands() }));
  },
);
