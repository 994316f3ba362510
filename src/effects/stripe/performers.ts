import type { Claimed } from '../../db/outbox.ts';
import type { Performers, Settlement } from '../effect.ts';
import { creditBalance } from './balance.ts';
import { debitBalance, takeBackBalance } from './balance-take-back.ts';
import { openStripe, type StripeAccess } from './client.ts';
import { discountSubscription, endDiscount } from './discounts.ts';
import { revokeEntitlement, unlockEntitlement } from './entitlements.ts';
import { endGrant, grantCredits } from './grants.ts';
import { translate } from './hear.ts';
import { readBack } from './read-back.ts';
import { createTransfer, reverseTransfer } from './transfers.ts';
import type { StripeScene } from './translator.ts';

/** An effect that needs the tenant's account at Stripe. `inside`: it only reads there; `outside`: it changes something there. */
interface StripePerformer {
  readonly where: 'inside' | 'outside';
  readonly perform: (effect: Claimed, scene: StripeScene) => Promise<Settlement>;
}

/** Every effect that Stripe is asked for, by kind. */
const stripePerformers: Readonly<Record<`stripe.${string}`, StripePerformer>> = {
  'stripe.event': { where: 'inside', perform: translate },
  'stripe.balance.credit': { where: 'outside', perform: creditBalance },
  'stripe.balance.take_back': { where: 'inside', perform: takeBackBalance },
  'stripe.balance.debit': { where: 'outside', perform: debitBalance },
  'stripe.credit.read_back': { where: 'inside', perform: readBack },
  'stripe.subscription.discount': { where: 'outside', perform: discountSubscription },
  'stripe.discount.end': { where: 'outside', perform: endDiscount },
  'stripe.credit_grant.create': { where: 'outside', perform: grantCredits },
  'stripe.credit_grant.end': { where: 'outside', perform: endGrant },
  'stripe.entitlement.unlock': { where: 'outside', perform: unlockEntitlement },
  'stripe.entitlement.revoke': { where: 'outside', perform: revokeEntitlement },
  'stripe.transfer.create': { where: 'outside', perform: createTransfer },
  'stripe.transfer.reverse': { where: 'outside', perform: reverseTransfer },
};

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
