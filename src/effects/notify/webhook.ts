import type { GuardedFetch } from '../../access/guarded-fetch.ts';
import type { Claimed } from '../../db/outbox.ts';
import { queries } from '../../db/queries.ts';
import type { WebhookEndpointRow } from '../../db/work-queries.ts';
import { fractionOf } from '../../domain/backoff.ts';
import type { Changes } from '../../domain/decision.ts';
import { tell } from '../../domain/stage.ts';
import { changeOf, type Delivery, deliveryDelayS, signingSecrets } from '../../domain/webhook.ts';
import { signWebhook } from '../../domain/webhook-signature.ts';
import type { Performer, Scene, Settlement } from '../effect.ts';

/**
 * Delivers one event to one endpoint as Standard Webhooks 1.0.0 says: the event is the body and its id the message's, so that a receiver
 * knows a repetition; 2xx is success, a redirect is not, 410 disables the endpoint, anything else is tried again for 75 hours.
 * The answer's body is not read.
 */
export function webhookDelivery(fetch: GuardedFetch): Performer {
  return async (effect, scene) => {
    // Staged by `stageDeliveries`, in this form.
    const { endpoint_id, event } = effect.payload as Delivery;
    const [endpoint] = await scene.consult([queries.webhookEndpoint(endpoint_id)]);
    if (endpoint === null || endpoint.state === 'deleted') return { kind: 'done', note: 'endpoint_deleted' };
    if (endpoint.state === 'disabled') return { kind: 'dead', error: 'endpoint_disabled', counts: false };
    const body = JSON.stringify(event);
    if (new TextEncoder().encode(body).length > mostBytes) return { kind: 'dead', error: 'event_too_large', counts: false };
    const signature = signWebhook({
      id: event.id,
      timestamp: Math.floor(scene.now.getTime() / 1000),
      body,
      secrets: signingSecrets(scene.given.derive, endpoint, scene.now),
    });
    const answer = await fetch({
      url: endpoint.url,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'frontdesk-webhooks/1', ...signature },
      body,
      maxBytes: 0,
      timeoutMs: patienceMs,
    });
    if (!answer.ok) return again(effect, scene, { error: answer.reason });
    const { status, headers } = answer;
    if (status >= 200 && status < 300) return { kind: 'done', status };
    if (status === 410) return { kind: 'dead', error: 'endpoint_gone', status, counts: false, changes: disabled(endpoint, scene) };
    return again(effect, scene, { error: `http_${status}`, status }, retryAfterS(headers.get('retry-after'), scene.now));
  };
}

const mostBytes = 20_480;
const patienceMs = 15_000;

function again({ attempts }: Claimed, { given }: Scene, what: { error: string; status?: number }, askedS = 0): Settlement {
  const delayS = deliveryDelayS(attempts, fractionOf(given.random(4)));
  return delayS === null ? { kind: 'dead', ...what } : { kind: 'retry', ...what, afterS: Math.max(delayS, askedS) };
}

/** RFC 9110 §10.2.3: seconds, or a date. A day at most; 0 when it is neither. */
function retryAfterS(text: string | null, now: Date): number {
  if (text === null) return 0;
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : Math.ceil((Date.parse(text) - now.getTime()) / 1000);
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), 86_400) : 0;
}

/** The receiver says that it is gone for good. Its owner hears of it elsewhere, and can turn it on again. */
function disabled(endpoint: WebhookEndpointRow, { given }: Scene): Changes {
  const { endpoint_id, organization_id } = endpoint;
  return {
    changed_endpoints: [{ ...changeOf(endpoint), state: 'disabled', disabled_because: 'gone' }],
    events: [tell(given, { type: 'webhook.disabled', organization_id, subject_id: endpoint_id, data: { endpoint_id, reason: 'gone' } })],
  };
}
