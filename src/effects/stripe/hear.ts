import type { Claimed } from '../../db/outbox.ts';
import { queries } from '../../db/queries.ts';
import type { Changes, Given } from '../../domain/decision.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { stageEffect } from '../../domain/stage.ts';
import type { Desk } from '../../operations/desk.ts';
import type { Settlement } from '../effect.ts';
import { translators } from './events/translators.ts';
import type { StripeScene, Told } from './translator.ts';
import { verifyWebhook, type WebhookMessage } from './verify.ts';

/**
 * What a webhook comes to: the event in the inbox and, where its type means something here, an effect that translates it; to be written in
 * one commit, which leaves a known event alone. Without I/O. Refuses `resource.not_found` where no account is connected,
 * `request.invalid` for a signature that does not fit and for the other mode, `request.malformed` for what is no event.
 */
export async function hear({ stripe }: Pick<Desk, 'stripe'>, message: WebhookMessage, given: Given): Promise<Result<Changes>> {
  if (stripe === null) return refuse('resource.not_found');
  const verified = await verifyWebhook(message, stripe.webhookSecrets, given.now);
  if (!verified.ok) return verified;
  const { livemode, ...told } = verified.value;
  const account = told.account === stripe.accountId ? null : told.account;
  // A live endpoint for connected accounts is sent their test events too; refused, they would end in the endpoint being switched off.
  if (livemode !== stripe.livemode) return account === null ? otherMode : ok({});
  return ok(heard({ ...told, account }, given));
}

/** Writes an event down, once, and has it translated. */
export function heard({ eventId, type, objectId, account, createdAt }: Told, given: Given): Changes {
  const told = { event_id: eventId, type, object_id: objectId, account, created_at: createdAt.toISOString() };
  const row = { ...told, received_at: given.now.toISOString() };
  if (!Object.hasOwn(translators, type)) return { heard: row };
  const aggregate = `stripe-event:${objectId ?? eventId}`;
  return { heard: row, effects: [stageEffect(given, { kind: 'stripe.event', aggregate, destination: 'stripe', payload: told })] };
}

/** `stripe.event`: turns what was heard into what follows from it. Whatever its type no longer means is done. */
export async function translate(effect: Claimed, scene: StripeScene): Promise<Settlement> {
  const told = readTold(effect.payload);
  if (told === null) return { kind: 'dead', error: 'payload_unreadable', counts: false };
  const translator = Object.hasOwn(translators, told.type) ? translators[told.type] : undefined;
  if (translator === undefined) return { kind: 'done', note: 'type_unknown' };
  if (told.account !== null) {
    // Its owner may make any object there; what counts is only what it is itself able to do.
    if (!aboutAccounts.test(told.type)) return { kind: 'done', note: 'account_foreign' };
    const [payee] = await scene.consult([queries.payeeOfAccount(told.account)]);
    // An account that is being set up is nobody's payee yet: its own translator asks whose it is.
    if (payee === null && told.type !== 'account.updated') return { kind: 'done', note: 'account_unknown' };
  }
  return translator(told, scene);
}

const aboutAccounts = /^(?:account|capability|payout)\./;

const otherMode = refuse('request.invalid', {
  issues: [{ pointer: '/livemode', code: 'mode', message: 'The connected account is of the other mode, live or test.' }],
});

function readTold(payload: unknown): Told | null {
  if (typeof payload !== 'object' || payload === null) return null;
  const { event_id, type, object_id, account, created_at }: Partial<Record<string, unknown>> = { ...payload };
  if (typeof event_id !== 'string' || typeof type !== 'string' || typeof created_at !== 'string') return null;
  return {
    ...{ eventId: event_id, type, createdAt: new Date(created_at) },
    objectId: typeof object_id === 'string' ? object_id : null,
    account: typeof account === 'string' ? account : null,
  };
}
