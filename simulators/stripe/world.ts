import type { Stripe } from 'stripe';
import { missing } from './failure.ts';
import { freshId } from './ids.ts';
import type { Delivery, JobKind, Objects, State, TableName } from './state.ts';
import type { Event, EventType } from './wire.ts';

/** What the resources work on: the state, the clock, and who is asking. */
export interface World {
  readonly state: State;
  /** Seconds of the virtual clock. */
  readonly now: () => number;
  /** Percent that is added to every invoice line as exclusive tax. */
  readonly taxPercent: () => number;
  /** The request that causes what happens now; nulls when time or the control API does. */
  cause: { readonly id: string | null; readonly idempotency_key: string | null };
}

export const apiVersion = '2026-10-28.endive';
export const nobody: World['cause'] = { id: null, idempotency_key: null };

export const created = (world: World, prefix: string) => ({
  id: freshId(world.state, prefix),
  created: world.now(),
  livemode: false as const,
});

/** Stores a new or replaced object and, with `type`, lets the event of it happen. */
export function put<Name extends TableName>(world: World, table: Name, object: Objects[Name], type?: EventType): Objects[Name] {
  rows(world, table)[object.id] = object;
  if (type !== undefined) emit(world, type, object);
  return object;
}

/** Changes some members; the event tells what they were. Without a change nothing happens. */
export function patch<Name extends TableName>(
  world: World,
  table: Name,
  before: Objects[Name],
  members: Partial<Objects[Name]>,
  type?: EventType,
): Objects[Name] {
  const after: Objects[Name] = { ...before, ...members };
  const previous = differences(before, after);
  if (Object.keys(previous).length === 0) return before;
  rows(world, table)[after.id] = after;
  if (type !== undefined) emit(world, type, after, previous);
  return after;
}

const rows = <Name extends TableName>(world: World, table: Name): Record<string, Objects[Name]> => world.state.objects[table];

/** All of a table that `matches`, oldest first. */
export function select<Name extends TableName>(world: World, table: Name, matches: (object: Objects[Name]) => boolean): Objects[Name][] {
  return Object.values(rows(world, table)).filter(matches);
}

export function find<Name extends TableName>(world: World, table: Name, id: string): Objects[Name] | undefined {
  return Object.hasOwn(world.state.objects[table], id) ? world.state.objects[table][id] : undefined;
}

/** The object of an id in the path (404 without one). */
export function atPath<Name extends TableName>(world: World, table: Name, id: string, param = 'id'): Objects[Name] {
  return need(world, table, id, param, 404);
}

/** The object that a parameter names (400 without one). */
export function named<Name extends TableName>(world: World, table: Name, id: string, param: string): Objects[Name] {
  return need(world, table, id, param, 400);
}

/** The object that another one or the control interface refers to. */
export function known<Name extends TableName>(world: World, table: Name, id: string | null): Objects[Name] {
  const object = id === null ? undefined : find(world, table, id);
  if (object === undefined) throw new Error(`there is no ${nounOf[table]} ${id}`);
  return object;
}

function need<Name extends TableName>(world: World, table: Name, id: string, param: string, status: 400 | 404): Objects[Name] {
  const object = find(world, table, id);
  if (object === undefined) throw missing(nounOf[table], id, param, status);
  return object;
}

/** Lets an event happen and puts it on its way to every endpoint that asked for its type. */
export function emit(world: World, type: EventType, object: object, previous?: Readonly<Record<string, unknown>>): Event {
  const { state } = world;
  const account =
    'object' in object && object.object === 'account' && 'id' in object && typeof object.id === 'string' ? object.id : undefined;
  const isFor = ({ id, status, enabled_events: types }: Stripe.WebhookEndpoint): boolean =>
    status === 'enabled' &&
    (types.includes('*') || types.includes(type)) &&
    Object.hasOwn(state.connectEndpoints, id) === (account !== undefined);
  const endpoints = Object.values(state.objects.webhook_endpoints).filter(isFor);
  const event: Event = {
    id: freshId(state, 'evt'),
    object: 'event',
    ...(account === undefined ? {} : { account }),
    api_version: apiVersion,
    created: world.now(),
    data: previous === undefined ? { object } : { object, previous_attributes: previous },
    livemode: false,
    pending_webhooks: endpoints.length,
    request: world.cause,
    type,
  };
  state.objects.events[event.id] = event;
  for (const { id } of endpoints) send(world, event.id, id);
  return event;
}

/** Puts an event on its way to an endpoint, `delaySeconds` from now. */
export function send(world: World, event: string, endpoint: string, delaySeconds = 0): Delivery {
  const id = freshId(world.state, 'whd');
  const delivery: Delivery = { id, event, endpoint, attempts: 0, nextAt: world.now() + delaySeconds, status: 'pending', lastStatus: null };
  world.state.deliveries[id] = delivery;
  schedule(world, world.now() + delaySeconds, 'webhook.attempt', id);
  return delivery;
}

export function schedule(world: World, at: number, kind: JobKind, id: string): void {
  world.state.counter += 1;
  world.state.jobs.push({ at, order: world.state.counter, kind, id });
}

function differences(before: object, after: object): Record<string, unknown> {
  const old = new Map<string, unknown>(Object.entries(before));
  const changed = Object.entries(after).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(old.get(name)));
  return Object.fromEntries(changed.map(([name]) => [name, old.get(name) ?? null]));
}

const nounOf: Readonly<Record<TableName, string>> = {
  accounts: 'account',
  balance_transactions: 'customer balance transaction',
  charges: 'charge',
  checkout_sessions: 'checkout session',
  coupons: 'coupon',
  credit_grants: 'billing credit grant',
  credit_notes: 'credit note',
  customers: 'customer',
  discounts: 'discount',
  disputes: 'dispute',
  events: 'event',
  features: 'entitlements feature',
  invoice_items: 'invoiceitem',
  invoice_payments: 'invoice payment',
  invoices: 'invoice',
  payment_intents: 'payment_intent',
  prices: 'price',
  product_features: 'product feature',
  products: 'product',
  promotion_codes: 'promotion code',
  refunds: 'refund',
  subscriptions: 'subscription',
  transfer_reversals: 'transfer reversal',
  transfers: 'transfer',
  webhook_endpoints: 'webhook endpoint',
};
