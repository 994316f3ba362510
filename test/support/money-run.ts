/** Seeded runs of money under faults: the stories of some organizations side by side, over one desk, one account at Stripe and two workers. */
import type { Db } from '../../src/db/batch.ts';
import { together } from '../../src/domain/decision.ts';
import { reconcileDue } from '../../src/effects/reconcile-due.ts';
import { releaseDue } from '../../src/effects/referrals/release-rewards.ts';
import { sealDue } from '../../src/effects/seal/seal-due.ts';
import { stripeHands } from '../../src/effects/stripe/hands.ts';
import { randomOf } from './ledger-scene.ts';
import { auditMoney, type MoneyBooks } from './money-books.ts';
import { Story } from './money-story.ts';
import { hireWorker, type Making, type Mishap, type MoneyWorker, makingOf } from './money-worker.ts';
import type { MoneyWorld } from './money-world.ts';
import { sql } from './sql.ts';
import { demoHost } from './world.ts';

/** What some runs came to. */
export interface MoneyFigures extends Omit<MoneyBooks, 'wrong'> {
  readonly runs: number;
  readonly deaths: number;
  readonly webhooks: number;
  /** Events that no webhook brought. */
  readonly lost: number;
  readonly faults: Readonly<Record<string, number>>;
}

const minute = 60;
const hour = 60 * minute;

/**
 * The stories of `runs` organizations from `seed` on, under every fault there is, until it is quiet and a last bill is drafted. Rejects
 * with the seeds when something is credited twice or not at all, or the books differ by a cent.
 */
export async function runMoney(world: MoneyWorld, db: Db, seed: number, runs: number): Promise<MoneyFigures> {
  // What an earlier account is still looked at for is over by then.
  await world.simulator().advance(50 * hour);
  world.beginAnew();
  const batch = new Batch(
    world,
    db,
    Array.from({ length: runs }, (_, n) => new Story(world, seed + n)),
    randomOf(seed),
  );
  const named = `runs ${seed} to ${seed + runs - 1}`;
  try {
    return await batch.play();
  } catch (error) {
    throw new Error(`money, ${named}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n${batch.log()}`, {
      cause: error,
    });
  }
}

/** What happened at Stripe before, of which no event is left, and what the ledger knows of it. */
export async function beginStories(world: MoneyWorld, stories: readonly Story[], making: Making): Promise<void> {
  const { t, forgetEvents } = world;
  for (const story of stories) await story.begin();
  forgetEvents();
  const desk = await t.world.deps.desks.find(demoHost);
  if (desk === null) throw new Error('there is no desk');
  const given = { now: t.world.deps.now(), ...making, derive: desk.derive };
  const written = await t.world.deps.memory.commit(desk.tenant, together(...stories.map((story) => story.written(desk, given))));
  if (written !== 'done') throw new Error(`not begun: ${written}`);
}

class Batch {
  private readonly making: Making;
  private readonly done = { deaths: 0, webhooks: 0, lost: 0 };

  constructor(
    private readonly world: MoneyWorld,
    private readonly db: Db,
    private readonly stories: readonly Story[],
    private readonly random: () => number,
  ) {
    this.making = makingOf(random);
  }

  async play(): Promise<MoneyFigures> {
    await this.begin();
    for (let steps = 6; steps > 0; steps--) await this.step();
    this.world.simulator().faults.clear();
    await this.settle();
    await this.pass(longestHold);
    await this.settle();
    // Whatever waits for a bill gets one.
    for (const story of this.stories) await story.bill('usd', false);
    await this.settle();
    const { wrong, ...books } = await auditMoney(this.world, this.stories);
    if (wrong.length > 0) throw new Error(`does not hold:\n${wrong.slice(0, 12).join('\n')}`);
    return { runs: this.stories.length, ...this.done, ...books, faults: this.world.simulator().faults.happened() };
  }

  log(): string {
    return this.stories.map(({ seed, log }) => `seed ${seed}\n  ${log.join('\n  ')}`).join('\n');
  }

  private async begin(): Promise<void> {
    await beginStories(this.world, this.stories, this.making);
  }

  /** Somebody does something at Stripe, some of it is told, two workers do what they can, and time passes. */
  private async step(): Promise<void> {
    for (const story of this.stories) {
      for (let acts = this.pick([0, 1, 1, 2]); acts > 0; acts--) await story.act();
      story.meetFaults();
    }
    const { faults } = this.world.simulator();
    faults.random({ seed: this.int(2 ** 30), rate: this.pick([0, 0.02, 0.1]), kinds: everywhere });
    await this.tell();
    await this.work();
    if (this.random() < 0.3) await this.work();
    if (this.random() < 0.2) await this.reconcile(this.hire(this.mishap()));
    faults.random(null);
    await this.pass(this.pick([90, 10 * minute, hour, hour, 5 * hour, 26 * hour, 72 * hour]));
  }

  /** Webhooks as they come: in any order, some twice or as two events, some later, some never. */
  private async tell(): Promise<void> {
    const { webhooks } = this.world.simulator();
    const waiting = shuffled(webhooks.pending(), this.random);
    for (const { event } of waiting) {
      const fate = this.random();
      if (fate < 0.06) webhooks.drop({ event });
      else if (fate < 0.75) {
        await webhooks.deliver({ event });
        this.done.webhooks += 1;
        if (this.random() < 0.1) this.done.webhooks += (await webhooks.duplicate(event, 1 + this.int(3))).length;
        if (this.random() < 0.05) await webhooks.emitAgain(event);
      }
    }
  }

  private async work(): Promise<void> {
    const pair = [this.hire(this.mishap()), this.hire(this.mishap())];
    await Promise.all(pair.map((worker) => worker.drain()));
    await this.release(this.hire(this.mishap()));
    this.done.deaths += pair.filter((worker) => worker.isDead()).length;
  }

  private hire(mishap: Mishap | null): MoneyWorker {
    return hireWorker(this.world, this.db, this.making, mishap);
  }

  private mishap(): Mishap | null {
    if (this.random() < 0.2) return null;
    const step = 1 + Math.floor(2 ** (this.random() * 7));
    return { step, kind: this.pick(['dies_before', 'dies_after', 'answer_lost'] as const) };
  }

  private async release({ deps, attempt }: MoneyWorker): Promise<void> {
    await attempt(releaseDue(deps)).catch(onlyLost);
  }

  private async reconcile({ deps, attempt }: MoneyWorker): Promise<void> {
    const came = await attempt(reconcileDue(deps, stripeHands({ fetch: this.world.fetch }))).catch(onlyLost);
    this.done.lost += came?.events ?? 0;
  }

  /** Without faults from now on: until nothing is left to be done, and everything that happened was heard of. */
  private async settle(): Promise<void> {
    const { webhooks } = this.world.simulator();
    for (let rounds = 0; rounds < 60; rounds++) {
      this.done.webhooks += (await webhooks.deliver()).length;
      const worker = this.hire(null);
      await worker.drain();
      await this.release(worker);
      await worker.drain();
      if (webhooks.pending().length === 0 && (await this.waiting()).length === 0 && (await this.isCompared(worker))) {
        await sealDue(worker.deps);
        return;
      }
      await this.pass(Math.min(13 * hour, 2 * hour * (rounds + 1)));
    }
    throw new Error(`it is never quiet: ${JSON.stringify(await this.waiting())}`);
  }

  /** Compares until it is not due any more. Whether that left nothing to be done. */
  private async isCompared(worker: MoneyWorker): Promise<boolean> {
    await this.pass(hour);
    for (let rounds = 0; rounds < 40; rounds++) {
      const came = await reconcileDue(worker.deps, stripeHands({ fetch: this.world.fetch }));
      this.done.lost += came.events;
      if (came.tenants === 0) break;
    }
    return this.world.simulator().webhooks.pending().length === 0 && (await this.waiting()).length === 0;
  }

  private async waiting() {
    return sql(this.world.t, "select o.kind, o.attempts, o.last_error, o.due_at from frontdesk.outbox o where o.state = 'waiting' limit 5");
  }

  private async pass(seconds: number): Promise<void> {
    await this.world.simulator().advance(seconds);
  }

  private int(below: number): number {
    return Math.floor(this.random() * below);
  }
  private pick<T>(from: readonly T[]): T {
    const one = from[this.int(from.length)];
    if (one === undefined) throw new Error('there is nothing to choose from');
    return one;
  }
}

/** No hold period of a story is longer. */
const longestHold = 31 * hour;

/** What any request may meet. What is kept under a key is for those that have one. */
const everywhere = ['conflict', 'error_500', 'rate_limit', 'timeout_after', 'timeout_before'] as const;

/** A round whose question was lost is a round less. */
function onlyLost(error: unknown): null {
  if (error instanceof Error && /ConnectionLost|lost/.test(`${error.name} ${error.message}`)) return null;
  throw error;
}

function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  return items
    .map((item) => ({ item, weight: random() }))
    .sort((a, b) => a.weight - b.weight)
    .map(({ item }) => item);
}
