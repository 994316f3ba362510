import { registrableDomain } from '../domain/prospect.ts';
import type { FetchRefusal, GuardedFetch } from './guarded-fetch.ts';
import { type Accepted, accepted, rejected, type Verdict } from './verdict.ts';

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

/** `busy`: this process already waits for as many documents as it may, of all hosts or of this one. `server_failed`: 429 or 5xx. */
export type DocumentRefusal = FetchRefusal | 'server_failed' | 'status_not_ok' | 'not_json' | 'busy';

/** The document could not be asked for. Any other answer says something about it, if only that it is gone. */
export function isOutage(reason: string): reason is Outage {
  return outages.some((outage) => outage === reason);
}

export type Outage = (typeof outages)[number];
const outages = [
  'timeout',
  'connection_failed',
  'name_unresolvable',
  'server_failed',
  'busy',
] as const satisfies readonly DocumentRefusal[];

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
 * remembered for five minutes. An outage does not take away what was there: until a day after it was fetched, the old copy answers, and
 * so it does while too many documents are waited for.
 */
export function openDocuments({ fetchOutside, now, most = 500 }: DocumentsDeps): Documents {
  const kept = new Map<string, Kept>();
  const flights = new Map<string, Flight>();

  async function fetchAnew(key: string, kind: DocumentKind, url: string): Promise<Fetched> {
    const answer = await fetchDocument(fetchOutside, kind, url, now);
    const at = now().getTime();
    if (answer.ok) return keep(key, { answer, triedAt: at, freshUntil: at + answer.value.freshMs });
    const outlasts = isOutage(answer.reason) ? oldCopy(key, at) : null;
    return keep(key, { answer: outlasts ?? answer, triedAt: at, freshUntil: at + failureSeconds * 1000 });
  }

  function keep(key: string, entry: Kept): Fetched {
    kept.delete(key);
    kept.set(key, entry);
    if (kept.size > most) kept.delete(firstToGo(key));
    return entry.answer;
  }

  /** Failures before documents, since anybody can make as many of them as they like; of either, the oldest. */
  function firstToGo(newest: string): string {
    for (const [key, { answer }] of kept) if (!answer.ok && key !== newest) return key;
    return kept.keys().next().value ?? newest;
  }

  function oldCopy(key: string, at: number): Accepted<FetchedDocument> | null {
    const answer = kept.get(key)?.answer;
    return answer?.ok && at - answer.value.fetchedAt.getTime() < longestFreshMs ? answer : null;
  }

  /** A fetch that takes too long is no longer joined: an edge instance may have been frozen in it. */
  function fly(key: string, url: string, fetchIt: () => Promise<Fetched>): Promise<Fetched> {
    const at = now().getTime();
    const underway = flights.get(key);
    if (underway !== undefined && at - underway.at < patienceMs) return underway.answer;
    for (const [other, flight] of flights) if (at - flight.at >= patienceMs) flights.delete(other);
    const host = holderOf(url);
    const toSame = [...flights.values()].filter((flight) => flight.host === host).length;
    if (flights.size >= mostFlights || toSame >= mostToOneHost) return Promise.resolve(rejected('busy'));
    const flight: Flight = { at, host, answer: fetchIt() };
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
    if (entry !== undefined && isGoodEnough(entry, now().getTime())) return opened(entry.answer);
    const answer = await fly(key, url, () => fetchAnew(key, kind, url));
    const isBusy = !answer.ok && answer.reason === 'busy';
    return opened((isBusy ? oldCopy(key, now().getTime()) : null) ?? answer);
  }

  return {
    read: (kind, url) => ask(kind, url, ({ freshUntil }, at) => at < freshUntil),
    reload: (kind, url) => ask(kind, url, ({ triedAt }, at) => at - triedAt < reloadMs),
    readNow: async (kind, url) => opened(await fly(`now ${kind} ${url}`, url, () => fetchDocument(fetchOutside, kind, url, now))),
  };
}

export interface DocumentsDeps {
  readonly fetchOutside: GuardedFetch;
  readonly now: () => Date;
  /** How many documents and failures are kept; failures go first, then the document that was fetched longest ago. */
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
  readonly host: string;
  readonly answer: Promise<Fetched>;
}

const minuteMs = 60_000;
const shortestFreshMs = 10 * minuteMs;
const longestFreshMs = 24 * 60 * minuteMs;
/** How long a failure answers in place of another look. */
export const failureSeconds = 300;
const reloadMs = minuteMs;
const timeoutMs = 5000;
const patienceMs = timeoutMs + 1000;
const mostFlights = 64;
const mostToOneHost = 4;
const longestUrl = 2048;

/** Whose host it is: names below a domain cost its owner nothing. */
function holderOf(url: string): string {
  const hostname = URL.canParse(url) ? new URL(url).hostname : '';
  return registrableDomain(hostname) ?? hostname;
}

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
