import { Hono } from 'hono';
import { claimPaths, mountClaimPage } from './routes/claim-page.ts';
import { beforeDoors, behindDoors } from './routes/every-request.ts';
import { linkPath, mountLink } from './routes/link.ts';
import { applyPath, mountPartners } from './routes/partners.ts';
import { mountPasskeys, passkeyPaths } from './routes/passkeys.ts';
import { mountPeople, peoplePaths } from './routes/people.ts';
import type { Bindings, World } from './routes/world.ts';

type App = Hono<{ Bindings: Bindings }>;

/** Every path of the pages, as OpenAPI writes paths: where the platform leads to them and not to the desk. */
export const pagePaths: readonly string[] = [...claimPaths, ...peoplePaths, ...passkeyPaths, applyPath, linkPath];

/** The pages alone, on a platform where others answer for agents. */
export function createPeopleApp(world: World): App {
  const app: App = new Hono();
  beforeDoors(app, world);
  mountPages(app, world);
  behindDoors(app, world);
  return app;
}

/** Where people sign in and read. A new page of it also enters its paths in `pagePaths`. */
export function mountPages(app: App, world: World): void {
  mountClaimPage(app, world);
  mountPeople(app, world);
  mountPasskeys(app, world);
  mountPartners(app, world);
  mountLink(app, world);
}
