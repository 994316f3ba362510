import { Hono } from 'hono';
import { ledgerOperations } from './operations/ledger-operations.ts';
import { beforeDoors, behindDoors } from './routes/every-request.ts';
import { mountLedgerPages } from './routes/ledger.ts';
import { exportPaths, mountLedgerExports } from './routes/ledger-exports.ts';
import { livePath, mountLive } from './routes/live.ts';
import { mountRest } from './routes/rest.ts';
import { answerNothing, withVisit } from './routes/visit.ts';
import type { Bindings, World } from './routes/world.ts';
import { readingActions, readingPages } from './web/ledger/reading.ts';

type App = Hono<{ Bindings: Bindings }>;

/** Whatever else stands below the ledger. */
const nothingPath = '/ledger/{page}';

/** Every path of the ledger, as OpenAPI writes paths: where the platform leads to it. */
export const ledgerPaths: readonly string[] = [
  ...new Set([...readingPages.map(({ path }) => path), ...readingActions.map(({ path }) => path)]),
  ...exportPaths,
  livePath,
  nothingPath,
  ...ledgerOperations.flatMap(({ rest }) => (rest ? [rest.path] : [])),
];

/** The ledger alone, on a platform where others answer for agents. */
export function createLedgerApp(world: World): App {
  const app: App = new Hono();
  beforeDoors(app, world);
  mountLedger(app, world);
  mountNothing(app, world);
  behindDoors(app, world);
  return app;
}

/** Where people read what agents brought, and decide about it. A new route that is no page or action also enters its path in `ledgerPaths`. */
export function mountLedger(app: App, world: World): void {
  mountLive(app, world);
  mountLedgerExports(app, world);
  mountLedgerPages(app, readingPages, readingActions, world);
  mountRest(app, ledgerOperations, world);
}

/** Behind every page: whatever else stands below the ledger is nothing, in the words of pages. */
export function mountNothing(app: App, world: World): void {
  app.get('/ledger/:page', (c) => withVisit(c, world, (visit) => answerNothing(visit)));
}
