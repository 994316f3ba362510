import { createWorld } from './deps.ts';
import { stripeHands } from './effects/stripe/hands.ts';
import { createHandsApp } from './hands-app.ts';
import { identityFrom } from './identity-hands.ts';
import { platformEntry } from './platform-entry.ts';

/** Platform entry of what works with the payment provider: its webhooks, the schedules, and operations that ask it. */
export const config = { runtime: 'edge' };

export default platformEntry(
  () => globalThis.process?.env ?? {},
  (parts) => createHandsApp(createWorld({ ...parts, identity: identityFrom(parts), payments: stripeHands() })),
);
