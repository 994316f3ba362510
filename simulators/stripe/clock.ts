import { finalizeWhenDue } from './billing/finalize.ts';
import { retryPayment } from './billing/payment.ts';
import { expireIncomplete, renewWhenDue } from './billing/subscriptions.ts';
import { expireCheckout } from './resources/checkout.ts';
import type { Job } from './state.ts';
import { nobody, type World } from './world.ts';

/** The virtual clock: the clock it was started with, and ahead of it by what was added. It never goes back. */
export interface Clock {
  readonly now: () => number;
  /** Holds the clock at a moment while what is due then is done. */
  readonly holdAt: (moment: number | null) => void;
}

export function createClock(base: () => number, offset: () => number): Clock {
  let held: number | null = null;
  return {
    now: () => held ?? base() + offset(),
    holdAt: (moment) => {
      held = moment;
    },
  };
}

/** The next thing that happens by itself until `moment`, taken from the plan: the earliest, then the first planned. */
export function takeDueJob(world: World, moment: number, isRunnable: (job: Job) => boolean = () => true): Job | undefined {
  const { jobs } = world.state;
  let best = -1;
  for (const [index, job] of jobs.entries()) {
    if (job.at > moment || !isRunnable(job)) continue;
    const current = best < 0 ? undefined : jobs[best];
    if (current === undefined || job.at < current.at || (job.at === current.at && job.order < current.order)) best = index;
  }
  return best < 0 ? undefined : jobs.splice(best, 1)[0];
}

/** Does what is planned, unless it is stale by now. Webhooks are attempted by those who can deliver. */
export function runJob(world: World, { kind, id }: Job): void {
  const { cause } = world;
  world.cause = nobody;
  if (kind === 'invoice.finalize') finalizeWhenDue(world, id);
  if (kind === 'invoice.retry') retryPayment(world, id);
  if (kind === 'subscription.renew') renewWhenDue(world, id);
  if (kind === 'subscription.expire_incomplete') expireIncomplete(world, id);
  if (kind === 'checkout.expire') expireCheckout(world, id);
  world.cause = cause;
}
