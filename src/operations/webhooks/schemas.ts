import * as z from 'zod';
import type { EffectRow, WebhookEndpointRow } from '../../db/work-queries.ts';
import type { Principal } from '../../domain/actor.ts';
import type { Given } from '../../domain/decision.ts';
import { eventTypes } from '../../domain/event-types.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { owns } from '../../domain/visibility.ts';
import { secretOf } from '../../domain/webhook.ts';
import { webhookSecret } from '../../domain/webhook-signature.ts';
import type { Desk } from '../desk.ts';
import type { Replay } from '../operation.ts';
import { id, instant, organizationId } from '../vocabulary.ts';

export const endpointId = id('whe', 'a webhook endpoint, as given by create_webhook_endpoint');
export const deliveryId = id('eff', 'a delivery, as given by list_webhook_endpoint_deliveries');

export const endpointUrl = z
  .string()
  .min(12)
  .max(2048)
  .regex(/^https?:\/\/[\x21-\x7e]+$/)
  .describe('Where events are posted to: https, port 443 or 8443, a public host name. Redirects are not followed.');

export const subscribedTypes = z
  .array(z.enum(['*', ...eventTypes]))
  .min(1)
  .max(eventTypes.length + 1)
  .describe('Which events it hears of; `*` for all, those of later releases included.');

export const endpointView = z
  .strictObject({
    id: endpointId,
    organization_id: organizationId.nullable().describe("Null: the vendor's own, which hears of every organization."),
    url: z.string(),
    types: z.array(z.string()),
    status: z.enum(['active', 'disabled']).describe('A disabled endpoint misses what happens meanwhile.'),
    disabled_because: z.enum(['gone', 'owner']).nullable().describe('`gone`: it answered 410. `owner`: it was turned off.'),
    secret_version: z.int(),
    previous_secret_until: instant.nullable().describe('Until then the secret of the version before signs as well.'),
    created_at: instant,
  })
  .meta({ id: 'WebhookEndpoint' });

export const secretFields = {
  secret: z.string().nullable().describe('`whsec_` and base64, for Standard Webhooks signatures. Shown now and not again: keep it.'),
  secret_reason: z.string().nullable().describe('Why the secret is not shown.'),
};

export const deliveryStatus = z
  .enum(['waiting', 'delivered', 'dead', 'discarded'])
  .describe('`dead`: given up after 75 hours of attempts, or at once where none can help.');

export const deliveryView = z
  .strictObject({
    id: deliveryId,
    endpoint_id: endpointId,
    event_id: id('evt', 'the event: also the webhook-id that the receiver gets'),
    event_type: z.string(),
    status: deliveryStatus,
    attempts: z.int(),
    last_http_status: z.int().nullable(),
    last_error: z.string().nullable().describe('What came of the last attempt, in our words.'),
    next_attempt_at: instant.nullable(),
    created_at: instant,
    settled_at: instant.nullable(),
  })
  .meta({ id: 'WebhookDelivery' });

export function showEndpoint(row: WebhookEndpointRow): z.input<typeof endpointView> {
  return {
    id: row.endpoint_id,
    organization_id: row.organization_id,
    url: row.url,
    types: [...row.types],
    status: row.state === 'active' ? 'active' : 'disabled',
    disabled_because: row.state === 'active' ? null : row.disabled_because === 'gone' ? 'gone' : 'owner',
    secret_version: row.secret_version,
    previous_secret_until: row.previous_until,
    created_at: row.created_at,
  };
}

/** As the outbox knows it; null: any. */
export const storedStatus = (status: z.output<typeof deliveryStatus> | undefined): EffectRow['state'] | null =>
  status === 'delivered' ? 'done' : (status ?? null);

export function showDelivery(row: EffectRow): z.input<typeof deliveryView> {
  // A delivery's payload is the program's own (`domain/webhook.ts`).
  const { endpoint_id, event } = row.payload as { endpoint_id: string; event: { id: string; type: string } };
  return {
    id: row.effect_id,
    endpoint_id,
    event_id: event.id,
    event_type: event.type,
    status: row.state === 'done' ? 'delivered' : row.state,
    attempts: row.attempts,
    last_http_status: row.last_status,
    last_error: row.last_error,
    next_attempt_at: row.state === 'waiting' ? row.due_at : null,
    created_at: row.created_at,
    settled_at: row.settled_at,
  };
}

/** The caller's own endpoint, whatever its state but deleted. */
export function ownEndpoint(row: WebhookEndpointRow | null, principal: Principal): Result<WebhookEndpointRow, 'resource.not_found'> {
  const isOwn = row !== null && row.state !== 'deleted' && owns(principal, { organizationId: row.organization_id });
  return isOwn ? ok(row) : refuse('resource.not_found');
}

/** What identifies a caller's endpoints for their quota. */
export const quotaOf = (organizationId: string | null) => ({ name: 'webhooks.endpoints', subject: organizationId ?? 'vendor' });

/** The secret of this version, now; on a replay only while it is current and the commit younger than a day. */
export function showSecret(
  derive: Given['derive'],
  issued: { readonly endpointId: string; readonly version: number },
  replay: Replay | null,
  now: Date,
): { secret: string | null; secret_reason: string | null } {
  const hidden = replay && whyHidden(issued.version, replay, now);
  if (hidden) return { secret: null, secret_reason: hidden };
  return { secret: webhookSecret(secretOf(derive, issued.endpointId, issued.version)), secret_reason: null };
}

function whyHidden(version: number, { endpoint, committedAt }: Replay, now: Date): string | null {
  if (!endpoint || endpoint.state === 'deleted') return 'endpoint_deleted';
  if (endpoint.secret_version !== version) return 'secret_rotated';
  return now.getTime() - committedAt.getTime() >= 86_400_000 ? 'shown_within_24_hours_only' : null;
}

/** The address by its form; what its name resolves to is looked at with every delivery. */
export function reachable(url: string | undefined, desk: Desk): Result<undefined, 'request.invalid'> {
  if (url === undefined || desk.mayReach(url)) return ok(undefined);
  const message = 'Give an https address with a public host name on port 443 or 8443, without user name or password.';
  return refuse('request.invalid', { issues: [{ pointer: '/url', code: 'address', message }] });
}

/** Each once, in the order of the list; `*` alone says it all. */
export function normalTypes(types: readonly string[]): readonly string[] {
  return types.includes('*') ? ['*'] : eventTypes.filter((type) => types.includes(type));
}
