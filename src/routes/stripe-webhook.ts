import type { Context, Hono } from 'hono';
import type { Changes } from '../domain/decision.ts';
import { readBytes } from './read-bytes.ts';
import { json, refusal, renderRefusal, requestIdOf } from './respond.ts';
import { hostOf } from './rest.ts';
import type { Bindings, World } from './world.ts';

type Ctx = Context<{ Bindings: Bindings }>;

/** Where Stripe tells the tenant of the host what happened: stored once, answered as soon as it is stored, worked off from the outbox. */
export function mountStripeWebhook(app: Hono<{ Bindings: Bindings }>, world: World): void {
  app.post(stripeWebhookPath, (c) => answer(c, world));
  app.all(stripeWebhookPath, (c) => refusal(c.req.raw, requestIdOf(c.req.raw), 'method.not_allowed', {}, { Allow: 'POST' }));
}

export const stripeWebhookPath = '/v1/webhooks/stripe';

/** An event of Stripe is some kilobytes; the largest of its objects stay below this. */
const maxBytes = 1_048_576;

async function answer(c: Ctx, { deps, payments }: World): Promise<Response> {
  const request = c.req.raw;
  const requestId = requestIdOf(request);
  const desk = await deps.desks.find(hostOf(request));
  if (desk === null) return refusal(request, requestId, 'tenant.unknown');
  if (payments === null || desk.stripe === null) return refusal(request, requestId, 'resource.not_found');
  const bytes = await readBytes(request, maxBytes);
  if (bytes === null) return refusal(request, requestId, 'body.too_large', { detail: `At most ${maxBytes} bytes.` });
  const rawBody = bytes === undefined ? null : decode(bytes);
  if (rawBody === null) return refusal(request, requestId, 'request.malformed');
  const message = { rawBody, signature: request.headers.get('Stripe-Signature') };
  const heard = await payments.hear(desk, message, deps.given(desk, deps.now()));
  if (!heard.ok) return renderRefusal(request, requestId, heard, desk.origin);
  // Stripe tells it again when it is not told that it was heard.
  if (!(await isKept(desk.tenant, heard.value, deps))) return refusal(request, requestId, 'ledger.busy', { retryAfterS: 1 });
  return json(requestId, 200, { received: true });
}

/** A known event changes nothing, so that a commit of which nobody knows how it ended is simply sent again. */
async function isKept(tenant: string, changes: Changes, { memory, pause }: World['deps']): Promise<boolean> {
  if (Object.keys(changes).length === 0) return true;
  for (let attempt = 1; attempt <= mostAttempts; attempt++) {
    if (attempt > 1) await pause(attempt);
    if ((await memory.commit(tenant, changes)) === 'done') return true;
  }
  return false;
}

const mostAttempts = 3;

/** Exactly as signed: a byte order mark is part of it, and what is no UTF-8 is not mended. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(bytes: Uint8Array<ArrayBuffer>): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}
