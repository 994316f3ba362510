import type { Context, Hono } from 'hono';
import { jwsAlgorithms } from '../access/client-keys.ts';
import { sha256Hex } from '../domain/canonical.ts';
import type { Desk } from '../operations/desk.ts';
import { authorizationServer, protectedResource } from '../operations/tokens/metadata.ts';
import { refusal, renderPublished, requestIdOf } from './respond.ts';
import { hostOf } from './rest.ts';
import type { Bindings, World } from './world.ts';

type App = Hono<{ Bindings: Bindings }>;

/** Where tokens are asked for, and for what. */
const documents: Readonly<Record<string, (desk: Desk) => object>> = {
  '/.well-known/oauth-authorization-server': (desk) => authorizationServer(desk, jwsAlgorithms),
  '/.well-known/oauth-protected-resource': (desk) => protectedResource(desk, '', jwsAlgorithms),
  '/.well-known/oauth-protected-resource/mcp': (desk) => protectedResource(desk, '/mcp', jwsAlgorithms),
};

/** What `mountOAuthMetadata` answers, as OpenAPI writes paths. */
export const oauthMetadataPaths: readonly string[] = Object.keys(documents);

/** Metadata of the authorization server (RFC 8414 §3) and of each resource (RFC 9728 §3). */
export function mountOAuthMetadata(app: App, world: World): void {
  for (const [path, documentOf] of Object.entries(documents)) {
    app.get(path, async (c: Context<{ Bindings: Bindings }>) => {
      const desk = await world.deps.desks.find(hostOf(c.req.raw));
      const requestId = requestIdOf(c.req.raw);
      if (!desk) return refusal(c.req.raw, requestId, 'tenant.unknown');
      const body = JSON.stringify(documentOf(desk));
      const published = { body, etag: `"${sha256Hex(body)}"`, contentType: 'application/json', immutable: false };
      return renderPublished(c.req.raw, requestId, published);
    });
    app.all(path, (c) => refusal(c.req.raw, requestIdOf(c.req.raw), 'method.not_allowed', {}, { Allow: 'GET, HEAD' }));
  }
}
