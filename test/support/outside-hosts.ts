import { type GuardedFetch, guard, type Inbound, type Outbound } from '../../src/access/guarded-fetch.ts';

/**
 * A pretended outside world without a network: hosts that publish documents, behind the real rules of `guard`. Every host resolves to a
 * public address unless `addresses` says otherwise, also one that publishes nothing: there everything is 404.
 */
export interface OutsideHosts {
  readonly fetch: GuardedFetch;
  /**
   * Publishes at an absolute URL, for example `https://acme.example/.well-known/frontdesk-agent.json`. An object becomes JSON, a text is
   * sent as it is; the type is `application/json` unless `headers` has another. Publishing again replaces.
   */
  publish(url: string, body: object | string, as?: { readonly status?: number; readonly headers?: Readonly<Record<string, string>> }): void;
  /** Answers 302 to `location`. */
  redirect(url: string, location: string): void;
  /** 404 from now on. */
  withdraw(url: string): void;
  /** What a name resolves to; an empty list cannot be resolved. */
  readonly addresses: Map<string, readonly string[]>;
  /** Hosts (`acme.example`, `localhost:4000`) that do not answer at all. */
  readonly down: Set<string>;
  /** The URL of every request that was sent, in order. */
  readonly received: string[];
}

/** `allow` lists, as `host:port`, what an operator vouches for: only there may an address be plain http or private. */
export function pretendOutsideHosts(allow: readonly string[] = []): OutsideHosts {
  const pages = new Map<string, Page>();
  const addresses = new Map<string, readonly string[]>();
  const down = new Set<string>();
  const received: string[] = [];
  const put = (url: string, page: Page) => pages.set(new URL(url).href, page);
  const transport = {
    resolve: async (hostname: string) => addresses.get(hostname) ?? [publicAddress],
    async send({ url }: Outbound): Promise<Inbound> {
      received.push(url.href);
      if (down.has(url.host)) throw new Error('no answer');
      const { status, headers, text } = pages.get(url.href) ?? missing;
      return { status, headers: new Headers(headers), chunks: chunksOf(text), encoded: false };
    },
  };
  return {
    fetch: guard(allow, transport),
    publish(url, body, { status = 200, headers = {} } = {}) {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      put(url, { status, headers: { 'content-type': 'application/json', ...headers }, text });
    },
    redirect: (url, location) => void put(url, { status: 302, headers: { location }, text: '' }),
    withdraw: (url) => void pages.delete(new URL(url).href),
    addresses,
    down,
    received,
  };
}

interface Page {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

const publicAddress = '93.184.216.34';
const missing: Page = { status: 404, headers: { 'content-type': 'text/plain' }, text: 'not here' };

async function* chunksOf(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}
