import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { answerControl } from './control/control-routes.ts';
import { ConnectionBroken } from './http/app.ts';
import { createStripeSimulator, type SimulatorOptions, type StripeSimulator } from './simulator.ts';

export interface ServerOptions extends SimulatorOptions {
  /** A free one unless told. */
  readonly port?: number;
  /** What `/_control` asks for as a Bearer token; a random one unless told. */
  readonly controlToken?: string;
}

export interface StartedSimulator extends StripeSimulator {
  readonly port: number;
  readonly url: string;
  /** For `new Stripe(key, { ...clientOptions })`. */
  readonly clientOptions: { readonly host: '127.0.0.1'; readonly port: number; readonly protocol: 'http' };
  readonly controlToken: string;
  readonly stop: () => Promise<void>;
}

/** The simulator behind 127.0.0.1. With the system's clock it also does by itself what becomes due. Failure: the port is taken. */
export async function startStripeSimulator(options: ServerOptions = {}): Promise<StartedSimulator> {
  const simulator = createStripeSimulator(options);
  const controlToken = options.controlToken ?? randomUUID();
  const server = createServer((incoming, outgoing) => {
    serve(simulator, controlToken, incoming, outgoing).catch((failure: unknown) => {
      if (!(failure instanceof ConnectionBroken)) console.error('stripe simulator', failure);
      incoming.socket.destroy();
    });
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', () => {
      const address = server.address();
      if (address !== null && typeof address === 'object') resolve(address.port);
    });
  });
  const ticking = options.now === undefined ? setInterval(() => void simulator.tick(), 1000) : undefined;
  ticking?.unref();
  return {
    ...simulator,
    port,
    url: `http://127.0.0.1:${port}`,
    clientOptions: { host: '127.0.0.1', port, protocol: 'http' },
    controlToken,
    stop: async () => {
      clearInterval(ticking);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function serve(simulator: StripeSimulator, token: string, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const request = await requestOf(incoming, outgoing);
  const { pathname } = new URL(request.url);
  const answer = await (pathname.startsWith('/_control/') ? answerControl(simulator, token, request) : simulator.fetch(request));
  outgoing.writeHead(answer.status, Object.fromEntries(answer.headers));
  outgoing.end(new Uint8Array(await answer.arrayBuffer()));
}

const longestBody = 2_000_000;

/** Its signal fires when the client goes away before the answer. */
async function requestOf(incoming: IncomingMessage, outgoing: ServerResponse): Promise<Request> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming) {
    length += chunk.length;
    if (length > longestBody) throw new ConnectionBroken('the body is too large');
    chunks.push(chunk);
  }
  const gone = new AbortController();
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) gone.abort();
  });
  const { method = 'GET', url = '/' } = incoming;
  const headers = Object.entries(incoming.headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  const body = method === 'GET' || method === 'HEAD' ? null : new Uint8Array(Buffer.concat(chunks));
  return new Request(new URL(url, 'http://127.0.0.1'), { method, headers, body, signal: gone.signal });
}
