import { Unavailable } from '../domain/result.ts';

/** An event as it is told, and whose it is; null is the vendor's own. */
export interface FeedItem {
  readonly organizationId: string | null;
  readonly event: { readonly sequence: number; readonly type: string };
}

/** Where a tenant's events are read. Both may reject. */
export interface FeedSource {
  /** The sequence of the newest; 0 where there is none. */
  newest(tenant: string): Promise<number>;
  /** What comes after a sequence, oldest first, at most `limit`. */
  after(tenant: string, sequence: number, limit: number): Promise<readonly FeedItem[]>;
}

/** The newest events of the tenants that somebody follows: read once a second for all followers, whoever asks first. */
export interface Feed {
  /** Begins to follow from what is newest. Rejects when the source does. */
  join(tenant: string): Promise<Follower>;
}

export interface Follower {
  /** Reads what is new, unless somebody did within the last second or is about to. Never rejects: what failed is tried again. */
  refresh(): Promise<void>;
  /** Everything up to this sequence has been read. */
  head(): number;
  /** What came after a sequence, oldest first; null when that is further back than is kept. */
  after(sequence: number): readonly FeedItem[] | null;
  /** Forgets the tenant with its last follower. */
  leave(): void;
}

/** What is asked at most once a second may come a little early, so that a timer's jitter does not make it two. */
const freshMs = 950;
/** Longer than a query may take: whoever asked is gone, with the request in which it was asked. */
const givenUpMs = 10_000;
const perRead = 500;
const kept = 2000;

interface Log {
  followers: number;
  /** `items` are all events with `from < sequence ≤ head`; null until the newest is known. */
  range: { from: number; head: number } | null;
  items: readonly FeedItem[];
  askedAt: number;
  asking: boolean;
}

/**
 * Followers share what was read, never the reading: no timer, promise or connection of one request serves another, which the edge
 * forbids and which would end with that request. `now` in milliseconds.
 */
export function openFeed(source: FeedSource, now: () => number, report: (error: unknown) => void): Feed & { readonly size: () => number } {
  const logs = new Map<string, Log>();

  async function read(tenant: string, log: Log, head: number): Promise<void> {
    log.askedAt = now();
    log.asking = true;
    try {
      const items = await source.after(tenant, head, perRead);
      append(log, items);
      if (items.length === perRead) log.askedAt = 0;
    } catch (error) {
      if (!(error instanceof Unavailable)) report(error);
    } finally {
      log.asking = false;
    }
  }

  function follower(tenant: string, log: Log, range: { readonly from: number; readonly head: number }): Follower {
    let left = false;
    return {
      async refresh() {
        const waited = now() - log.askedAt;
        if (waited >= (log.asking ? givenUpMs : freshMs)) await read(tenant, log, range.head);
      },
      head: () => range.head,
      after: (sequence) => (sequence < range.from ? null : newer(log.items, sequence)),
      leave() {
        if (!left) depart(tenant, log);
        left = true;
      },
    };
  }

  function depart(tenant: string, log: Log): void {
    log.followers -= 1;
    if (log.followers === 0) logs.delete(tenant);
  }

  return {
    size: () => logs.size,
    async join(tenant) {
      const log = logs.get(tenant) ?? { followers: 0, range: null, items: [], askedAt: now(), asking: false };
      logs.set(tenant, log);
      log.followers += 1;
      try {
        if (log.range === null) {
          const newest = await source.newest(tenant);
          log.range ??= { from: newest, head: newest };
        }
        return follower(tenant, log, log.range);
      } catch (error) {
        depart(tenant, log);
        throw error;
      }
    },
  };
}

/** Two may have read the same. */
function append(log: Log, read: readonly FeedItem[]): void {
  const { range } = log;
  const last = read.at(-1);
  if (range === null || last === undefined || last.event.sequence <= range.head) return;
  const items = [...log.items, ...newer(read, range.head)];
  const gone = items.length - kept;
  range.from = (gone > 0 ? items[gone - 1]?.event.sequence : undefined) ?? range.from;
  range.head = last.event.sequence;
  log.items = gone > 0 ? items.slice(gone) : items;
}

/** From the end, where whoever keeps up has almost nothing to look through. */
function newer(items: readonly FeedItem[], sequence: number): readonly FeedItem[] {
  let at = items.length;
  while (at > 0 && (items[at - 1]?.event.sequence ?? 0) > sequence) at -= 1;
  return at === items.length ? none : items.slice(at);
}

const none: readonly FeedItem[] = [];
