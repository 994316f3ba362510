import type { Courier } from '../courier.ts';
import { sequence } from '../ids.ts';
import type { Delivery } from '../state.ts';
import { attempt, type Deliver } from '../webhooks.ts';
import type { Event, EventType } from '../wire.ts';
import { emit, find, known, schedule, send, type World } from '../world.ts';

/** Which deliveries are meant: all of them, those of a type, those of one event. */
export interface WebhookFilter {
  readonly type?: EventType;
  readonly event?: string;
}

/** The hand on the wire between Stripe and its endpoints. */
export interface WebhookControl {
  /** Nothing is delivered by itself any more. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** What is still to be delivered, oldest first. */
  readonly pending: (filter?: WebhookFilter) => readonly (Delivery & { readonly type: string })[];
  readonly events: (filter?: WebhookFilter) => readonly Event[];
  /** Attempts what is pending now, whatever its time, one after the other; gives the statuses. */
  readonly deliver: (filter?: WebhookFilter) => Promise<readonly number[]>;
  /** The same in an order that follows from `seed`. */
  readonly deliverShuffled: (seed: number, filter?: WebhookFilter) => Promise<readonly number[]>;
  /** Delivers an event `times` more to every endpoint that gets it, all at once; gives the statuses. */
  readonly duplicate: (event: string, times: number) => Promise<readonly number[]>;
  /** A second event of the same change, with an id of its own. */
  readonly emitAgain: (event: string) => Promise<string>;
  /** What is pending is lost, and never tried again. */
  readonly drop: (filter?: WebhookFilter) => number;
  /** What is pending comes so much later. */
  readonly delay: (seconds: number, filter?: WebhookFilter) => number;
}

export function createWebhookControl(world: World, deliver: Deliver, courier: Courier): WebhookControl {
  const { state } = world;
  const isMeant = (id: string, { type, event }: WebhookFilter): boolean =>
    (event ?? id) === id && (type === undefined || find(world, 'events', id)?.type === type);
  const pending = (filter: WebhookFilter = {}): Delivery[] =>
    Object.values(state.deliveries).filter((one) => one.status === 'pending' && isMeant(one.event, filter));
  const replace = (deliveries: readonly Delivery[], change: (one: Delivery) => Partial<Delivery>): number => {
    for (const one of deliveries) state.deliveries[one.id] = { ...one, ...change(one) };
    return deliveries.length;
  };
  const inOrder = async (deliveries: readonly Delivery[]): Promise<number[]> => {
    const statuses: number[] = [];
    for (const { id } of deliveries) statuses.push((await attempt(world, deliver, id))?.lastStatus ?? 0);
    return statuses;
  };
  return {
    pause: courier.pause,
    resume: courier.resume,
    pending: (filter) => pending(filter).map((one) => ({ ...one, type: known(world, 'events', one.event).type })),
    events: (filter = {}) => Object.values(state.objects.events).filter(({ id }) => isMeant(id, filter)),
    deliver: (filter) => inOrder(pending(filter)),
    deliverShuffled: (seed, filter) => inOrder(shuffled(pending(filter), sequence(seed))),
    duplicate: async (id, times) => {
      known(world, 'events', id);
      const endpoints = new Set(
        Object.values(state.deliveries)
          .filter(({ event }) => event === id)
          .map(({ endpoint }) => endpoint),
      );
      const copies = Array.from({ length: times }, () => [...endpoints].map((endpoint) => send(world, id, endpoint))).flat();
      const attempts = await Promise.all(copies.map((copy) => attempt(world, deliver, copy.id)));
      return attempts.map((one) => one?.lastStatus ?? 0);
    },
    emitAgain: async (id) => {
      const { type, data } = known(world, 'events', id);
      const again = emit(world, type, data.object, data.previous_attributes);
      courier.kick();
      await courier.settled();
      return again.id;
    },
    drop: (filter) => replace(pending(filter), () => ({ status: 'dropped', nextAt: null })),
    delay: (seconds, filter) =>
      replace(pending(filter), (one) => {
        const nextAt = Math.max(one.nextAt ?? 0, world.now()) + seconds;
        schedule(world, nextAt, 'webhook.attempt', one.id);
        return { nextAt };
      }),
  };
}

function shuffled<T>(items: readonly T[], next: () => number): T[] {
  return items
    .map((item) => ({ item, weight: next() }))
    .sort((a, b) => a.weight - b.weight)
    .map(({ item }) => item);
}
