import type { FetchRefusal, GuardedFetch } from './guarded-fetch.ts';
import { accepted, rejected, type Verdict } from './verdict.ts';

/** What strangers publish as JSON: read through the guarded fetch and kept in the memory of this process. Never throws. */
export interface Documents {
  /** From memory while it is fresh, otherwise fetched. Who asks for the same at the same time shares one fetch. */
  read(kind: DocumentKind, url: string): Promise<DocumentVerdict>;
  /** For a key that the copy in memory lacks: fetched again, but at most once a minute; until then what is in memory answers. */
  reload(kind: DocumentKind, url: string): Promise<DocumentVerdict>;
  /** Neither from memory nor into it: for what must hold at this moment. */
  readNow(kind: DocumentKind, url: string): Promise<DocumentVerdict>;
}

export type DocumentVerdict = Verdict<PublishedDocument, DocumentRefusal>;

export interface PublishedDocument {
  readonly json: unknown;
  readonly fetchedAt: Date;
}

/** `busy`: this process already waits for as many documents as it may. `server_failed`: 429 or 5xx. */
export type DocumentRefusal = FetchRefusal | 'server_failed' | 'status_not_ok' | 'not_json' | 'busy';

/** The document could not be asked for. Any other answer says something about it, if only that it is gone. */
export function isOutage(reason: string): boolean {
  return ['timeout', 'connection_failed', 'name_unresolvable', 'server_failed', 'busy'].includes(reason);
}

export type DocumentKind = keyof typeof kinds;

/**
 * Of each kind: how long it may be, and how many redirects are followed. What proves who somebody is by standing at an address may not
 * stand anywhere else, so it is never redirected (draft-ietf-oauth-client-id-metadata-document §5, and "Key Distribution and Discovery" of
 * draft-meunier-webbotauth-httpsig-protocol). An issuer whom the operator trusts may redirect; each hop is checked anew.
 */
const kinds = {
  client_metadata: { maxBytes: 5 * 1024, redirects: 0 },
  client_keys: { maxBytes: 64 * 1024, redirects: 0 },
  key_directory: { maxBytes: 64 * 1024, redirects: 0 },
  domain_proof: { maxBytes: 16 * 1024, redirects: 0 },
  issuer_keys: { maxBytes: 64 * 1024, redirects: 3 },
  issuer_metadata: { maxBytes: 16 * 1024, redirects: 3 },
} as const;

/**
 * Opens the memory for documents. One is fresh for as long as its Cache-Control says, within ten minutes and a day; a failure is
 * remembered for five minutes. An outage does not take away what was there: until a day after it was fetched, the old copy answers.
 */
export function openDocuments({ fetchOutside, now, most = 500 }: DocumentsDeps): Documents {
  const kept = new Map<string, Kept>();
  const flights = new Map<string, Flight>();

  async function fetchAnew(key: string, kind: DocumentKind, url: string): Promise<Fetched> {
    const answer = await fetchDocument(fetchOutside, kind, url, now);
    const at = now().getTime();
    if (answer.ok) return keep(key, { answer, triedAt: at, freshUntil: at + answer.value.freshMs });
    const before = kept.get(key)?.answer;
    const outlasts = isOutage(answer.reason) && before?.ok && at - before.value.fetchedAt.getTime() < longestFreshMs;
    return keep(key, { answer: outlasts ? before : answer, triedAt: at, freshUntil: at + failureMs });
  }

  function keep(key: string, entry: Kept): Fetched {
    kept.delete(key);
    kept.set(key, entry);
    for (const oldest of kept.keys()) {
      if (kept.size <= most) break;
      kept.delete(oldest);
    }
    return entry.answer;
  }

  /** A fetch that takes too long is no longer joined: an edge instance may have been frozen in it. */
  function fly(key: string, fetchIt: () => Promise<Fetched>): Promise<Fetched> {
    const at = now().getTime();
    const underway = flights.get(key);
    if (underway !== undefined && at - underway.at < patienceMs) return underway.answer;
    for (const [other, flight] of flights) if (at - flight.at >= patienceMs) flights.delete(other);
    if (flights.size >= mostFlights) return Promise.resolve(rejected('busy'));
    const flight: Flight = { at, answer: fetchIt() };
    flights.set(key, flight);
    const land = () => {
      if (flights.get(key) === flight) flights.delete(key);
    };
    flight.answer.then(land, land);
    return flight.answer;
  }

  async function ask(kind: DocumentKind, url: string, isGoodEnough: (entry: Kept, at: number) => boolean): Promise<DocumentVerdict> {
    if (url.length > longestUrl) return rejected('address_forbidden');
    const key = `${kind} ${url}`;
    const entry = kept.get(key);
    const isEnough = entry !== undefined && isGoodEnough(entry, now().getTime());
    return opened(isEnough ? entry.answer : await fly(key, () => fetchAnew(key, kind, url)));
  }

  return {
    read: (kind, url) => ask(kind, url, ({ freshUntil }, at) => at < freshUntil),
    reload: (kind, url) => ask(kind, url, ({ triedAt }, at) => at - triedAt < reloadMs),
    readNow: async (kind, url) => opened(await fly(`now ${kind} ${url}`, () => fetchDocument(fetchOutside, kind, url, now))),
  };
}

export interface DocumentsDeps {
  readonly fetchOutside: GuardedFetch;
  readonly now: () => Date;
  /** How many documents and failures are kept; the one that was fetched longest ago goes first. */
  readonly most?: number;
}

type Fetched = Verdict<FetchedDocument, DocumentRefusal>;

interface FetchedDocument {
  /** JSON for certain. Kept as it came: read into objects, a small text can take up much memory. */
  readonly body: Uint8Array;
  readonly fetchedAt: Date;
  readonly freshMs: number;
}

interface Kept {
  readonly answer: Fetched;
  readonly triedAt: number;
  readonly freshUntil: number;
}

interface Flight {
  readonly at: number;
  readonly answer: Promise<Fetched>;
}

const minuteMs = 60_000;
const shortestFreshMs = 10 * minuteMs;
const longestFreshMs = 24 * 60 * minuteMs;
const failureMs = 5 * minuteMs;
const reloadMs = minuteMs;
const timeoutMs = 5000;
const patienceMs = timeoutMs + 1000;
const mostFlights = 64;
const longestUrl = 2048;

async function fetchDocument(fetchOutside: GuardedFetch, kind: DocumentKind, url: string, now: () => Date): Promise<Fetched> {
  const answer = await fetchOutside({ url, method: 'GET', headers: { accept }, timeoutMs, ...kinds[kind] });
  if (!answer.ok) return answer;
  const { status, headers, body } = answer;
  if (status !== 200) return rejected(status === 429 || status >= 500 ? 'server_failed' : 'status_not_ok');
  if (!isJsonType(headers.get('content-type') ?? '')) return rejected('type_forbidden');
  if (jsonOf(body) === undefined) return rejected('not_json');
  return accepted({ body, fetchedAt: now(), freshMs: freshMs(headers.get('cache-control') ?? '') });
}

function opened(answer: Fetched): DocumentVerdict {
  return answer.ok ? accepted({ json: jsonOf(answer.value.body), fetchedAt: answer.value.fetchedAt }) : answer;
}

const accept = 'application/json, application/jwk-set+json, application/http-message-signatures-directory+json';

/** `application/json`, or a type with the suffix `+json` (RFC 6839 §3.1). */
function isJsonType(contentType: string): boolean {
  const type = (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
  return /^application\/(?:json|[a-z0-9!#$&^_.-]+\+json)$/.test(type);
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}

/** `max-age` of Cache-Control (RFC 9111 §5.2.2.1) within our bounds. */
function freshMs(cacheControl: string): number {
  const seconds = /(?:^|[,\s])max-age="?([0-9]{1,10})/i.exec(cacheControl)?.[1] ?? '0';
  return Math.min(longestFreshMs, Math.max(shortestFreshMs, Number(seconds) * 1000));
}
