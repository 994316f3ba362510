import type { Hono } from 'hono';
import { ok } from '../domain/result.ts';
import { listEvents } from '../operations/events/list.ts';
import type { EventView } from '../operations/events/schemas.ts';
import { perform } from '../operations/perform.ts';
import { type Locale, locales } from '../web/locale.ts';
import { isTold, liveItem } from '../web/parts/live.tsx';
import type { FeedItem } from './feed.ts';
import { htmlFrame } from './frames.ts';
import { requestIdOf } from './respond.ts';
import { follow, readPage } from './stream.ts';
import { openPlaces } from './stream-places.ts';
import type { Page } from './subscriber.ts';
import { answerFailure, type Visit, withVisit } from './visit.ts';
import type { Bindings, World } from './world.ts';

/** What `mountLive` answers, as OpenAPI writes paths. */
export const livePath = '/ledger/live';

/** How many events back a strip begins, and how many of them it shows. */
const back = 60;
const shown = 8;

/**
 * The live strip: the events that the reader may see, as list items in its language. The first connection begins with the newest that there
 * are, so that nothing is lost between page and stream; a later one goes on after what it saw last.
 */
export function mountLive(app: Hono<{ Bindings: Bindings }>, world: World): void {
  const places = openPlaces(world.live.places);
  app.get(livePath, (c) => withVisit(c, world, (visit) => stream(visit, world, places)));
}

async function stream(visit: Visit, world: World, places: ReturnType<typeof openPlaces>): Promise<Response> {
  const { request, desk, preferences } = visit;
  // A stream is not led to sign in: what it would be told there is no event.
  if (visit.session === null) return answerFailure(request, 'auth.required');
  const call = { ...visit.call, continued: true as const };
  const seen = /^\d{1,15}$/.exec(request.headers.get('Last-Event-ID') ?? '')?.[0];
  const after = seen === undefined ? Math.max(0, (await newest(world, desk.tenant)) - back) : Number(seen);
  const outcome = await perform(listEvents, world.deps, call, ok({ after, limit: 100 }));
  if (!outcome.ok) return answerFailure(request, outcome.refusal.code, outcome.refusal.detail, outcome.refusal.retryAfterS);
  if (!outcome.principal) return answerFailure(request, 'internal');
  const page = readPage(outcome.output);
  const headers = {
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'private, no-store, no-transform',
    'X-Accel-Buffering': 'no',
    'X-Content-Type-Options': 'nosniff',
    'X-Request-Id': requestIdOf(request),
  };
  if (request.method === 'HEAD') return new Response(null, { headers });
  const made = await follow(request, places, {
    ...{ operation: listEvents, world, call, input: { limit: 100 }, desk, principal: outcome.principal },
    start: { page: seen === undefined ? newestOf(page) : told(page), after },
    wants: isTold,
    tell: tellIn[preferences.locale],
  });
  if (made === null) return answerFailure(request, 'rate.limited', undefined, 30);
  return new Response(made, { headers });
}

async function newest({ live }: World, tenant: string): Promise<number> {
  const follower = await live.feed.join(tenant);
  follower.leave();
  return follower.head();
}

const told = (page: Page): Page => ({ ...page, events: page.events.filter(isTold) });
const newestOf = (page: Page): Page => ({ ...page, events: told(page).events.slice(-shown), truncated: false });

/** Made once for all who read the same language. */
function teller(locale: Locale): (event: FeedItem['event']) => Uint8Array {
  const frames = new WeakMap<object, Uint8Array>();
  return (event) => {
    // What the list of events answers, as its schema was just checked.
    const made = frames.get(event) ?? htmlFrame(event.sequence, liveItem(event as EventView, locale));
    frames.set(event, made);
    return made;
  };
}

const tellIn = Object.fromEntries(locales.map((locale) => [locale, teller(locale)])) as Readonly<Record<Locale, ReturnType<typeof teller>>>;
