import { Hono } from 'hono';
import { lobbyOperations } from './operations/lobby-operations.ts';
import { claimPath, mountClaimPage } from './routes/claim-page.ts';
import { beforeDoors, behindDoors } from './routes/every-request.ts';
import { mountReference, referencePaths } from './routes/reference.ts';
import { mountRest } from './routes/rest.ts';
import type { Bindings, World } from './routes/world.ts';

type App = Hono<{ Bindings: Bindings }>;

/** Every path of the lobby, as OpenAPI writes paths: where the platform leads to it and not to the desk. */
export const lobbyPaths: readonly string[] = [
  ...referencePaths,
  claimPath,
  ...new Set(lobbyOperations.flatMap(({ rest }) => (rest ? [rest.path] : []))),
];

/** The doors of the lobby alone, on a platform where the desk goes without it. */
export function createLobbyApp(world: World): App {
  const app: App = new Hono();
  beforeDoors(app, world);
  mountLobby(app, world);
  behindDoors(app, world);
  return app;
}

/** Where strangers become known and people read. A new door of it also enters its paths in `lobbyPaths`. */
export function mountLobby(app: App, world: World): void {
  mountRest(app, lobbyOperations, world);
  mountReference(app, world);
  mountClaimPage(app, world);
}
