import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import tls from 'node:tls';
import { vi } from 'vitest';
import { edgeGuardedFetch, type GuardedFetch } from '../../src/access/guarded-fetch.ts';
import { parseIp } from '../../src/access/ip.ts';
import { nodeGuardedFetch } from '../../src/node-guarded-fetch.ts';
import { selfSigned } from './certificate.ts';

/** The world behind a guarded fetch: names that resolve as a test says, and one server on 127.0.0.1 which answers for all of them. */
export interface Outside {
  readonly runtime: 'edge' | 'Node';
  readonly fetch: GuardedFetch;
  /** What a name resolves to, asked at each resolution. A name that is missing cannot be resolved. */
  readonly names: Map<string, () => readonly string[] | Promise<readonly string[]>>;
  /** Every name that was asked for, in order. */
  readonly asked: string[];
  /** Every request that reached the server: origin, path, method, headers, body. */
  readonly received: Received[];
  /** Sockets on their way to the server, as they were asked for. Node only. */
  readonly dialled: tls.ConnectionOptions[];
  readonly port: number;
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  close(): Promise<void>;
}

interface Received {
  readonly origin: string;
  readonly path: string;
  readonly method: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export const publicV4 = '93.184.216.34';
export const publicV6 = '2606:2800:220:1:248:1893:25c8:1946';
export const host = 'hooks.example.com';
export const elsewhere = 'other.example.net';

/** `allowPort` is vouched for on the hosts `inner`, `127.0.0.1` and `hooks.example.com`. */
export async function openOutside(runtime: 'edge' | 'Node', trusted: 'trusted' | 'untrusted' = 'trusted'): Promise<Outside> {
  const names: Outside['names'] = new Map([
    [host, () => [publicV4, publicV6]],
    [elsewhere, () => [publicV4]],
  ]);
  const [asked, received, dialled]: [string[], Received[], tls.ConnectionOptions[]] = [[], [], []];
  const origins: string[] = [];
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { url: path = '', method = '', headers } = request;
      const origin = runtime === 'edge' ? (origins.shift() ?? '') : `https://${headers.host}`;
      received.push({ origin, path, method, headers, body: Buffer.concat(parts).toString() });
      outside.answer(request, response);
    });
  };
  const identity = selfSigned(host, elsewhere);
  const server = runtime === 'edge' ? createHttpServer(serve) : createHttpsServer(identity, serve);
  const plain = createHttpServer(serve);
  const [port, plainPort] = await Promise.all([listen(server), listen(plain)]);
  const allow = [`inner:${plainPort}`, `127.0.0.1:${plainPort}`];

  const resolve = async (name: string): Promise<readonly string[]> => {
    asked.push(name);
    const addresses = names.get(name);
    if (addresses === undefined) throw new Error('no such name');
    return addresses();
  };

  const edge = (): GuardedFetch => {
    const fetchOutside = async (url: string, init: RequestInit): Promise<Response> => {
      if (url === resolverUrl) return answerDns(new Uint8Array(await new Response(init.body ?? null).arrayBuffer()), resolve);
      const { origin, pathname, search } = new URL(url);
      origins.push(origin);
      return fetch(`http://127.0.0.1:${port}${pathname}${search}`, init);
    };
    return edgeGuardedFetch({ resolverUrl, fetch: fetchOutside, allow });
  };
  const node = (): GuardedFetch => {
    const connect = tls.connect;
    vi.spyOn(tls, 'connect').mockImplementation((options: unknown) => {
      const asGiven = options as tls.ConnectionOptions;
      dialled.push(asGiven);
      return connect({ ...asGiven, host: '127.0.0.1', port });
    });
    return nodeGuardedFetch({ lookup: resolve, allow, ...(trusted === 'trusted' ? { ca: identity.cert } : {}) });
  };

  const outside: Outside = {
    runtime,
    fetch: runtime === 'edge' ? edge() : node(),
    names,
    asked,
    received,
    dialled,
    port: plainPort,
    answer: (_request, response) => response.end('hello'),
    async close() {
      vi.restoreAllMocks();
      for (const each of [server, plain]) {
        each.closeAllConnections();
        await new Promise((done) => each.close(done));
      }
    },
  };
  return outside;
}

const resolverUrl = 'https://resolver.example.org/dns-query';

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A resolver over HTTPS, as small as one can be: NXDOMAIN for what it does not know. */
async function answerDns(query: Uint8Array, resolve: (name: string) => Promise<readonly string[]>): Promise<Response> {
  const type = query.at(-3) ?? 0;
  const headers = { 'content-type': 'application/dns-message' };
  const name = nameIn(query);
  try {
    const ips = (await resolve(name)).map((address) => parseIp(address) ?? []).filter(({ length }) => length === (type === 1 ? 4 : 16));
    const records = ips.flatMap((ip) => [0xc0, 12, 0, type, 0, 1, 0, 0, 0, 0, 0, ip.length, ...ip]);
    return new Response(Uint8Array.of(0, 0, 0x81, 0x80, 0, 1, 0, ips.length, 0, 0, 0, 0, ...query.slice(12), ...records), { headers });
  } catch {
    return new Response(Uint8Array.of(0, 0, 0x81, 0x83, 0, 1, 0, 0, 0, 0, 0, 0, ...query.slice(12)), { headers });
  }
}

function nameIn(query: Uint8Array): string {
  const labels: string[] = [];
  for (let at = 12; query[at]; at += 1 + (query[at] ?? 0)) {
    labels.push(Buffer.from(query.subarray(at + 1, at + 1 + (query[at] ?? 0))).toString());
  }
  return labels.join('.');
}
