/** A sample of the seeded runs of `npm run soak -- money`, and what they once found. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Db } from '../../src/db/batch.ts';
import { releaseDue } from '../../src/effects/referrals/release-rewards.ts';
import { randomOf } from '../support/ledger-scene.ts';
import { migratedPglite } from '../support/migrated-pglite.ts';
import { beginStories, runMoney } from '../support/money-run.ts';
import { Story } from '../support/money-story.ts';
import { hireWorker, makingOf } from '../support/money-worker.ts';
import { brokenMoneyInvariants, type MoneyWorld, openMoneyWorld } from '../support/money-world.ts';
import { draftInvoice } from '../support/stripe-billing.ts';

let db: Db;
let world: MoneyWorld;
beforeAll(async () => {
  db = await migratedPglite();
  world = await openMoneyWorld(db, (close) => afterAll(close));
});

it('rewards are credited once each, to the cent, whatever befalls webhooks, Stripe, workers and payments', {
  timeout: 120_000,
}, async () => {
  const figures = await runMoney(world, db, 2026, 16);
  expect(figures.credits).toBeGreaterThan(10);
  expect(Object.keys(figures.faults).length).toBeGreaterThan(3);
  expect(await brokenMoneyInvariants(world)).toEqual([]);
});

it('rewards that are taken back together leave of the balance what bills consumed, and never a debt on it', async () => {
  const making = makingOf(randomOf(1));
  const story = new Story(world, 4, [0]);
  world.beginAnew();
  await beginStories(world, [story], making);
  const { webhooks } = world.simulator();
  const { deps, drain } = hireWorker(world, db, making, null);
  const settle = async () => {
    for (let rounds = 0; rounds < 6; rounds++) {
      await webhooks.deliver();
      await drain();
    }
  };
  await releaseDue(deps);
  const { id } = await draftInvoice(world, { customer: story.customer, amount: 300 });
  await settle();
  const credited = balanceOf(story);
  await world.stripe.invoices.finalizeInvoice(id);
  for (const { charge } of story.brought) await world.stripe.refunds.create({ charge });
  await settle();
  expect(story.rewards.length).toBeGreaterThan(1);
  expect([credited < -300, balanceOf(story)]).toEqual([true, 0]);
});

const balanceOf = ({ customer }: Story): number => world.simulator().summary().balances[customer]?.usd ?? 0;
