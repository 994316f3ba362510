import type { Performers } from '../effect.ts';
import type { StripeAccess } from './client.ts';
import { performersAt } from './performers.ts';

/** What a deployment does at its payment provider. A process without it leaves that work to one that has it. */
export interface PaymentHands {
  /** Their kinds begin with `stripe.`; only a process that has them takes such effects. */
  readonly performers: Performers;
}

export function stripeHands(access: StripeAccess = {}): PaymentHands {
  return { performers: performersAt(access) };
}
