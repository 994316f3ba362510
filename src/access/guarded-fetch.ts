import { invariant } from '../domain/result.ts';
import { addressesIn, addressQuery } from './dns-message.ts';
import { type OutboundRefusal, outboundTarget } from './outbound-url.ts';
import { isPublicAddress } from './public-address.ts';

/** The one function for every address that comes from outside. Never throws for what the outside does. */
export type GuardedFetch = (request: GuardedRequest) => Promise<GuardedAnswer>;

export interface GuardedRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  /** Ours, never a stranger's. A redirect to another origin is sent `accept` only. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** How many redirects of a GET are followed, each checked anew. With 0, the default, a redirect is an answer like any other. */
  readonly redirects?: 0 | 1 | 2 | 3;
  /** Of the answer's body, after decoding. With 0 the body is not read and `body` is empty: for who cares about the status only. */
  readonly maxBytes: number;
  /** For everything together: resolving, connecting, redirects, the body. */
  readonly timeoutMs: number;
  /** The media types, in lower case and without parameters, that an answer with a 2xx status may have. */
  readonly types?: readonly string[];
}

export type GuardedAnswer =
  | { readonly ok: true; readonly status: number; readonly headers: Headers; readonly body: Uint8Array }
  | { readonly ok: false; readonly reason: FetchRefusal };

/** `connection_failed` includes what TLS refuses and a body that breaks off. After `timeout` a POST may still have arrived. */
export type FetchRefusal =
  | OutboundRefusal
  | 'name_unresolvable'
  | 'timeout'
  | 'too_large'
  | 'type_forbidden'
  | 'redirect_refused'
  | 'connection_failed';

/** What a runtime does itself. Both may reject; `signal` aborts at the latest when the guarded fetch is over. */
export interface Transport {
  /** Every address of a name, asked anew. Null where that cannot be told for certain. */
  resolve(hostname: string, signal: AbortSignal): Promise<readonly string[] | null>;
  /** Sends one request. `addresses` are the checked ones, null where the operator vouches for the host. Follows no redirect. */
  send(outbound: Outbound, signal: AbortSignal): Promise<Inbound>;
}

export interface Outbound {
  readonly url: URL;
  readonly addresses: readonly string[] | null;
  readonly method: 'GET' | 'POST';
  readonly headers: Headers;
  readonly body: string | undefined;
}

export interface Inbound {
  readonly status: number;
  readonly headers: Headers;
  readonly chunks: AsyncIterable<Uint8Array>;
  /** The body arrives in a coding that the runtime does not undo. */
  readonly encoded: boolean;
}

/**
 * The guarded fetch of a runtime that cannot connect to an address of its choice. Names are resolved at `resolverUrl` by DNS over HTTPS
 * in wire form, the one form that every resolver has to support (RFC 8484 §6; the JSON form is no standard), by POST, which no HTTP
 * cache answers (§4.1), and fetched at once when every address is public.
 *
 * What remains: the platform resolves the name again when it connects. Whoever controls the name can answer our resolver with a public
 * address and the platform's with another, so where the platform can reach private networks, send through a Node process, which pins.
 */
export function edgeGuardedFetch({ resolverUrl, fetch, allow }: EdgeOptions): GuardedFetch {
  const ask = async (query: Uint8Array<ArrayBuffer>, signal: AbortSignal) => {
    const headers = { accept: dnsType, 'content-type': dnsType };
    const answer = await fetch(resolverUrl, { method: 'POST', headers, body: query, redirect: 'manual', signal });
    if (answer.status !== 200 || mediaType(answer.headers) !== dnsType) return null;
    const message = await readUpTo(longestDnsMessage, chunksOf(answer.body));
    return message === null ? null : addressesIn(message, query);
  };
  return guard(allow, {
    async resolve(hostname, signal) {
      const [a, aaaa] = await Promise.all([ask(addressQuery(hostname, 'A'), signal), ask(addressQuery(hostname, 'AAAA'), signal)]);
      return a === null || aaaa === null ? null : [...a, ...aaaa];
    },
    async send({ url, method, headers, body }, signal) {
      const answer = await fetch(url.href, { method, headers, redirect: 'manual', signal, ...(body === undefined ? {} : { body }) });
      return { status: answer.status, headers: answer.headers, chunks: chunksOf(answer.body), encoded: false };
    },
  });
}

export interface EdgeOptions {
  /** The operator's resolver, for example `https://cloudflare-dns.com/dns-query`. */
  readonly resolverUrl: string;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** `host:port` of what may be private and plain http, and is not resolved here. */
  readonly allow: readonly string[];
}

const dnsType = 'application/dns-message';
/** RFC 8484 §6. */
const longestDnsMessage = 65_535;

/** Puts the rules that every runtime shares around what a runtime does itself. */
export function guard(allow: readonly string[], transport: Transport): GuardedFetch {
  return async (request) => {
    const { method, body, redirects = 0, timeoutMs } = request;
    invariant(method === 'POST' || body === undefined, 'a GET has no body');
    invariant(method === 'GET' || redirects === 0, 'a POST is not redirected');
    const headers = new Headers(request.headers);
    invariant(!ownHeaders.some((name) => headers.has(name)), 'the transport writes its own headers, and there are no cookies');

    const end = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const expiry = new Promise<GuardedAnswer>((resolve) => {
      timer = setTimeout(() => resolve(refused('timeout')), timeoutMs);
    });
    try {
      return await Promise.race([follow(allow, transport, { ...request, redirects }, headers, end.signal), expiry]);
    } finally {
      clearTimeout(timer);
      end.abort();
    }
  };
}

const ownHeaders = ['cookie', 'host', 'connection', 'content-length', 'transfer-encoding', 'accept-encoding', 'expect', 'upgrade'];

type Bounded = GuardedRequest & { readonly redirects: number };

async function follow(
  allow: readonly string[],
  transport: Transport,
  request: Bounded,
  given: Headers,
  signal: AbortSignal,
): Promise<GuardedAnswer> {
  let [address, headers] = [request.url, given];
  for (let left = request.redirects; ; left -= 1) {
    const target = outboundTarget(address, allow);
    if (typeof target === 'string') return refused(target);
    const { url, vouched } = target;
    const addresses = vouched ? null : await publicAddresses(transport, url.hostname, signal);
    if (typeof addresses === 'string') return refused(addresses);
    if (signal.aborted) return refused('timeout');
    const answer = await orNull(transport.send({ url, addresses, method: request.method, headers, body: request.body }, signal));
    if (answer === null) return refused('connection_failed');
    if (request.redirects === 0 || !redirectStatuses.includes(answer.status)) return receive(answer, request);
    const location = answer.headers.get('location') ?? '';
    if (left === 0 || location === '' || !URL.canParse(location, url.href)) return refused('redirect_refused');
    const next = new URL(location, url.href);
    if (next.origin !== url.origin) headers = acceptOnly(headers);
    address = next.href;
  }
}

/** RFC 9110 §15.4; 300 and 304 lead nowhere by themselves. */
const redirectStatuses = [301, 302, 303, 307, 308];

/** The addresses of a name, if there are any and each of them is public: one that is not refuses them all. */
async function publicAddresses(
  { resolve }: Transport,
  hostname: string,
  signal: AbortSignal,
): Promise<readonly string[] | 'name_unresolvable' | 'address_forbidden'> {
  const addresses = await orNull(resolve(hostname, signal));
  if (addresses === null || addresses.length === 0) return 'name_unresolvable';
  return addresses.every(isPublicAddress) ? addresses : 'address_forbidden';
}

async function receive({ status, headers, chunks, encoded }: Inbound, { maxBytes, types }: GuardedRequest): Promise<GuardedAnswer> {
  const isSuccess = status >= 200 && status < 300;
  if (types !== undefined && isSuccess && !types.includes(mediaType(headers))) return refused('type_forbidden');
  if (maxBytes === 0) return { ok: true, status, headers, body: new Uint8Array() };
  if (encoded) return refused('type_forbidden');
  if (Number(headers.get('content-length')) > maxBytes) return refused('too_large');
  try {
    const body = await readUpTo(maxBytes, chunks);
    return body === null ? refused('too_large') : { ok: true, status, headers, body };
  } catch {
    return refused('connection_failed');
  }
}

/** Null as soon as there are more bytes than `most`; the rest is not awaited. */
async function readUpTo(most: number, chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array | null> {
  const whole = new Uint8Array(most);
  let length = 0;
  for await (const chunk of chunks) {
    if (chunk.length > most - length) return null;
    whole.set(chunk, length);
    length += chunk.length;
  }
  return whole.slice(0, length);
}

async function* chunksOf(stream: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  const reader = stream?.getReader();
  if (reader === undefined) return;
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
  } finally {
    // Not awaited: how a stream ends is up to the other side.
    reader.cancel().catch(() => undefined);
  }
}

function mediaType(headers: Headers): string {
  return (headers.get('content-type')?.split(';', 1)[0] ?? '').trim().toLowerCase();
}

function acceptOnly(headers: Headers): Headers {
  const accept = headers.get('accept');
  return new Headers(accept === null ? {} : { accept });
}

function orNull<T>(promise: Promise<T>): Promise<T | null> {
  return promise.catch(() => null);
}

function refused(reason: FetchRefusal): GuardedAnswer {
  return { ok: false, reason };
}
