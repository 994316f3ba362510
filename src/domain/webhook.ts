import type { Given } from './decision.ts';
import { invariant } from './result.ts';
import { stageEffect } from './stage.ts';
import type { PublishedEvent, StagedEffect } from './work-changes.ts';

/**
 * The effects that tell every endpoint what it asked to hear: an organization's endpoint hears only what is its organization's own, the
 * vendor's hears everything. The events have their sequences already. Events about one subject reach one endpoint in their order.
 */
export function stageDeliveries(
  events: readonly PublishedEvent[],
  endpoints: readonly Subscription[],
  given: Pick<Given, 'now' | 'newId'>,
): StagedEffect[] {
  return events.flatMap((event) => {
    const { sequence, subject_id } = event;
    invariant(sequence !== null, 'only an event with a sequence is delivered');
    return endpoints
      .filter((endpoint) => hears(endpoint, event))
      .map(({ endpoint_id, organization_id }) =>
        stageEffect(given, {
          kind: deliveryKind,
          aggregate: `${endpoint_id}:${subject_id}`,
          position: sequence,
          destination: endpoint_id,
          organization_id,
          payload: { endpoint_id, event: asSent(event, sequence) } satisfies Delivery,
        }),
      );
  });
}

/** The effect's kind, as performers are found by it. */
export const deliveryKind = 'webhook.deliver';

/** What an endpoint asked for. `types` are event types, or `*` for all. */
export interface Subscription {
  readonly endpoint_id: string;
  readonly organization_id: string | null;
  readonly types: readonly string[];
  readonly state: 'active' | 'disabled' | 'deleted';
}

/** An endpoint that is not deleted, as a change to it begins: whole, as it is. */
export function changeOf(stored: StoredEndpoint) {
  const { endpoint_id, state, url, types, disabled_because, secret_version, previous_until } = stored;
  const from_state = state === 'active' ? ('active' as const) : ('disabled' as const);
  const kept = { url, types, state, disabled_because, secret_version, previous_until, deleted_at: null };
  return { endpoint_id, from_state, from_version: secret_version, ...kept };
}

interface StoredEndpoint extends Subscription {
  readonly url: string;
  readonly disabled_because: string | null;
  readonly secret_version: number;
  readonly previous_until: string | null;
}

/** The payload of a delivery. Its event is the body that is sent. */
export interface Delivery {
  readonly endpoint_id: string;
  readonly event: EventSent;
}

/** An event as subscribers read it. `sequence` grows without gaps within a tenant; an organization sees some of them. */
export interface EventSent {
  readonly id: string;
  readonly type: string;
  readonly api_version: 'v1';
  readonly occurred_at: string;
  readonly sequence: number;
  readonly data: object;
}

/** How many endpoints an organization, or the vendor itself, may have. */
export const mostEndpoints = 20;

/** For how long the version before a rotation signs as well. */
export const overlapMs = 86_400_000;

/** The 32 bytes of an endpoint's secret in this version. Derived, so that nothing of it is stored. */
export function secretOf(derive: Given['derive'], endpointId: string, version: number): Uint8Array {
  return derive('webhook-secret', endpointId, version);
}

/** The secrets that sign now, the newest first: also the one before, until its time is over. */
export function signingSecrets(
  derive: Given['derive'],
  endpoint: { readonly endpoint_id: string; readonly secret_version: number; readonly previous_until: string | null },
  now: Date,
): Uint8Array[] {
  const { endpoint_id, secret_version, previous_until } = endpoint;
  const both = previous_until !== null && now < new Date(previous_until);
  const versions = both ? [secret_version, secret_version - 1] : [secret_version];
  return versions.map((version) => secretOf(derive, endpoint_id, version));
}

/**
 * Seconds until a delivery is tried again after `attempts` failed ones: the schedule that Standard Webhooks 1.0.0 gives as an example,
 * each step up to a tenth longer by chance (`random` from 0 to 1) so that receivers that failed together are not called together.
 * Null after the tenth attempt, more than 75 hours after the first.
 */
export function deliveryDelayS(attempts: number, random: number): number | null {
  const delay = delaysS[attempts - 1];
  return delay === undefined ? null : Math.round(delay * (1 + random / 10));
}

const delaysS = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

function hears({ types, state, organization_id }: Subscription, event: PublishedEvent): boolean {
  if (state !== 'active') return false;
  if (organization_id !== null && organization_id !== event.organization_id) return false;
  return types.includes('*') || types.includes(event.type);
}

function asSent({ event_id, type, occurred_at, data }: PublishedEvent, sequence: string): EventSent {
  return { id: event_id, type, api_version: 'v1', occurred_at, sequence: Number(sequence), data };
}
