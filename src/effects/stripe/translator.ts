import type Stripe from 'stripe';
import type { Scene, Settlement } from '../effect.ts';

/** What Stripe told of, as the inbox keeps it. What it is about is read again. */
export interface Told {
  readonly eventId: string;
  readonly type: string;
  readonly objectId: string | null;
  /** The connected account that it is from; null: the tenant's own. */
  readonly account: string | null;
  readonly createdAt: Date;
}

/** A scene with the tenant's account at Stripe. */
export interface StripeScene extends Scene {
  readonly stripe: Stripe;
}

/**
 * Turns one type of event into what is written because of it. It reads the object again and writes what it sees now, so that the same
 * told twice, late or out of order comes to the same. It changes nothing at Stripe: what has to be done there is staged.
 */
export type Translator = (told: Told, scene: StripeScene) => Promise<Settlement>;
