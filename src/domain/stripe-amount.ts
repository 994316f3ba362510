import { ledgerMinor } from './payment.ts';
import { invariant } from './result.ts';

/**
 * An amount of the ledger in the unit that Stripe counts its currency in (https://docs.stripe.com/currencies, special cases): the inverse
 * of `ledgerMinor`. Null where it cannot be said there, because that unit is larger.
 */
export function amountAtStripe(amountMinor: bigint, currency: string): number | null {
  const hundred = ledgerMinor(100n, currency);
  if (hundred === null || (amountMinor * 100n) % hundred !== 0n) return null;
  const amount = Number((amountMinor * 100n) / hundred);
  invariant(Number.isSafeInteger(amount), 'amounts fit a JSON number');
  return amount;
}
