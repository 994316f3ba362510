import type { FeedItem, Follower } from './feed.ts';
import { comment, frame, joined } from './frames.ts';

/** What somebody who follows events stands on. */
export interface Following {
  readonly follower: Follower;
  /** What is stored after a sequence, and whether the credential still holds. Never rejects. */
  readonly page: (after: number) => Promise<Page | 'refused' | { readonly retryAfterS: number }>;
  /** An event as bytes; made once for all who are told the same. */
  readonly tell: (event: FeedItem['event']) => Uint8Array;
  /** What this one may see and asked for. */
  readonly wants: (item: FeedItem) => boolean;
  /** Milliseconds. */
  readonly now: () => number;
  /** Calls back once after so many milliseconds; answers how to call that off. */
  readonly later: (ms: number, run: () => Promise<void>) => () => void;
  /** How long it may last, in milliseconds. */
  readonly lifetimeMs: number;
  /** Called once, whatever the end: everything that was taken is given back. */
  readonly onEnd: () => void;
}

/** A page of what is stored, as far as it matters here. */
export interface Page {
  readonly events: readonly FeedItem['event'][];
  readonly nextAfter: number;
  readonly hasMore: boolean;
  readonly truncated: boolean;
}

/** `slow`: the reader did not take what waited for it. `left`: it went away. */
export type Ending = 'time' | 'refused' | 'slow' | 'left';

/** One who follows: a page at a time until nothing stored is left, then what the feed brings. */
export interface Subscriber {
  /** The next bytes, as soon as there are any; null at the end. One call at a time. */
  next(): Promise<Uint8Array | null>;
  readonly ended: Promise<Ending>;
  end(ending: Ending): void;
}

/** Twice as often as the feed is read: whoever does not read it itself is told soon after. */
const beatMs = 500;
const heartbeatMs = 15_000;
/** A credential is looked at again within a minute, the slowest answer included. */
const proofMs = 45_000;
const mostWaiting = 1000;
const mostWaitingBytes = 1_048_576;
const chunkBytes = 65_536;

/** `start`: the page that let the subscriber in. */
export function openSubscriber(following: Following, start: { readonly page: Page; readonly after: number }): Subscriber {
  const { follower, now } = following;
  const deadline = now() + following.lifetimeMs;
  let ready: Uint8Array[] = [frame({ retry: 2000 })];
  /** Everything up to here was sent or is ready. `behind`: there may be more stored than what the feed keeps. */
  let covered = start.after;
  let behind = true;
  let loadAt = 0;
  let spokeAt = now();
  let provenAt = now();
  let proving = false;
  let ending: Ending | null = null;
  let saidGoodbye = false;
  let wake: (() => void) | null = null;
  let stopClock = () => {};
  let tellEnd: (ending: Ending) => void = () => {};
  const ended = new Promise<Ending>((resolve) => {
    tellEnd = resolve;
  });

  function take(page: Page, head: number): void {
    ready.push(...page.events.map(following.tell));
    covered = page.hasMore ? page.nextAfter : Math.max(page.nextAfter, head);
    behind = page.hasMore;
    provenAt = now();
  }

  async function load(): Promise<void> {
    const head = follower.head();
    const page = await following.page(covered);
    if (ending !== null) return;
    if (page === 'refused') end('refused');
    else if ('retryAfterS' in page) loadAt = now() + page.retryAfterS * 1000;
    else take(page, head);
  }

  function listen(): void {
    const items = follower.after(covered);
    if (items === null) behind = true;
    else {
      ready.push(...items.filter(following.wants).map(({ event }) => following.tell(event)));
      covered = Math.max(covered, follower.head());
    }
  }

  async function prove(): Promise<void> {
    proving = true;
    const page = await following.page(covered);
    proving = false;
    if (page === 'refused') end('refused');
    else provenAt = 'retryAfterS' in page ? now() - proofMs + page.retryAfterS * 1000 : now();
  }

  function isSlow(): boolean {
    const waiting = behind ? [] : (follower.after(covered) ?? []).filter(following.wants);
    const bytes = (chunks: readonly Uint8Array[]) => chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
    return (
      ready.length + waiting.length > mostWaiting ||
      bytes([...ready, ...waiting.map(({ event }) => following.tell(event))]) > mostWaitingBytes
    );
  }

  function end(how: Ending): void {
    if (ending !== null) return;
    ending = how;
    if (how === 'slow' || how === 'left') ready = [];
    stopClock();
    following.onEnd();
    tellEnd(how);
    wake?.();
  }

  function goodbye(): Uint8Array | null {
    if (saidGoodbye || (ending !== 'time' && ending !== 'refused')) return null;
    saidGoodbye = true;
    return comment(goodbyes[ending]);
  }

  async function beat(): Promise<void> {
    if (now() >= deadline) return end('time');
    if (now() - provenAt >= proofMs && !proving) void prove();
    await follower.refresh();
    if (ending !== null) return;
    // Who waits for us is not slow.
    if (wake === null && isSlow()) return end('slow');
    wake?.();
    schedule();
  }

  function schedule(): void {
    stopClock = following.later(beatMs, beat);
  }

  if (start.page.truncated) ready.push(frame({ event: 'events.truncated', data: { after: start.after } }));
  take(start.page, 0);
  schedule();

  return {
    end,
    ended,
    async next() {
      while (true) {
        if (ending === null && !behind) listen();
        if (ready.length > 0) {
          const { chunk, rest } = joined(ready, chunkBytes);
          ready = rest;
          spokeAt = now();
          return chunk;
        }
        if (ending !== null) return goodbye();
        if (behind && now() >= loadAt) await load();
        else if (now() - spokeAt >= heartbeatMs) ready.push(comment('still here'));
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          wake = null;
        }
      }
    },
  };
}

const goodbyes = {
  time: 'this stream has lasted as long as it may: connect again with Last-Event-ID',
  refused: 'the credential is not accepted any more',
};
