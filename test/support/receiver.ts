/** A receiver of webhooks on this machine, which answers as a test says and keeps what it was sent. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll } from 'vitest';
import type { GuardedFetch } from '../../src/access/guarded-fetch.ts';
import { vouchedFor } from '../../src/access/vouched.ts';
import { nodeGuardedFetch } from '../../src/node-guarded-fetch.ts';

export interface Receiver {
  /** An address of it; each path is a place of its own in `at`. */
  readonly url: (path: string) => string;
  readonly received: Delivered[];
  /** What came to one path, oldest first. */
  readonly at: (path: string) => Delivered[];
  /** The answer to what comes from now on. */
  answer: (delivered: Delivered) => {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  };
}

export interface Delivered {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the event holds
  readonly event: any;
}

/** Closed after the file's last test. */
export async function openReceiver(): Promise<Receiver> {
  const received: Delivered[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts).toString();
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const delivered = { path: request.url ?? '', headers, body, event: JSON.parse(body) };
    received.push(delivered);
    const { status, headers: more = {}, body: text = '' } = receiver.answer(delivered);
    response.writeHead(status, { ...more }).end(text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const receiver: Receiver = {
    url: (path) => `http://127.0.0.1:${port}${path}`,
    received,
    at: (path) => received.filter((delivered) => delivered.path === path),
    answer: () => ({ status: 204 }),
  };
  return receiver;
}

/** Calls what listens on this machine, and nothing else that is private. */
export const fetchNearby: GuardedFetch = (request) =>
  nodeGuardedFetch({ allow: vouchedFor(request.url, { allow: [], local: true }) })(request);
