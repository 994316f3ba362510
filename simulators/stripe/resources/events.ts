import type { Stripe } from 'stripe';
import { invalid } from '../failure.ts';
import { page, pageParameters } from '../http/pages.ts';
import {
  type Accepts,
  changedMetadata,
  emptyable,
  flag,
  isWithin,
  list,
  metadata,
  oneOf,
  type Parameter,
  range,
  required,
  text,
} from '../http/parameters.ts';
import { type Route, route } from '../http/routes.ts';
import { scrambled } from '../ids.ts';
import type { Event } from '../wire.ts';
import { apiVersion, atPath, created, patch, put, select, type World } from '../world.ts';

const retainedSeconds = 30 * 86_400;
const mostEndpoints = 16;

type EnabledEvent = Stripe.WebhookEndpointCreateParams.EnabledEvent;
const isEventType = (given: string): given is EnabledEvent => given === '*' || /^[a-z_]+(?:\.[a-z0-9_]+){1,4}$/.test(given);
const eventType: Parameter<EnabledEvent> = {
  read: (raw, name) => {
    const given = text(100).read(raw, name);
    if (isEventType(given)) return given;
    throw invalid('Invalid event type', { param: name });
  },
};
const endpoint = {
  api_version: oneOf(apiVersion),
  connect: flag(),
  description: emptyable(text(5000)),
  enabled_events: required(list(eventType, { max: 400 })),
  metadata: emptyable(metadata()),
  url: required(text(2048)),
} satisfies Accepts<Stripe.WebhookEndpointCreateParams>;
const endpointUpdate = {
  description: emptyable(text(5000)),
  disabled: flag(),
  enabled_events: list(eventType, { max: 400 }),
  metadata: emptyable(metadata()),
  url: text(2048),
} satisfies Accepts<Stripe.WebhookEndpointUpdateParams>;
const listing = {
  ...pageParameters,
  created: range(),
  delivery_success: flag(),
  type: text(100),
  types: list(text(100), { max: 20 }),
} satisfies Accepts<Stripe.EventListParams>;

/** Events of the last 30 days (those of connected accounts are not the platform's), webhook endpoints, and the platform's balance. */
export const events: readonly Route[] = [
  route('GET', '/v1/events/:id', {}, (world, { at }) => {
    const event = atPath(world, 'events', at('id'));
    if (isRetained(world, event)) return counted(world, event);
    throw invalid(`No such event: '${event.id}'`, { code: 'resource_missing', param: 'id', status: 404 });
  }),
  route('GET', '/v1/events', listing, (world, { input }) => {
    if (input.type !== undefined && input.types !== undefined)
      throw invalid('Pass type or types, not both.', { code: 'parameters_exclusive', param: 'types' });
    const found = select(
      world,
      'events',
      (one) =>
        isRetained(world, one) &&
        one.account === undefined &&
        isWithin(one.created, input.created) &&
        matchesType(one.type, input.type) &&
        (input.types?.some((type) => matchesType(one.type, type)) ?? true) &&
        (input.delivery_success ?? isDelivered(world, one)) === isDelivered(world, one),
    );
    const { data, ...rest } = page(found, input, '/v1/events');
    return { ...rest, data: data.map((event) => counted(world, event)) };
  }),

  route('POST', '/v1/webhook_endpoints', endpoint, (world, { input }) => {
    if (Object.keys(world.state.objects.webhook_endpoints).length >= mostEndpoints)
      throw invalid('You have reached the maximum of 16 webhook endpoints.');
    assertUrl(input.url);
    const base = created(world, 'we');
    const stored: Stripe.WebhookEndpoint = {
      ...base,
      object: 'webhook_endpoint',
      api_version: input.api_version ?? null,
      application: null,
      description: input.description || null,
      enabled_events: input.enabled_events,
      metadata: changedMetadata(null, input.metadata),
      status: 'enabled',
      url: input.url,
    };
    put(world, 'webhook_endpoints', stored);
    const secret = `whsec_${scrambled(world.state.seed, world.state.counter, 32)}`;
    world.state.endpointSecrets[base.id] = secret;
    if (input.connect === true) world.state.connectEndpoints[base.id] = true;
    // The only answer that ever shows it.
    return { ...stored, secret };
  }),
  route('GET', '/v1/webhook_endpoints/:id', {}, (world, { at }) => atPath(world, 'webhook_endpoints', at('id'))),
  route('POST', '/v1/webhook_endpoints/:id', endpointUpdate, (world, { at, input }) => {
    const before = atPath(world, 'webhook_endpoints', at('id'));
    if (input.url !== undefined) assertUrl(input.url);
    return patch(world, 'webhook_endpoints', before, {
      description: input.description === undefined ? before.description : input.description || null,
      enabled_events: input.enabled_events ?? before.enabled_events,
      metadata: input.metadata === undefined ? before.metadata : changedMetadata(before.metadata, input.metadata),
      status: input.disabled === undefined ? before.status : input.disabled ? 'disabled' : 'enabled',
      url: input.url ?? before.url,
    });
  }),
  route('DELETE', '/v1/webhook_endpoints/:id', {}, (world, { at }) => {
    const { id } = atPath(world, 'webhook_endpoints', at('id'));
    delete world.state.objects.webhook_endpoints[id];
    return { id, object: 'webhook_endpoint', deleted: true } satisfies Stripe.DeletedWebhookEndpoint;
  }),
  route('GET', '/v1/webhook_endpoints', pageParameters, (world, { input }) =>
    page(
      select(world, 'webhook_endpoints', () => true),
      input,
      '/v1/webhook_endpoints',
    ),
  ),

  route('GET', '/v1/balance', {}, ({ state: { platform } }) => {
    const amounts = (of: Record<string, number>) =>
      Object.entries(of).map(([currency, amount]) => ({ amount, currency, source_types: { card: amount } }));
    return {
      object: 'balance',
      available: amounts(platform.available),
      livemode: false,
      pending: amounts(platform.pending),
    } satisfies Stripe.Balance;
  }),
];

const isRetained = (world: World, { created: at }: Event): boolean => at > world.now() - retainedSeconds;

function isDelivered(world: World, { id }: Event): boolean {
  return openDeliveries(world, id) === 0;
}

/** Endpoints that have not answered 2xx to it. */
function openDeliveries(world: World, id: string): number {
  const own = Object.values(world.state.deliveries).filter(({ event }) => event === id);
  const reached = new Set(own.filter(({ status }) => status === 'delivered').map(({ endpoint: to }) => to));
  return new Set(own.map(({ endpoint: to }) => to).filter((to) => !reached.has(to))).size;
}

const counted = (world: World, event: Event): Event => ({ ...event, pending_webhooks: openDeliveries(world, event.id) });

/** `invoice.*` means all of that kind. */
function matchesType(type: string, wanted: string | undefined): boolean {
  if (wanted === undefined || wanted === type || wanted === '*') return true;
  return wanted.endsWith('.*') && type.startsWith(wanted.slice(0, -1));
}

function assertUrl(url: string): void {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) throw invalid('Invalid URL', { code: 'url_invalid', param: 'url' });
}
