/** One bill, told a hundred times at once and as two events, and two workers on a real Postgres, one of which dies at each step there is. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Db } from '../../src/db/batch.ts';
import { connectPostgres } from '../../src/db/drivers/postgres.ts';
import { reconcileDue } from '../../src/effects/reconcile-due.ts';
import { releaseDue } from '../../src/effects/referrals/release-rewards.ts';
import { sealDue } from '../../src/effects/seal/seal-due.ts';
import { stripeHands } from '../../src/effects/stripe/hands.ts';
import { brokenInvariants } from '../support/ledger-invariants.ts';
import { randomOf } from '../support/ledger-scene.ts';
import { auditMoney } from '../support/money-books.ts';
import { beginStories } from '../support/money-run.ts';
import { Story } from '../support/money-story.ts';
import { hireWorker, type Mishap, type MoneyWorker, makingOf } from '../support/money-worker.ts';
import { type MoneyWorld, openMoneyWorld } from '../support/money-world.ts';
import { migratedDatabase, rowsOf, serverOfItsOwn } from '../support/postgres-world.ts';
import { sql } from '../support/sql.ts';

let world: MoneyWorld;
/** A worker's connections are its own: two processes share nothing but the database. */
let pools: readonly [Db, Db];
let url: string;
const stories: Story[] = [];
const making = makingOf(randomOf(7));

beforeAll(async () => {
  const database = await migratedDatabase(await serverOfItsOwn());
  url = database.adminUrl;
  pools = [connectPostgres(database.appUrl, { max: 8 }), connectPostgres(database.appUrl, { max: 8 })];
  world = await openMoneyWorld(connectPostgres(database.appUrl, { max: 8 }), (close) => afterAll(close));
  afterAll(() => Promise.all(pools.map((pool) => pool.close())));
});

const hire = (of: 0 | 1, mishap: Mishap | null = null): MoneyWorker => hireWorker(world, pools[of], making, mishap);
const waiting = async () => (await sql(world.t, "select from frontdesk.outbox o where o.state = 'waiting'")).length;

/** An organization with available rewards whose bill is being drafted; `times` each of two events tells of it, all at once. */
async function billed(times: number): Promise<void> {
  const story = new Story(world, stories.length + 1, [0]);
  stories.push(story);
  await beginStories(world, [story], making);
  await releaseDue(hire(0).deps);
  await story.bill('usd', true);
  const { webhooks } = world.simulator();
  const [first] = webhooks.pending({ type: 'invoice.created' });
  if (first === undefined) throw new Error('there is no bill');
  const second = await webhooks.emitAgain(first.event);
  const statuses = await Promise.all([first.event, second].map((event) => webhooks.duplicate(event, times)));
  expect(new Set(statuses.flat())).toEqual(new Set([200]));
  await webhooks.deliver();
}

/** Until nothing is left to be done; a lease of somebody who died is over after a minute. */
async function finish(worker: MoneyWorker): Promise<void> {
  for (let rounds = 0; rounds < 10; rounds++) {
    await worker.drain();
    if ((await waiting()) === 0) return;
    await world.simulator().advance(90);
  }
  throw new Error('there is always something left to be done');
}

it('told a hundred times at once to two workers, it is credited once', async () => {
  await billed(50);
  await Promise.all([hire(0), hire(1)].map((worker) => worker.drain()));
  await finish(hire(0));
  expect(await waiting()).toBe(0);
});

it('a worker may die at any step, and another goes on from there', { timeout: 60_000 }, async () => {
  let died = 0;
  // A whole bill is worked off in 28 of them. A worker that finds nothing due lives.
  for (let step = 1; step <= 28; step++) {
    await billed(1);
    const [mortal, other] = [hire(0, { step, kind: 'dies_after' }), hire(1)];
    if ((await mortal.drain()) === null) died += 1;
    await finish(other);
  }
  expect(died).toBeGreaterThan(14);
});

it('and ledger and Stripe agree to the cent', async () => {
  const worker = hire(1);
  await world.simulator().advance(3600);
  await finish(worker);
  while ((await reconcileDue(worker.deps, stripeHands({ fetch: world.fetch }))).tenants > 0);
  await finish(worker);
  await sealDue(worker.deps);
  const { wrong, credits } = await auditMoney(world, stories);
  expect(wrong).toEqual([]);
  expect(credits).toBeGreaterThan(stories.length);
  expect(await brokenInvariants((text) => rowsOf(url, text), world.t.world.deps.now())).toEqual([]);
});
