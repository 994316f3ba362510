import { Hono } from 'hono';
import { ledgerOperations } from './operations/ledger-operations.ts';
import { beforeDoors, behindDoors } from './routes/every-request.ts';
import { mountLedgerPages } from './routes/ledger.ts';
import { livePath, mountLive } from './routes/live.ts';
import { mountPreferences, preferencePaths } from './routes/preferences.ts';
import { mountRest } from './routes/rest.ts';
import { answerNothing, withVisit } from './routes/visit.ts';
import type { Bindings, World } from './routes/world.ts';
import { ledgerActions, ledgerPages } from './web/ledger/pages.ts';

type App = Hono<{ Bindings: Bindings }>;

/** Whatever else stands below the ledger. */
const nothingPath = '/ledger/{page}';

/** Every path of the ledger, as OpenAPI writes paths: where the platform leads to it. */
export const ledgerPaths: readonly string[] = [
  ...new Set([...ledgerPages.map(({ path }) => path), ...ledgerActions.map(({ path }) => path)]),
  ...preferencePaths,
  livePath,
  nothingPath,
  ...ledgerOperations.flatMap(({ rest }) => (rest ? [rest.path] : [])),
];

/** The ledger alone, on a platform where others answer for agents. */
export function createLedgerApp(world: World): App {
  const app: App = new Hono();
  beforeDoors(app, world);
  mountLedger(app, world);
  behindDoors(app, world);
  return app;
}

/** Where people read the ledger and act on it. A new route that is no page or action also enters its path in `ledgerPaths`. */
export function mountLedger(app: App, world: World): void {
  mountLive(app, world);
  mountPreferences(app, world);
  mountLedgerPages(app, ledgerPages, ledgerActions, world);
  mountRest(app, ledgerOperations, world);
  app.get('/ledger/:page', (c) => withVisit(c, world, (visit) => answerNothing(visit)));
}
