import type { Context, Hono } from 'hono';
import * as z from 'zod';
import type { Principal } from '../domain/actor.ts';
import { ok, type Result, refuse, Unavailable } from '../domain/result.ts';
import { owns } from '../domain/visibility.ts';
import type { Call } from '../operations/call.ts';
import type { Desk } from '../operations/desk.ts';
import type { Operation } from '../operations/operation.ts';
import { perform } from '../operations/perform.ts';
import type { FeedItem } from './feed.ts';
import { frame } from './frames.ts';
import { readInput } from './read-input.ts';
import { headersOf, refusal, render, renderRefusal, requestIdOf } from './respond.ts';
import { callOf } from './rest.ts';
import { openPlaces, type StreamPlaces } from './stream-places.ts';
import { openSubscriber, type Page, type Subscriber } from './subscriber.ts';
import type { Bindings, World } from './world.ts';

type App = Hono<{ Bindings: Bindings }>;
type Ctx = Context<{ Bindings: Bindings }>;

const fullRetryS = 30;

/**
 * The lists that go on live, as server-sent events (WHATWG HTML §9.2). A stream is the list's operation, performed once to be let in, then
 * page by page until nothing stored is left, then what the feed brings, cut to what the principal may see. Mounted before the plain
 * routes, one of which may match its path with a parameter.
 */
export function mountStreams(app: App, operations: readonly Operation[], world: World): void {
  const places = openPlaces(world.live.places);
  for (const operation of operations) {
    const path = operation.rest?.stream;
    if (path === undefined) continue;
    app.get(path, (c) => open(c, operation, world, places));
    app.all(path, (c) => refusal(c.req.raw, requestIdOf(c.req.raw), 'method.not_allowed', {}, { Allow: 'GET, HEAD' }));
  }
}

async function open(c: Ctx, operation: Operation, world: World, places: StreamPlaces): Promise<Response> {
  const request = c.req.raw;
  const call = callOf(c, world, true);
  const input = await inputOf(request);
  const outcome = await perform(operation, world.deps, call, input);
  const { desk } = outcome;
  if (!outcome.ok || !desk || !outcome.principal || !input.ok) return render(request, call.requestId, outcome);
  const headers = headersOf(call.requestId, {
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'private, no-store, no-transform',
    'X-Accel-Buffering': 'no',
  });
  if (request.method === 'HEAD') return new Response(null, { headers });
  const stream = await follow(request, places, {
    ...{ operation, world, call, input: input.value, desk, principal: outcome.principal, tell: framed },
    start: { page: readPage(outcome.output), after: Number(input.value.after ?? 0) },
    wants: ({ type }) => input.value.type === undefined || type === input.value.type,
  });
  if (stream === null) return renderRefusal(request, call.requestId, refuse('rate.limited', { retryAfterS: fullRetryS }), desk.origin);
  return new Response(stream, { headers });
}

/** What somebody follows who was let in, and how it is told to them. */
export interface Followed {
  readonly operation: Operation;
  readonly world: World;
  readonly call: Call;
  /** The list's own, without `after`. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly desk: Pick<Desk, 'tenant'>;
  readonly principal: Principal;
  readonly start: { readonly page: Page; readonly after: number };
  readonly wants: (event: FeedItem['event']) => boolean;
  readonly tell: (event: FeedItem['event']) => Uint8Array;
}

/** A stream of what is stored and of what comes; null where no place is left. */
export async function follow(request: Request, places: StreamPlaces, followed: Followed): Promise<ReadableStream<Uint8Array> | null> {
  const { operation, world, call, input, desk, principal, start, wants, tell } = followed;
  const giveBack = places.take(`${desk.tenant} ${principal.id}`);
  if (giveBack === null) return null;
  try {
    const follower = await world.live.feed.join(desk.tenant);
    const following = {
      follower,
      tell,
      async page(after: number) {
        const page = await pageOf(operation, world, { ...call, continued: true }, { ...input, after });
        return typeof page === 'object' && 'events' in page ? { ...page, events: page.events.filter(wants) } : page;
      },
      wants: (item: FeedItem) => owns(principal, item) && wants(item.event),
      now: () => world.deps.now().getTime(),
      later: world.live.later,
      lifetimeMs: world.live.lifetimeMs,
      onEnd() {
        follower.leave();
        giveBack();
      },
    };
    const subscriber = openSubscriber(following, start);
    request.signal.addEventListener('abort', () => subscriber.end('left'), { once: true });
    return streamOf(subscriber);
  } catch (error) {
    giveBack();
    throw error;
  }
}

/** Nothing is made before it is asked for, so that what a reader has not taken waits where it is counted. */
function streamOf(subscriber: Subscriber): ReadableStream<Uint8Array> {
  let cancelled = false;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        void subscriber.ended.then((ending) => {
          // Closing would leave it to the slow reader when the connection ends.
          if (ending === 'slow') controller.error(new Error('The reader of a stream is too slow.'));
        });
      },
      async pull(controller) {
        const chunk = await subscriber.next();
        if (chunk !== null) controller.enqueue(chunk);
        else if (!cancelled) controller.close();
      },
      cancel() {
        cancelled = true;
        subscriber.end('left');
      },
    },
    { highWaterMark: 0 },
  );
}

/** The list's own input. What a reconnecting client saw last says more than the address it connected to first. */
async function inputOf(request: Request): Promise<Result<Record<string, unknown>>> {
  const input = await readInput(request, {});
  if (!input.ok) return input;
  const last = request.headers.get('Last-Event-ID');
  return ok({ limit: 100, ...input.value, ...(last === null || last === '' ? {} : { after: last }) });
}

/** The list once more, from further on. `refused`: the credential or its scope is gone, or the vendor. */
async function pageOf(operation: Operation, world: World, call: Call, input: Record<string, unknown>) {
  try {
    const outcome = await perform(operation, world.deps, call, ok(input));
    if (outcome.ok) return readPage(outcome.output);
    const { retryAfterS } = outcome.refusal;
    return retryAfterS === undefined ? 'refused' : { retryAfterS };
  } catch (error) {
    if (!(error instanceof Unavailable)) world.report(error, call.requestId);
    return { retryAfterS: 5 };
  }
}

const pageForm = z.object({
  data: z.array(z.custom<FeedItem['event']>(isEvent)),
  next_after: z.int(),
  has_more: z.boolean(),
  truncated: z.boolean(),
});

/** Not copied: the stream tells it as the list does. */
function isEvent(item: unknown): boolean {
  return typeof item === 'object' && item !== null && 'sequence' in item && typeof item.sequence === 'number' && 'type' in item;
}

/** What a list that goes on live answers. */
export function readPage(output: unknown): Page {
  const { data, next_after, has_more, truncated } = pageForm.parse(output);
  return { events: data, nextAfter: next_after, hasMore: has_more, truncated };
}

/** Made once for all who are told. */
function framed(event: FeedItem['event']): Uint8Array {
  const made = frames.get(event) ?? frame({ id: event.sequence, event: event.type, data: event });
  frames.set(event, made);
  return made;
}
const frames = new WeakMap<object, Uint8Array>();
