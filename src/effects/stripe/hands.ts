import type { Changes, Given } from '../../domain/decision.ts';
import type { Result } from '../../domain/result.ts';
import type { Desk } from '../../operations/desk.ts';
import type { Provider } from '../../operations/provider.ts';
import type { Performers, Scene } from '../effect.ts';
import { reassess } from '../referrals/reassess.ts';
import { injectRewards } from '../rewards/inject.ts';
import { openStripe, type StripeAccess } from './client.ts';
import { hear } from './hear.ts';
import { type Commit, type Compared, findLostEvents } from './lost-events.ts';
import { performersAt } from './performers.ts';
import { stripeProvider } from './provider.ts';
import { type Reconciled, reconcile } from './reconcile.ts';
import type { WebhookMessage } from './verify.ts';

/** What a deployment does at its payment provider. A process without it leaves that work to one that has it. */
export interface PaymentHands {
  /** Their kinds begin with one of `kindsOfPayments`; only a process that has them takes such effects. */
  readonly performers: Performers;
  /** Asked by operations that record nothing here. */
  readonly provider: Provider;
  /** Reads a webhook: what is to be written of it, or why it is not believed. */
  readonly hear: (desk: Desk, message: WebhookMessage, given: Given) => Promise<Result<Changes>>;
  /** Hears what no webhook brought. Null: the tenant has no account there. */
  readonly findLostEvents: (scene: Scene, commit: Commit) => Promise<Compared | null>;
  /** Compares the ledger with it. Null: the tenant has no account there, or it could not be asked. */
  readonly reconcile: (scene: Scene) => Promise<Reconciled | null>;
}

export function stripeHands(access: StripeAccess = {}): PaymentHands {
  return {
    performers: {
      ...performersAt(access),
      'rewards.reassess': { where: 'inside', perform: reassess },
      'rewards.inject': { where: 'inside', perform: injectRewards },
    },
    provider: stripeProvider(access),
    hear,
    async findLostEvents(scene, commit) {
      const { stripe } = scene.desk;
      return stripe === null ? null : findLostEvents({ ...scene, stripe: openStripe(stripe, access) }, commit);
    },
    async reconcile(scene) {
      const { stripe } = scene.desk;
      return stripe === null ? null : reconcile({ ...scene, stripe: openStripe(stripe, access) });
    },
  };
}
