import { runJob, takeDueJob } from './clock.ts';
import type { Job } from './state.ts';
import { attempt, type Deliver } from './webhooks.ts';
import type { World } from './world.ts';

/** What brings webhooks and does planned work when it is due. */
export interface Courier {
  readonly pause: () => void;
  readonly resume: () => void;
  /** Does the due work that is no webhook. */
  readonly runDue: () => void;
  /** Starts delivering what is due; somebody else awaits it. */
  readonly kick: () => void;
  readonly settled: () => Promise<void>;
  readonly attemptJob: (job: Job) => Promise<void>;
  readonly isRunnable: (job: Job) => boolean;
}

export function createCourier(world: World, deliver: Deliver): Courier {
  let isPaused = false;
  let running: Promise<void> | undefined;
  const isWebhook = ({ kind }: Job): boolean => kind === 'webhook.attempt';
  const attemptJob = async ({ id }: Job): Promise<void> => {
    const at = world.state.deliveries[id]?.nextAt ?? null;
    if (at !== null && at <= world.now()) await attempt(world, deliver, id);
  };
  const next = (): Job | undefined => (isPaused ? undefined : takeDueJob(world, world.now(), isWebhook));
  const pump = async (): Promise<void> => {
    for (let job = next(); job !== undefined; job = next()) await attemptJob(job);
  };
  const kick = (): void => {
    running ??= pump().finally(() => {
      running = undefined;
      // What became due while the last answer was on its way.
      if (!isPaused && world.state.jobs.some((job) => isWebhook(job) && job.at <= world.now())) kick();
    });
  };
  return {
    pause: () => {
      isPaused = true;
    },
    resume: () => {
      isPaused = false;
      kick();
    },
    runDue: () => {
      for (let job = takeDueJob(world, world.now(), (one) => !isWebhook(one)); job !== undefined; ) {
        runJob(world, job);
        job = takeDueJob(world, world.now(), (one) => !isWebhook(one));
      }
    },
    kick,
    settled: async () => {
      while (running !== undefined) await running;
    },
    attemptJob,
    isRunnable: (job) => !isPaused || !isWebhook(job),
  };
}
