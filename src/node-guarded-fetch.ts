import { lookup as lookUp } from 'node:dns/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIPv6, type LookupFunction } from 'node:net';
import { type GuardedFetch, guard, type Inbound, type Outbound } from './access/guarded-fetch.ts';

/**
 * The guarded fetch of a Node process. It pins: the connection goes to one of the addresses that were checked, whatever the name
 * resolves to by then, while TLS and the Host header still name the host. Every request has a connection of its own.
 */
export function nodeGuardedFetch({ lookup = allAddresses, allow, ca }: NodeOptions): GuardedFetch {
  return guard(allow, {
    resolve: async (hostname) => lookup(hostname),
    async send(outbound, signal) {
      const addresses = outbound.addresses ?? (await lookup(bare(outbound.url.hostname)));
      return sendTo(addresses, outbound, ca, signal);
    },
  });
}

export interface NodeOptions {
  /** All addresses of a name; rejects where it cannot tell. The system's resolver unless given. */
  readonly lookup?: (hostname: string) => Promise<readonly string[]>;
  /** `host:port` of what may be private and plain http. */
  readonly allow: readonly string[];
  /** Certificate authorities in PEM that are trusted instead of Node's own, for an inner network. */
  readonly ca?: string;
}

async function allAddresses(hostname: string): Promise<readonly string[]> {
  return (await lookUp(hostname, { all: true })).map(({ address }) => address);
}

function sendTo(addresses: readonly string[], { url, method, headers, body }: Outbound, ca: string | undefined, signal: AbortSignal) {
  const hostname = bare(url.hostname);
  // Without an agent there is no pool, so that no connection outlives the check it was made after. Not encoded: a body that grows
  // when it is unpacked would escape the limit.
  const shared = {
    hostname,
    port: url.port === '' ? undefined : Number(url.port),
    path: url.pathname + url.search,
    method,
    headers: { ...Object.fromEntries(headers), 'accept-encoding': 'identity' },
    lookup: pinned(addresses),
    agent: false,
    signal,
    maxHeaderSize: 16_384,
  } as const;
  return new Promise<Inbound>((resolve, reject) => {
    const request =
      url.protocol === 'https:'
        ? httpsRequest({ ...shared, rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) })
        : httpRequest(shared);
    request.once('response', (message) => resolve(inbound(message)));
    request.on('error', reject);
    request.once('close', () => reject(new Error('closed without an answer')));
    request.end(body);
  });
}

/** Answers every question of a connection with the checked addresses. */
function pinned(addresses: readonly string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  return (_hostname, { all }, callback) => {
    const [first] = found;
    if (all) callback(null, found);
    else if (first === undefined) callback(new Error('no address'), '', 4);
    else callback(null, first.address, first.family);
  };
}

function inbound(message: IncomingMessage): Inbound {
  const headers = new Headers();
  for (const [name, values] of Object.entries(message.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const coding = headers.get('content-encoding') ?? 'identity';
  return { status: message.statusCode ?? 0, headers, chunks: message, encoded: coding.toLowerCase() !== 'identity' };
}

/** Without the brackets of an IPv6 address in a URL. */
function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}
