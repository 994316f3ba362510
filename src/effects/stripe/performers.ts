import type { Claimed } from '../../db/outbox.ts';
import type { Performers, Settlement } from '../effect.ts';
import { openStripe, type StripeAccess } from './client.ts';
import type { StripeScene } from './translator.ts';

/** An effect that needs the tenant's account at Stripe. `inside`: it only reads there; `outside`: it changes something there. */
interface StripePerformer {
  readonly where: 'inside' | 'outside';
  readonly perform: (effect: Claimed, scene: StripeScene) => Promise<Settlement>;
}

/** Every effect that Stripe is asked for, by kind. */
const stripePerformers: Readonly<Record<`stripe.${string}`, StripePerformer>> = {};

/** The same, each with the account of the tenant whose effect it is. */
export function performersAt(access: StripeAccess): Performers {
  return Object.fromEntries(
    Object.entries(stripePerformers).map(([kind, { where, perform }]) => [
      kind,
      {
        where,
        perform: async (effect, scene) => {
          const { stripe } = scene.desk;
          // Connected by an operator; until then nothing is lost.
          if (stripe === null) return { kind: 'retry', error: 'stripe_not_connected', afterS: 3600, counts: false };
          return perform(effect, { ...scene, stripe: openStripe(stripe, access) });
        },
      } satisfies Performers[string],
    ]),
  );
}
