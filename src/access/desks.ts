import type { Desk, Desks } from '../operations/desk.ts';
import { type OpenedDesk, openDesk } from './open-desk.ts';
import { putNewest } from './put-newest.ts';

export interface DesksDeps extends OpenedDesk {
  readonly now: () => Date;
  /** The host a caller asked for, as tenants are stored under it; null when it is none. See `host.ts`. */
  readonly normaliseHost: (host: string) => string | null;
}

/**
 * Desks by host, in memory. One is fresh for 30 seconds; after that it is still served while one load in the background renews it, so
 * that only the first request of a host waits for the database. Unknown hosts are remembered for 5 seconds.
 */
export function openDesks(deps: DesksDeps): Desks {
  const { now, normaliseHost } = deps;
  const open = new Map<string, Opened>();
  const unknown = new Map<string, number>();
  const flights = new Map<string, Flight>();

  function find(given: string): Promise<Desk | null> {
    const host = normaliseHost(given);
    if (host === null) return Promise.resolve(null);
    const at = now().getTime();
    const known = open.get(host);
    if (known !== undefined) {
      // What was read is retried by a later request; until then the old desk serves, and every load compares revisions.
      if (at - known.at < freshMs) return Promise.resolve(known.desk);
      const renewed = load(host, at).catch(() => known.desk);
      // An instance that slept for long must not speak of what was: then the caller waits.
      return at - known.at < staleMs ? Promise.resolve(known.desk) : renewed;
    }
    const missedAt = unknown.get(host);
    return missedAt !== undefined && at - missedAt < unknownMs ? Promise.resolve(null) : load(host, at);
  }

  function reopen(given: string): Promise<Desk | null> {
    const host = normaliseHost(given);
    return host === null ? Promise.resolve(null) : load(host, now().getTime());
  }

  /** One load of a host at a time. A load that takes too long is no longer waited for: an edge instance may have been frozen in it. */
  function load(host: string, at: number): Promise<Desk | null> {
    const underway = flights.get(host);
    if (underway !== undefined && at - underway.at < patienceMs) return underway.desk;
    const flight: Flight = { at, desk: openDesk(deps, host, open.get(host)?.desk ?? null).then((desk) => keep(host, at, desk)) };
    flights.set(host, flight);
    const land = () => {
      if (flights.get(host) === flight) flights.delete(host);
    };
    flight.desk.then(land, land);
    return flight.desk;
  }

  function keep(host: string, at: number, desk: Desk | null): Desk | null {
    // A load that was given up may end after a later one.
    if (at < (open.get(host)?.at ?? at)) return desk;
    open.delete(host);
    unknown.delete(host);
    if (desk === null) putNewest(unknown, host, at, mostHosts);
    else putNewest(open, host, { desk, at }, mostHosts);
    return desk;
  }

  return { find, reopen };
}

interface Opened {
  readonly desk: Desk;
  /** When its load began, in milliseconds. */
  readonly at: number;
}

interface Flight {
  readonly desk: Promise<Desk | null>;
  readonly at: number;
}

const freshMs = 30_000;
const staleMs = 300_000;
const unknownMs = 5_000;
const patienceMs = 10_000;
const mostHosts = 1_000;
