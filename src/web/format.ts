import type { Locale } from './locale.ts';

/** An amount as it is read: minor units by the currency's own number of digits (`Intl.NumberFormat`), never summed across currencies. */
export function money(amount: { readonly amount_minor: number; readonly currency: string }, locale: Locale): string {
  const format = currencyFormat(locale, amount.currency.toUpperCase());
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amount.amount_minor / 10 ** digits);
}

export const count = (n: number, locale: Locale): string => numberFormat(locale).format(n);

/** A share of one as a percentage without decimals. */
export const percent = (share: number, locale: Locale): string => percentFormat(locale).format(share);

/** An instant in UTC, for whom no script makes it local: `3 Nov 2026, 14:05 UTC`. */
export const instantText = (at: string, locale: Locale): string => `${dateTimeFormat(locale).format(new Date(at))} UTC`;

/** A day in UTC: `3 Nov 2026`. */
export const dayText = (at: string, locale: Locale): string => dateFormat(locale).format(new Date(at));

/** What is kept between two requests costs nothing; as many as there are locales and currencies. */
function kept<K extends string[], V>(make: (...key: K) => V): (...key: K) => V {
  const made = new Map<string, V>();
  return (...key) => {
    const name = key.join(' ');
    const found = made.get(name);
    if (found !== undefined) return found;
    const value = make(...key);
    if (made.size < mostKept) made.set(name, value);
    return value;
  };
}

const mostKept = 600;
const currencyFormat = kept((locale, currency) => new Intl.NumberFormat(locale, { style: 'currency', currency }));
const numberFormat = kept((locale) => new Intl.NumberFormat(locale));
const percentFormat = kept((locale) => new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 }));
const dateTimeFormat = kept((locale) => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' }));
const dateFormat = kept((locale) => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' }));
