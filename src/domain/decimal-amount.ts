import { minorUnitDigits } from './currency.ts';
import { invariant } from './result.ts';

/** An amount of a currency's smallest unit as decimal text in its main unit: 5000 of `usd` is `50.00`, of `jpy` `5000`. */
export function decimalAmount(amountMinor: bigint, currency: string): string {
  invariant(amountMinor >= 0n, 'what was paid is an amount');
  const digits = minorUnitDigits(currency) ?? 0;
  if (digits === 0) return String(amountMinor);
  const text = String(amountMinor).padStart(digits + 1, '0');
  return `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
