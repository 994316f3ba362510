import type { Locale } from '../locale.ts';
import { Instant } from './text.tsx';

/** How long until an instant, in words, with the instant itself on hover and for the reader's own zone. */
export function Remaining({ until, now, locale }: { until: string; now: Date; locale: Locale }) {
  return (
    <span class="nowrap">
      {remainingText(until, now, locale)}{' '}
      <span class="soft small">
        <Instant at={until} locale={locale} day />
      </span>
    </span>
  );
}

/** `in 3 days`, `in 5 hours`: in the largest unit of which there is at least one and a half. */
function remainingText(until: string, now: Date, locale: Locale): string {
  const minutes = Math.round((Date.parse(until) - now.getTime()) / 60_000);
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'always' });
  if (Math.abs(minutes) < 90) return format.format(minutes, 'minute');
  return Math.abs(minutes) < 36 * 60 ? format.format(Math.round(minutes / 60), 'hour') : format.format(Math.round(minutes / 1440), 'day');
}
