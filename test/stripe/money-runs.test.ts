/** A sample of the seeded runs of `npm run soak -- money`. */
import { afterAll, expect, it } from 'vitest';
import { migratedPglite } from '../support/migrated-pglite.ts';
import { runMoney } from '../support/money-run.ts';
import { brokenMoneyInvariants, openMoneyWorld } from '../support/money-world.ts';

it('rewards are credited once each, to the cent, whatever befalls webhooks, Stripe, workers and payments', {
  timeout: 120_000,
}, async () => {
  const db = await migratedPglite();
  const world = await openMoneyWorld(db, (close) => afterAll(close));
  const figures = await runMoney(world, db, 2026, 12);
  expect(figures.credits).toBeGreaterThan(10);
  expect(Object.keys(figures.faults).length).toBeGreaterThan(3);
  expect(await brokenMoneyInvariants(world)).toEqual([]);
});
