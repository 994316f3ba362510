/** A desk beside the simulator of Stripe on one clock that only moves when told, with a door for webhooks and workers that can die. */
import type Stripe from 'stripe';
import { createStripeSimulator, type StripeSimulator } from '../../simulators/stripe/simulator.ts';
import type { State } from '../../simulators/stripe/state.ts';
import type { Db } from '../../src/db/batch.ts';
import { openStripe } from '../../src/effects/stripe/client.ts';
import { stripeHands } from '../../src/effects/stripe/hands.ts';
import { brokenInvariants } from './ledger-invariants.ts';
import { sql } from './sql.ts';
import { connect, secretKey } from './stripe-world.ts';
import { openTestWorld, type TestWorld } from './world.ts';

export interface MoneyWorld {
  readonly t: TestWorld;
  /** The vendor's own hand at its account. */
  readonly stripe: Stripe;
  /** Whichever stands in for Stripe now. */
  readonly simulator: () => StripeSimulator;
  /** What is sent to Stripe, from whichever worker. */
  readonly fetch: typeof fetch;
  /** Everything that happened at Stripe so far is over and done with: the account stays, with the objects, and without the events. */
  readonly forgetEvents: () => void;
  /** An account without objects, at the same time; its ids are new. */
  readonly beginAnew: () => void;
}

const begin = Date.parse('2026-03-01T00:00:00Z') / 1000;

/** Opens it on a migrated database. Nothing happens by itself: webhooks wait to be delivered, effects to be drained. */
export async function openMoneyWorld(db: Db, atEnd: (close: () => Promise<void>) => void): Promise<MoneyWorld> {
  let simulator = make();
  let latest = 0;
  const send: typeof fetch = (input, init) => simulator.fetch(input, init);
  // Each look at the clock is a millisecond later than the one before.
  const now = () => {
    latest = Math.max(latest + 1, simulator.now() * 1000);
    return new Date(latest);
  };
  const t = await openTestWorld({ db, atEnd, now, pause: async () => {}, payments: stripeHands({ fetch: send }) });
  const stripe = openStripe({ secretKey }, { fetch: send });
  await connect(t, stripe, simulator.account);
  const connected = simulator.snapshot();

  function make(snapshot?: string): StripeSimulator {
    const made = createStripeSimulator({
      seed: 1,
      now: () => begin,
      ...(snapshot === undefined ? {} : { snapshot }),
      async deliver(url, headers, body) {
        const answer = await t.app.fetch(new Request(url, { method: 'POST', headers: { Host: new URL(url).host, ...headers }, body }));
        return answer.status;
      },
    });
    made.webhooks.pause();
    return made;
  }
  const goOn = (from: string, change: (state: State, now: State) => Partial<State>): void => {
    const [stored, current]: State[] = [JSON.parse(from), JSON.parse(simulator.snapshot())];
    if (stored && current) simulator = make(JSON.stringify({ ...stored, ...change(stored, current) }));
  };
  return {
    ...{ t, stripe, fetch: send },
    simulator: () => simulator,
    forgetEvents: () =>
      goOn(simulator.snapshot(), ({ objects, jobs }) => ({
        objects: { ...objects, events: {} },
        deliveries: {},
        jobs: jobs.filter(({ kind }) => kind !== 'webhook.attempt'),
      })),
    beginAnew: () => goOn(connected, (_, { counter, offsetSeconds }) => ({ counter, offsetSeconds })),
  };
}

/** Which invariants of the ledger do not hold, as its writer sees them, where all work was done. */
export const brokenMoneyInvariants = ({ t }: MoneyWorld): Promise<string[]> =>
  brokenInvariants(async (text) => (await sql(t, text)) as unknown as readonly never[], t.world.deps.now());
