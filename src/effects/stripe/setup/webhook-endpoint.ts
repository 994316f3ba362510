import type Stripe from 'stripe';
import { sha256Hex } from '../../../domain/canonical.ts';
import { type Answer, ask } from '../answer.ts';
import { apiVersion } from '../client.ts';

/** Whose events an endpoint is told: of the tenant's own account, or of the accounts that are connected to it. */
export type EndpointScope = 'account' | 'connect';

export interface EndpointWanted {
  readonly tenant: string;
  readonly url: string;
  readonly types: readonly string[];
  readonly scope: EndpointScope;
  /** The signing secrets that we have. */
  readonly secrets: readonly string[];
  /** Whether a new one is made even where a secret of it is known. */
  readonly rotate?: boolean;
}

export interface EndpointPrepared {
  readonly endpointId: string;
  readonly outcome: 'kept' | 'updated' | 'made';
  /** Of an endpoint that was made; of one that stays it is known. */
  readonly secret: string | null;
  /** Endpoints in its place that go once the new secret is stored: see `removeEndpoints`. */
  readonly replaced: readonly string[];
}

/** One of a tenant's endpoints as it stands at Stripe. */
export interface EndpointFound {
  readonly endpointId: string;
  /** What it differs in from what it has to be; of `secret`: none that we have. */
  readonly differs: readonly ('url' | 'types' | 'version' | 'secret' | 'status')[];
}

/**
 * Makes an account have exactly one endpoint for the tenant, which speaks the pinned version. One whose secret is not known, or that
 * speaks another version, cannot be mended, so that another one takes its place; the old one goes on until `removeEndpoints`.
 */
export async function prepareEndpoint(stripe: Stripe, wanted: EndpointWanted): Promise<Answer<EndpointPrepared>> {
  const listed = await listEndpoints(stripe);
  if (listed.kind !== 'ok') return listed;
  const ours = listed.value.filter((endpoint) => isOurs(endpoint, wanted));
  const kept = wanted.rotate ? undefined : ours.find((endpoint) => isMendable(differences(endpoint, wanted)));
  const replaced = ours.filter((endpoint) => endpoint !== kept).map(({ id }) => id);
  if (kept === undefined) return make(stripe, wanted, replaced);
  const { id: endpointId } = kept;
  if (differences(kept, wanted).length === 0) return { kind: 'ok', value: { endpointId, outcome: 'kept', secret: null, replaced } };
  const updated = await ask('webhook_endpoint', () =>
    stripe.webhookEndpoints.update(endpointId, { url: wanted.url, enabled_events: typesOf(wanted), disabled: false }),
  );
  return updated.kind === 'ok' ? { kind: 'ok', value: { endpointId, outcome: 'updated', secret: null, replaced } } : updated;
}

/** Ends endpoints that were replaced. Missing ones are gone already. */
export async function removeEndpoints(stripe: Stripe, endpointIds: readonly string[]): Promise<Answer<{ readonly removed: number }>> {
  for (const id of endpointIds) {
    const gone = await ask('webhook_endpoint', () => stripe.webhookEndpoints.del(id));
    if (gone.kind !== 'ok' && gone.kind !== 'missing') return gone;
  }
  return { kind: 'ok', value: { removed: endpointIds.length } };
}

/** The tenant's endpoints of this scope, the best first: the one with the fewest differences. */
export async function findEndpoints(stripe: Stripe, wanted: EndpointWanted): Promise<Answer<readonly EndpointFound[]>> {
  const listed = await listEndpoints(stripe);
  if (listed.kind !== 'ok') return listed;
  const found = listed.value
    .filter((endpoint) => isOurs(endpoint, wanted))
    .map((endpoint) => ({ endpointId: endpoint.id, differs: differences(endpoint, wanted) }));
  return { kind: 'ok', value: found.sort((a, b) => a.differs.length - b.differs.length) };
}

/** Stripe allows sixteen endpoints an account, so that one page holds them all. */
async function listEndpoints(stripe: Stripe): Promise<Answer<readonly Stripe.WebhookEndpoint[]>> {
  const page = await ask('list', () => stripe.webhookEndpoints.list({ limit: 100 }));
  return page.kind === 'ok' ? { kind: 'ok', value: page.value.data } : page;
}

async function make(stripe: Stripe, wanted: EndpointWanted, replaced: readonly string[]): Promise<Answer<EndpointPrepared>> {
  const { tenant, url, scope } = wanted;
  const made = await ask('webhook_endpoint', () =>
    stripe.webhookEndpoints.create({
      url,
      enabled_events: typesOf(wanted),
      api_version: apiVersion,
      ...(scope === 'connect' ? { connect: true } : {}),
      description: `Frontdesk, ${scope === 'connect' ? 'connected accounts' : 'this account'}`,
      metadata: { frontdesk_tenant: tenant, frontdesk_scope: scope },
    }),
  );
  if (made.kind !== 'ok') return made;
  const { id: endpointId, secret } = made.value;
  // The one time that Stripe shows it; without it the endpoint is of no use, and the next run replaces it.
  if (secret === undefined) return { kind: 'later', error: 'stripe_endpoint_without_secret', unknown: true };
  const marked = await ask('webhook_endpoint', () =>
    stripe.webhookEndpoints.update(endpointId, { metadata: { frontdesk_secret: markOf(secret) } }),
  );
  return marked.kind === 'ok' ? { kind: 'ok', value: { endpointId, outcome: 'made', secret, replaced } } : marked;
}

/** By the mark of an earlier run; an endpoint that a person made for the same address is taken over by the account's. */
function isOurs({ metadata, url }: Stripe.WebhookEndpoint, wanted: EndpointWanted): boolean {
  if (metadata.frontdesk_tenant === wanted.tenant) return (metadata.frontdesk_scope ?? 'account') === wanted.scope;
  return metadata.frontdesk_tenant === undefined && wanted.scope === 'account' && url === wanted.url;
}

function differences(endpoint: Stripe.WebhookEndpoint, wanted: EndpointWanted): EndpointFound['differs'] {
  const has = new Set(endpoint.enabled_events);
  const sameTypes = has.size === wanted.types.length && wanted.types.every((type) => has.has(type));
  return [
    ...(wanted.secrets.some((secret) => markOf(secret) === endpoint.metadata.frontdesk_secret) ? [] : (['secret'] as const)),
    ...(endpoint.api_version === apiVersion ? [] : (['version'] as const)),
    ...(endpoint.status === 'enabled' ? [] : (['status'] as const)),
    ...(endpoint.url === wanted.url ? [] : (['url'] as const)),
    ...(sameTypes ? [] : (['types'] as const)),
  ];
}

const isMendable = (differs: EndpointFound['differs']): boolean => !differs.includes('secret') && !differs.includes('version');

/** Tells which secret an endpoint signs with, without telling anything of the secret: it has more random bits than a hash can be searched for. */
const markOf = (secret: string): string => sha256Hex(secret).slice(0, 16);

// The keys of the translators are the list; that Stripe knows each of them is what the simulator and the live check hold against it.
const typesOf = ({ types }: EndpointWanted) => [...types] as Stripe.WebhookEndpointCreateParams.EnabledEvent[];
