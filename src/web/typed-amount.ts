/**
 * An amount as people type it (`12.50`, `12,50`) in the currency's smallest unit. What is no amount of that currency comes back as it was
 * typed: the operation that is asked says what is wrong with it.
 */
export function minorAmount(typed: string, currency: string): number | string {
  const digits = /^[a-z]{3}$/.test(currency) ? digitsOf(currency) : 0;
  const [, whole, fraction = ''] = /^(\d{1,12})(?:[.,](\d{1,3}))?$/.exec(typed) ?? [];
  if (whole === undefined || fraction.length > digits) return typed;
  return Number(whole + fraction.padEnd(digits, '0'));
}

const digitsOf = (currency: string): number =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
