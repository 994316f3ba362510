import { Hono } from 'hono';
import { beforeDoors, behindDoors } from './routes/every-request.ts';
import { mountLedgerPages } from './routes/ledger.ts';
import { mountPreferences, preferencePaths } from './routes/preferences.ts';
import type { Bindings, World } from './routes/world.ts';
import { officeActions, officePages } from './web/ledger/office.ts';

type App = Hono<{ Bindings: Bindings }>;

/** Every path of the office, as OpenAPI writes paths: where the platform leads to it. */
export const officePaths: readonly string[] = [
  ...new Set([...officePages.map(({ path }) => path), ...officeActions.map(({ path }) => path)]),
  ...preferencePaths,
];

/** The office alone, on a platform where others answer for agents. */
export function createOfficeApp(world: World): App {
  const app: App = new Hono();
  beforeDoors(app, world);
  mountOffice(app, world);
  behindDoors(app, world);
  return app;
}

/** The part of the ledger's pages that is about who is owed what, and who may act: rewards, organizations, people, keys, settings. */
export function mountOffice(app: App, world: World): void {
  mountPreferences(app, world);
  mountLedgerPages(app, officePages, officeActions, world);
}
