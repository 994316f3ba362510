import { type Clock, createClock, runJob, takeDueJob } from './clock.ts';
import { createHand, type Hand } from './control/hand.ts';
import { type Summary, summarized } from './control/summary.ts';
import { createWebhookControl, type WebhookControl } from './control/webhook-control.ts';
import { type Courier, createCourier } from './courier.ts';
import { answerRequest } from './http/app.ts';
import { createFaults, type Faults } from './http/faults.ts';
import { emptyState, type State } from './state.ts';
import { type Deliver, deliverByFetch } from './webhooks.ts';
import { nobody, type World } from './world.ts';

export interface SimulatorOptions {
  /** Ids, secrets and shuffles follow from it. */
  readonly seed?: number;
  /** What `snapshot()` gave: goes on from there, and its seed wins. */
  readonly snapshot?: string;
  /** Seconds since 1970; the system clock unless told. The virtual clock is ahead of it by what `advance` added. */
  readonly now?: () => number;
  /** How webhooks travel; by HTTP to this machine unless told. */
  readonly deliver?: Deliver;
  /** Exclusive tax on every invoice; none unless told. */
  readonly taxPercent?: number;
}

export interface AdvanceOptions {
  /** Awaited after each thing that happened, before the clock moves on: the time in which the other side works. */
  readonly afterEach?: () => Promise<unknown>;
}

/** Stripe without a socket, and the hand of the one who plays payers, banks and time. Amounts in minor units. */
export interface StripeSimulator extends Hand {
  /** For `Stripe.createFetchHttpClient(simulator.fetch)`. Rejects when a fault breaks the connection. */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /** The account that events and links belong to. */
  readonly account: string;
  readonly now: () => number;
  /** Moves the clock; invoices, renewals, retries, expiries and webhooks happen in the order of time. */
  readonly advance: (seconds: number, options?: AdvanceOptions) => Promise<void>;
  /** When the next thing happens by itself, null when nothing is planned. */
  readonly nextAt: () => number | null;
  /** Until no webhook that is due now is under way. */
  readonly settled: () => Promise<void>;
  readonly snapshot: () => string;
  readonly faults: Omit<Faults, 'meet'>;
  readonly webhooks: WebhookControl;
  readonly setTaxPercent: (percent: number) => void;
  readonly summary: (metadataKey?: string) => Summary;
  /** Does what the base clock made due; `advance` and every request do so too. */
  readonly tick: () => Promise<void>;
}

/** A simulator in this process; see `startStripeSimulator` for one behind a port. */
export function createStripeSimulator(options: SimulatorOptions = {}): StripeSimulator {
  const state: State = options.snapshot === undefined ? emptyState(options.seed ?? 1) : restored(options.snapshot);
  const base = options.now ?? (() => Math.floor(Date.now() / 1000));
  const clock = createClock(base, () => state.offsetSeconds);
  let taxPercent = options.taxPercent ?? 0;
  const world: World = { state, now: clock.now, taxPercent: () => taxPercent, cause: nobody };
  const faults = createFaults();
  const deliver = options.deliver ?? deliverByFetch;
  const desk = { world, faults, inUse: new Set<string>() };
  const courier = createCourier(world, deliver);

  return {
    fetch: async (input, init) => {
      courier.runDue();
      const answer = await answerRequest(desk, new Request(input, init)).finally(courier.kick);
      return answer;
    },
    account: state.account,
    now: clock.now,
    advance: (seconds, { afterEach } = {}) => advance(world, clock, courier, seconds, afterEach),
    nextAt: () => (state.jobs.length === 0 ? null : Math.min(...state.jobs.map(({ at }) => at))),
    settled: courier.settled,
    snapshot: () => {
      forget(world);
      return JSON.stringify(state);
    },
    faults,
    webhooks: createWebhookControl(world, deliver, courier),
    ...createHand(world, courier.kick),
    setTaxPercent: (percent) => {
      taxPercent = percent;
    },
    summary: (metadataKey) => summarized(world, metadataKey),
    tick: () => {
      courier.runDue();
      courier.kick();
      return courier.settled();
    },
  };
}

async function advance(world: World, clock: Clock, courier: Courier, seconds: number, afterEach?: () => Promise<unknown>): Promise<void> {
  if (!(seconds >= 0)) throw new Error('time does not go back');
  await courier.settled();
  const start = clock.now();
  const target = start + seconds;
  try {
    for (let job = takeDueJob(world, target, courier.isRunnable); job !== undefined; job = takeDueJob(world, target, courier.isRunnable)) {
      clock.holdAt(Math.max(clock.now(), job.at));
      if (job.kind === 'webhook.attempt') await courier.attemptJob(job);
      else runJob(world, job);
      await afterEach?.();
      // What the other side caused just now is delivered before time moves on.
      await courier.settled();
    }
  } finally {
    clock.holdAt(null);
    world.state.offsetSeconds += seconds;
  }
}

/** Stripe keeps events for 30 days and answers for one. */
function forget({ state, now }: World): void {
  const { events } = state.objects;
  for (const [id, event] of Object.entries(events)) if (event.created <= now() - 30 * 86_400) delete events[id];
  for (const [id, delivery] of Object.entries(state.deliveries)) {
    if (!Object.hasOwn(events, delivery.event)) delete state.deliveries[id];
  }
  for (const [slot, answer] of Object.entries(state.answers)) if (answer.at <= now() - 86_400) delete state.answers[slot];
}

function restored(snapshot: string): State {
  const stored: State = JSON.parse(snapshot);
  const state = { ...emptyState(stored.seed), ...stored };
  // What was on its way when the snapshot was taken is tried again.
  for (const one of Object.values(state.deliveries)) {
    if (one.status !== 'pending' || one.nextAt !== null) continue;
    state.deliveries[one.id] = { ...one, nextAt: 0 };
    state.jobs.push({ at: 0, order: 0, kind: 'webhook.attempt', id: one.id });
  }
  return state;
}
