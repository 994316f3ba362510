import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { requestIdFrom } from './routes/respond.ts';

interface Kept {
  readonly headers: Readonly<Record<string, string>>;
  readonly etag: string;
  readonly body: Buffer;
  /** Milliseconds of `performance.now()`. */
  readonly until: number;
}

const freshMs = 1000;
const maxEntries = 100;

/**
 * A shared cache (RFC 9111) in front of the app, for the public documents at `paths` only: on a platform the CDN does this. A document
 * is asked of the app once a second and answered from memory meanwhile, byte for byte, 304 included, without the cost of the adapter.
 */
export function withPublicCache(
  paths: readonly string[],
  fetch: (request: Request) => Response | Promise<Response>,
  next: RequestListener,
): RequestListener {
  const known = new Set(paths);
  const kept = new Map<string, Kept>();

  return (request, response) => {
    const { url = '', method } = request;
    if (!known.has(url) || (method !== 'GET' && method !== 'HEAD')) return next(request, response);
    const host = request.headers.host ?? '';
    const wanted = request.headers['if-none-match'];
    const entry = kept.get(host + url);
    if (entry !== undefined && entry.until > performance.now()) {
      // Lists, weak tags and `*` are the app's to judge.
      return wanted === undefined || wanted === entry.etag ? answer(request, response, entry) : next(request, response);
    }
    void renew(host, url).then((fresh) =>
      fresh === null || (wanted !== undefined && wanted !== fresh.etag) ? next(request, response) : answer(request, response, fresh),
    );
  };

  /** Asks the app. Null for what is not a public 200: the app then answers the caller itself. */
  async function renew(host: string, url: string): Promise<Kept | null> {
    try {
      const response = await fetch(new Request(`http://${host}${url}`, { headers: { Host: host } }));
      const headers = Object.fromEntries(response.headers);
      const etag = response.headers.get('ETag');
      if (response.status !== 200 || etag === null || !headers['cache-control']?.startsWith('public')) return null;
      const body = Buffer.from(await response.arrayBuffer());
      const fresh = { headers: { ...headers, 'content-length': String(body.byteLength) }, etag, body, until: performance.now() + freshMs };
      if (kept.size >= maxEntries) kept.clear();
      kept.set(host + url, fresh);
      return fresh;
    } catch {
      return null;
    }
  }
}

function answer(request: IncomingMessage, response: ServerResponse, { headers, etag, body }: Kept): void {
  const given = request.headers['x-request-id'];
  const own: Record<string, string> = { ...headers, 'x-request-id': requestIdFrom(typeof given === 'string' ? given : null) };
  if (request.headers['if-none-match'] === etag) {
    const { 'content-length': _, 'content-type': __, ...unmodified } = own;
    response.writeHead(304, unmodified).end();
  } else {
    response.writeHead(200, own).end(request.method === 'HEAD' ? undefined : body);
  }
}
