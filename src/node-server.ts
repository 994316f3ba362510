import { createServer, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { type createApp, publicPaths } from './app.ts';
import { withPublicCache } from './node-public-cache.ts';

/** The app as a Node server, not yet listening. */
export function createNodeServer(app: ReturnType<typeof createApp>): Server {
  const server = createServer(withPublicCache(publicPaths, (request) => app.fetch(request), getRequestListener(app.fetch)));
  // A stranger's slow headers or body must not hold a connection for ever.
  server.headersTimeout = 15_000;
  server.requestTimeout = 60_000;
  return server;
}
