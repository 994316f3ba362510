import type { Locale } from './locale.ts';

/** How long something takes or took, in the largest unit that it fills: `42 sec`, `3 hr`, `12 days`. */
export function durationText(seconds: number, locale: Locale): string {
  const [unit, size] = units.find(([, length]) => seconds >= length) ?? (['second', 1] as const);
  const format = new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 0 });
  return format.format(Math.floor(seconds / size));
}

const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;
