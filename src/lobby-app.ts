import { Hono } from 'hono';
import { lobbyOperations } from './operations/lobby-operations.ts';
import type { Operation } from './operations/operation.ts';
import { provisionWorkspace } from './operations/workspaces/provision.ts';
import { agentIdentityPaths, mountAgentIdentity } from './routes/agent-identity.ts';
import { beforeDoors, behindDoors } from './routes/every-request.ts';
import { mountOAuth, oauthPaths } from './routes/oauth.ts';
import { mountOAuthMetadata, oauthMetadataPaths } from './routes/oauth-metadata.ts';
import { mountRest } from './routes/rest.ts';
import { mountSigned } from './routes/signed-request.ts';
import type { Bindings, World } from './routes/world.ts';

type App = Hono<{ Bindings: Bindings }>;

/** What leads to a function: a path as OpenAPI writes it, or that path where the request carries a header, whatever its value. */
export type Way = string | { readonly path: string; readonly withHeader: string };

/** What an agent may ask for by a request that it signed itself. */
export const signableOperations: readonly Operation[] = [provisionWorkspace];

const signedPaths = signableOperations.flatMap(({ rest }) => (rest ? [{ path: rest.path, withHeader: 'signature-input' }] : []));

/** Every path of the lobby, as OpenAPI writes paths: where the platform leads to it and not to the desk. */
export const lobbyPaths: readonly Way[] = [
  ...signedPaths,
  ...oauthPaths,
  ...oauthMetadataPaths,
  ...agentIdentityPaths,
  ...new Set(lobbyOperations.flatMap(({ rest }) => (rest ? [rest.path] : []))),
];

/** The doors of the lobby alone, on a platform where the desk goes without it. */
export function createLobbyApp(world: World): App {
  const app: App = new Hono();
  beforeDoors(app, world);
  for (const operation of signableOperations) mountSigned(app, operation, world);
  mountRest(app, signableOperations, world);
  mountLobby(app, world);
  behindDoors(app, world);
  return app;
}

/** Where agents and organizations become known. A new door of it also enters its paths in `lobbyPaths`. */
export function mountLobby(app: App, world: World): void {
  mountOAuth(app, world);
  mountOAuthMetadata(app, world);
  mountRest(app, lobbyOperations, world);
  mountAgentIdentity(app, world);
}
