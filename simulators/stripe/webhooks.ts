import { createdAcknowledged } from './billing/finalize.ts';
import type { Delivery } from './state.ts';
import type { Event } from './wire.ts';
import { find, nobody, schedule, type World } from './world.ts';

/** Brings a signed webhook to an address and says the HTTP status, 0 when nobody answered. */
export type Deliver = (url: string, headers: Readonly<Record<string, string>>, body: string) => Promise<number>;

/** Seconds before each new attempt, three days in all (docs: "Webhooks", retry behaviour). */
const backoffSeconds = [60, 300, 1800, 7200, 18_000, 36_000, 36_000, 36_000, 43_200, 43_200, 36_540];
const patienceMilliseconds = 10_000;

/** One attempt now: signed by the clock of now, with the event as it was. */
export async function attempt(world: World, deliver: Deliver, id: string): Promise<Delivery | undefined> {
  const delivery = world.state.deliveries[id];
  const endpoint = delivery === undefined ? undefined : find(world, 'webhook_endpoints', delivery.endpoint);
  const event = delivery === undefined ? undefined : find(world, 'events', delivery.event);
  if (delivery?.status !== 'pending' || event === undefined) return delivery;
  if (endpoint?.status !== 'enabled') return settle(world, { ...delivery, nextAt: null, status: 'failed' });
  // While it is on its way nobody else plans it.
  world.state.deliveries[id] = { ...delivery, nextAt: null };
  const body = JSON.stringify(event);
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'stripe-signature': await signature(body, world.state.endpointSecrets[endpoint.id] ?? '', world.now()),
    'user-agent': 'Stripe/1.0 (simulated)',
  };
  const status = await deliver(endpoint.url, headers, body).catch(() => 0);
  // Meanwhile another attempt of the same delivery may have got through.
  const current = world.state.deliveries[id] ?? delivery;
  if (current.status !== 'pending') return current;
  return settle(world, judged(world, { ...current, attempts: current.attempts + 1, lastStatus: status }));
}

function judged(world: World, delivery: Delivery): Delivery {
  const { attempts, lastStatus } = delivery;
  if (lastStatus !== null && lastStatus >= 200 && lastStatus < 300) return { ...delivery, nextAt: null, status: 'delivered' };
  const wait = backoffSeconds[attempts - 1];
  return wait === undefined ? { ...delivery, nextAt: null, status: 'failed' } : { ...delivery, nextAt: world.now() + wait };
}

function settle(world: World, delivery: Delivery): Delivery {
  world.state.deliveries[delivery.id] = delivery;
  if (delivery.nextAt !== null) schedule(world, delivery.nextAt, 'webhook.attempt', delivery.id);
  const event = find(world, 'events', delivery.event);
  if (delivery.status !== 'pending' && event?.type === 'invoice.created') acknowledged(world, event);
  return delivery;
}

function acknowledged(world: World, { data: { object } }: Event): void {
  world.cause = nobody;
  if ('id' in object && typeof object.id === 'string') createdAcknowledged(world, object.id);
}

/** `Stripe-Signature` of a body: `t={seconds},v1={HMAC-SHA256 of "t.body"}` (docs: "Verify webhook signatures manually"). */
export async function signature(body: string, secret: string, seconds: number): Promise<string> {
  lastKey = lastKey?.secret === secret ? lastKey : { secret, key: signingKey(secret) };
  const mac = await crypto.subtle.sign('HMAC', await lastKey.key, bytes.encode(`${seconds}.${body}`));
  const hex = Array.from(new Uint8Array(mac), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `t=${seconds},v1=${hex}`;
}

// Making a key costs more than signing, and there is mostly one endpoint.
let lastKey: { readonly secret: string; readonly key: Promise<CryptoKey> } | undefined;
const bytes = new TextEncoder();
const signingKey = (secret: string): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', bytes.encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);

/** Over HTTP, to this machine only: the simulator calls nobody else. */
export const deliverByFetch: Deliver = async (url, headers, body) => {
  const { hostname } = new URL(url);
  if (!/^(?:127\.0\.0\.1|\[::1\]|localhost|[a-z0-9-]+\.localhost)$/.test(hostname)) return 0;
  const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: AbortSignal.timeout(patienceMilliseconds) });
  await answer.body?.cancel();
  return answer.status;
};
