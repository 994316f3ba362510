/** A worker that performs effects until it dies: every question to the database and to Stripe is a step, and any step may be its last. */
import { deskOfTenant } from '../../src/access/desk-of-tenant.ts';
import { ConnectionLost, type Db } from '../../src/db/batch.ts';
import { memory } from '../../src/db/memory.ts';
import type { Performers } from '../../src/effects/effect.ts';
import { type Drained, drain, type OutboxDeps } from '../../src/effects/outbox.ts';
import { judge } from '../../src/effects/referrals/judge.ts';
import { reassess } from '../../src/effects/referrals/reassess.ts';
import { injectRewards } from '../../src/effects/rewards/inject.ts';
import { stripeHands } from '../../src/effects/stripe/hands.ts';
import type { MoneyWorld } from './money-world.ts';

/**
 * What befalls a worker at its `step`-th step: it dies before the step is done or after it, or the answer is lost and it lives on. What was
 * under way at the same time is never heard of again.
 */
export interface Mishap {
  readonly step: number;
  readonly kind: 'dies_before' | 'dies_after' | 'answer_lost';
}

export interface MoneyWorker {
  /** Everything that schedules and rounds need. */
  readonly deps: OutboxDeps;
  /** Works off what is due. Null: it died of it. */
  readonly drain: () => Promise<Drained | null>;
  /** Whatever it was asked to do; null where it died of it. */
  readonly attempt: <T>(work: Promise<T>) => Promise<T | null>;
  readonly isDead: () => boolean;
  /** Steps so far. */
  readonly steps: () => number;
}

/** Hires one. `random`: what backoffs and ids are made of; ids sort by the order in which they are made, across all workers of a database. */
export function hireWorker(world: MoneyWorld, db: Db, made: Making, mishap: Mishap | null): MoneyWorker {
  const { t } = world;
  let [steps, dead] = [0, false];
  let tell: (nothing: null) => void = () => {};
  const death = new Promise<null>((resolve) => {
    tell = resolve;
  });
  const die = () => {
    dead = true;
    tell(null);
  };
  /** `gone` is how a caller learns that nothing will ever come. */
  const step = async <T>(work: () => Promise<T>, gone: () => Promise<T>): Promise<T> => {
    if (dead) return gone();
    steps += 1;
    const met = steps === mishap?.step ? mishap.kind : null;
    if (met === 'dies_before') {
      die();
      return gone();
    }
    const answer = await work().then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    if (met === 'dies_after') die();
    if (dead) return gone();
    if (met === 'answer_lost') throw new ConnectionLost('the answer was lost');
    if ('error' in answer) throw answer.error;
    return answer.value;
  };
  const never = () => new Promise<never>(() => {});
  const mortal: Db = {
    batch: (context, statements) => step(() => db.batch(context, statements), never),
    close: () => Promise.resolve(),
  };
  // The client of Stripe sets a timer for each request: it has to learn that this one is over.
  const send: typeof fetch = (input, init) =>
    step(
      () => world.fetch(input, init),
      () => Promise.reject(new Error('dead')),
    );
  const deps: OutboxDeps = {
    ...t.world.deps,
    db: mortal,
    memory: memory(mortal),
    deskOf: deskOfTenant({ db: t.db, desks: t.world.deps.desks }),
    given: (desk, at) => ({ now: at, newId: made.newId, random: made.random, derive: desk.derive }),
    performers: performersOf(send),
    report: (error) => void (dead || t.reported.push(error)),
  };
  const attempt = <T>(work: Promise<T>) => Promise.race([work, death]);
  return { deps, attempt, drain: () => attempt(drain(deps)), isDead: () => dead, steps: () => steps };
}

/** Where ids and random bytes come from. */
export interface Making {
  readonly newId: (prefix: string) => string;
  readonly random: (bytes: number) => Uint8Array;
}

let made = 0;
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** Ids count up, so that whoever repeats a run has them in the same order; chance follows from `random`. */
export function makingOf(random: () => number): Making {
  return {
    newId: (prefix) => {
      made += 1;
      let [rest, text] = [made, ''];
      for (; rest > 0; rest = Math.floor(rest / 32)) text = alphabet[rest % 32] + text;
      return `${prefix}_${text.padStart(26, '0')}`;
    },
    random: (bytes) => Uint8Array.from({ length: bytes }, () => Math.floor(random() * 256)),
  };
}

function performersOf(send: typeof fetch): Performers {
  return {
    'prospect.judge': { where: 'inside', perform: judge },
    'rewards.reassess': { where: 'inside', perform: reassess },
    'rewards.inject': { where: 'inside', perform: injectRewards },
    ...stripeHands({ fetch: send }).performers,
  };
}
