import type Stripe from 'stripe';
import { queries } from '../../db/queries.ts';
import type { Changes } from '../../domain/decision.ts';
import { Unavailable } from '../../domain/result.ts';
import { type Answer, ask } from './answer.ts';
import { translators } from './events/translators.ts';
import { heard } from './hear.ts';
import type { StripeScene, Told } from './translator.ts';
import { readEvent } from './verify.ts';

/** What one comparison came to. `isComplete`: it reached the present; otherwise the next goes on from `upTo`. */
export type Compared =
  | { readonly ok: true; readonly found: number; readonly upTo: Date; readonly isComplete: boolean }
  /** One of our own words for why Stripe could not be asked; nothing is skipped. */
  | { readonly ok: false; readonly error: string };

export type Commit = (changes: Changes) => Promise<'done' | 'again' | 'over' | 'fenced'>;

/**
 * Compares Stripe's list of events, which goes back thirty days, with the inbox, and hears those that no webhook brought as the door
 * would have. One day is compared at a time, with an hour before it again: an event may show late. Safe to run twice at once. Rejects with
 * `Unavailable` where the database does not take it.
 */
export async function findLostEvents(scene: StripeScene, commit: Commit): Promise<Compared> {
  const { now } = scene;
  const [seen] = await scene.consult([queries.eventsSeen()]);
  if (seen === null) return { ok: true, found: 0, upTo: now, isComplete: true };
  const before = Date.parse(seen.events_seen_at);
  const upTo = new Date(Math.min(now.getTime(), Math.max(before, now.getTime() - listedMs) + spanMs));
  let found = 0;
  for (const types of typeLists) {
    for await (const page of pagesOf(scene.stripe, types, new Date(before - overlapMs), upTo)) {
      if (page.kind !== 'ok') return { ok: false, error: page.kind === 'later' ? page.error : `stripe_${page.code}` };
      found += await hearUnknown(page.value.data, scene, commit);
    }
  }
  // Whoever compared meanwhile has got as far.
  await commit({ events_seen: { before: seen.events_seen_at, at: upTo.toISOString() } });
  return { ok: true, found, upTo, isComplete: upTo.getTime() >= now.getTime() };
}

const spanMs = 24 * 3_600_000;
const overlapMs = 3_600_000;
const listedMs = 30 * 24 * 3_600_000;
/** As many types as one request may name (https://docs.stripe.com/api/events/list). */
const mostTypes = 20;
const typeLists: readonly string[][] = Array.from({ length: Math.ceil(Object.keys(translators).length / mostTypes) }, (_, n) =>
  Object.keys(translators).slice(n * mostTypes, (n + 1) * mostTypes),
);

/** Pages of at most a hundred, newest first, until there are no more or one does not come. */
async function* pagesOf(stripe: Stripe, types: string[], from: Date, to: Date): AsyncGenerator<Answer<Stripe.ApiList<Stripe.Event>>> {
  const created = { gte: Math.floor(from.getTime() / 1000), lte: Math.ceil(to.getTime() / 1000) };
  for (let after: string | undefined; ; ) {
    const page = await ask<Stripe.ApiList<Stripe.Event>>('list', () =>
      stripe.events.list({ created, types, limit: 100, ...(after === undefined ? {} : { starting_after: after }) }),
    );
    yield page;
    if (page.kind !== 'ok' || !page.value.has_more) return;
    after = page.value.data.at(-1)?.id;
    if (after === undefined) return;
  }
}

async function hearUnknown(events: readonly unknown[], { desk, consult, given }: StripeScene, commit: Commit): Promise<number> {
  const read = events.flatMap((event) => readEvent(event) ?? []).filter(({ livemode }) => livemode === desk.stripe?.livemode);
  if (read.length === 0) return 0;
  const [known] = await consult([queries.heardEvents(read.map(({ eventId }) => eventId))]);
  const ids = new Set(known.map(({ event_id }) => event_id));
  const lost = read.filter(({ eventId }) => !ids.has(eventId));
  for (const { livemode: _mode, ...told } of lost) await keep(heard(own(told, desk.stripe?.accountId), given), commit);
  return lost.length;
}

const own = (told: Told, accountId: string | undefined): Told => (told.account === accountId ? { ...told, account: null } : told);

/** A known event changes nothing, so that it may be sent again. */
async function keep(changes: Changes, commit: Commit): Promise<void> {
  for (let attempt = 0; attempt < 3; attempt++) {
    if ((await commit(changes)) === 'done') return;
  }
  throw new Unavailable('an event could not be kept');
}
