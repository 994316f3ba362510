import { type Changes, type Given, together } from './decision.ts';
import { handOver } from './hand-over.ts';
import type { Cause } from './reward.ts';
import type { RewardFile } from './reward-file.ts';
import { maySend } from './settle-reward.ts';

/** A bill that is being drafted, and whose. */
export interface Bill {
  readonly customer: string;
  readonly currency: string;
}

/**
 * Sends available credit to the bill that is being drafted, each reward whole: what the bill does not use stays on the customer's balance
 * for the next one. What is held, or goes to another customer now, is left where it is. Changes only; none where nothing is to be done.
 */
export function injectInto(bill: Bill, files: readonly RewardFile[], cause: Cause, given: Given): Changes {
  return together(...files.filter((file) => fits(file, bill, given.now)).map((file) => handOver(file, cause, given).changes));
}

function fits(file: RewardFile, { customer, currency }: Bill, now: Date): boolean {
  const { reward, payee, sent } = file;
  const isWaiting = reward.kind === 'stripe_balance_credit' && reward.status === 'available' && reward.payableMinor > 0n && sent === null;
  return isWaiting && reward.currency === currency && payee?.stripeId === customer && maySend(file, now) === 'yes';
}
