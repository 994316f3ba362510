import { dayText, instantText, money } from '../format.ts';
import type { Locale } from '../locale.ts';
import type { Content } from '../markup.ts';

/** An instant: in UTC as it stands, in the reader's own time where a script can say it, with UTC on hover. */
export function Instant({ at, locale, day }: { at: string; locale: Locale; day?: boolean }) {
  return (
    <time datetime={at} title={instantText(at, locale)} data-local={day ? 'day' : 'instant'}>
      {day ? dayText(at, locale) : instantText(at, locale)}
    </time>
  );
}

/** An amount; a dash where there is none. */
export function Money({ amount, locale }: { amount: { readonly amount_minor: number; readonly currency: string } | null; locale: Locale }) {
  return <span class="nowrap">{amount === null ? '–' : money(amount, locale)}</span>;
}

/** An id: its kind and its end, whole on hover and for whoever copies it. */
export function Id({ id, href }: { id: string; href?: string }) {
  const short = id.replace(/^([a-z]+_)[0-9a-z]{20}([0-9a-z]{6})$/, '$1…$2');
  const text = (
    <span class="id" title={id}>
      {short}
    </span>
  );
  return href === undefined ? text : <a href={href}>{text}</a>;
}

export type Tone = 'good' | 'warn' | 'bad' | 'note' | 'info' | 'quiet';

/** A state, never by its colour alone. */
export function Badge({ tone, children }: { tone: Tone; children?: Content }) {
  return <span class={tone === 'quiet' ? 'badge' : `badge ${tone}`}>{children}</span>;
}

/** Text of a stranger: as it is, kept from turning the text around it (Unicode bidirectional algorithm, UAX #9 §3.1.4). */
export function Stranger({ children }: { children?: Content }) {
  return <bdi>{children}</bdi>;
}
