import type { EventView } from '../../operations/events/schemas.ts';
import type { Scene } from '../ledger/definition.ts';
import type { Locale } from '../locale.ts';
import { happeningWord } from '../words/happenings.ts';
import { liveWords } from '../words/live.ts';
import { Id, Instant } from './text.tsx';

/**
 * What happens while somebody looks: a stream of list items (server-sent events, WHATWG HTML §9.2), the newest first. Whoever lost the
 * connection goes on where it broke off. Without script there is none: a reload tells the same.
 */
export function LiveStrip({ scene: { locale } }: { scene: Scene }) {
  const words = liveWords[locale];
  const stream = { 'hx-sse:connect': '/ledger/live', 'hx-target': '#live', 'hx-swap': 'afterbegin' };
  return (
    <section class="panel live needs-script" aria-labelledby="live-title" {...stream}>
      <h2 id="live-title">{words.title}</h2>
      <ol id="live" data-most="8"></ol>
      <p class="soft small" data-if-empty="live">
        {words.none}
      </p>
      <p class="visually-hidden" role="status" data-tells="live" data-one={words.more(1)} data-many={words.more(1_000_001)}></p>
    </section>
  );
}

/** One event as an item of the strip: what happened, to what, when. */
export function liveItem(event: EventView, locale: Locale): string {
  const { type, occurred_at } = event;
  const subject = subjectOf(event);
  return (
    <li id={event.id}>
      <span>{happeningWord('kinds', type, locale)}</span> {subject === null ? null : <Id {...subject} />}{' '}
      <Instant at={occurred_at} locale={locale} />
    </li>
  ).toString();
}

/** What to open for more: the referral if there is one, else whatever it is about. */
function subjectOf({ data }: EventView): { readonly id: string; readonly href: string } | null {
  const pages = [
    ['dispute', '/ledger/review/'],
    ['referral', '/ledger/referrals/'],
    ['workspace', '/ledger/workspaces/'],
  ] as const;
  for (const [name, path] of pages) {
    const id = data[name];
    if (typeof id === 'string' && /^[a-z]{2,4}_[0-9a-z]{26}$/.test(id)) return { id, href: `${path}${id}` };
  }
  return null;
}

/** What the strip tells: everything but the seals, of which there is one a minute. */
export const isTold = ({ type }: { readonly type: string }): boolean => type !== 'ledger.checkpointed';
