/** Live streams by a clock that the test turns: nothing waits, nothing happens by itself. */
import { createApp } from '../../src/app.ts';
import type { World } from '../../src/routes/world.ts';
import type { Browser } from './browser.ts';
import { demoHost, type TestWorld } from './world.ts';

export interface LiveDesk {
  readonly app: ReturnType<typeof createApp>;
  /** Opens a stream and reads it as it comes, unless `reading` is false. */
  readonly follow: (key: string, options?: FollowOptions) => Promise<Followed>;
  /** Opens the live strip of somebody's pages and reads it as it comes. */
  readonly watch: (browser: Browser, options?: Pick<FollowOptions, 'last' | 'reading'>) => Promise<Followed>;
  /** Half a second passes. */
  readonly pulse: () => Promise<void>;
  /** Pulses until something is so, and answers how many milliseconds that took. Throws after a minute. */
  readonly until: (isSo: () => boolean) => Promise<number>;
  /** Every reader goes. */
  readonly close: () => Promise<void>;
  /** Clocks that are set. */
  readonly clocks: () => number;
}

export interface FollowOptions {
  readonly query?: string;
  readonly last?: string;
  readonly reading?: boolean;
  readonly host?: string;
}

export interface Followed {
  readonly response: Response;
  readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  /** Resolves once this many events were read. */
  readonly told: (count: number) => Promise<void>;
  readonly text: () => string;
  readonly ids: () => number[];
  /** `closed`, or why it broke off. */
  readonly end: () => string | null;
}

const pulseMs = 500;

/** The desk of `t` with a clock of its own for streams; `more` stands in for parts of what they stand on. */
export function openLiveDesk(t: TestWorld, more: Partial<World['live']> = {}): LiveDesk {
  const clocks = new Set<() => Promise<void>>();
  const later: World['live']['later'] = (_ms, run) => {
    clocks.add(run);
    return () => clocks.delete(run);
  };
  const opened: Followed[] = [];
  const app = createApp({ ...t.world, live: { ...t.world.live, later, ...more } });

  async function pulse(): Promise<void> {
    t.advance(pulseMs);
    const due = [...clocks];
    clocks.clear();
    await Promise.all(due.map((run) => run()));
    await settle();
  }

  return {
    app,
    pulse,
    clocks: () => clocks.size,
    async close() {
      await Promise.all(opened.map(({ reader }) => reader.cancel().catch(() => {})));
    },
    async follow(key, { query = '', last, reading = true, host = demoHost } = {}) {
      const headers = { Host: host, Authorization: `Bearer ${key}`, ...(last === undefined ? {} : { 'Last-Event-ID': last }) };
      const stream = followed(await app.fetch(new Request(`http://${host}/v1/events/stream${query}`, { headers })), reading);
      opened.push(stream);
      return stream;
    },
    async watch(browser, { last, reading = true } = {}) {
      const cookies = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const headers = { Host: demoHost, Cookie: cookies, ...(last === undefined ? {} : { 'Last-Event-ID': last }) };
      const stream = followed(await app.fetch(new Request(`http://${demoHost}/ledger/live`, { headers })), reading);
      opened.push(stream);
      return stream;
    },
    async until(isSo) {
      for (let waited = 0; waited <= 60_000; waited += pulseMs) {
        for (let turn = 0; turn < 20 && !isSo(); turn++) await settle();
        if (isSo()) return waited;
        await pulse();
      }
      throw new Error('it was not so within a minute');
    },
  };
}

/** Reads a stream in the background. */
export function followed(response: Response, reading = true): Followed {
  let text = '';
  let end: string | null = null;
  let heard = () => {};
  const ids = () => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
  const reader = (response.body ?? new ReadableStream<Uint8Array>()).getReader();
  const decoder = new TextDecoder();
  const read = async () => {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      text += decoder.decode(next.value, { stream: true });
      heard();
    }
    end = 'closed';
  };
  if (reading) {
    read().catch((error: unknown) => {
      end = String(error);
    });
  }
  return {
    response,
    reader,
    text: () => text,
    end: () => end,
    ids,
    told: (count) =>
      new Promise((resolve) => {
        heard = () => ids().length >= count && resolve();
        heard();
      }),
  };
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
