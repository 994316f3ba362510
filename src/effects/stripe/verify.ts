import Stripe from 'stripe';
import { ok, type Result, refuse } from '../../domain/result.ts';
import type { Told } from './translator.ts';

/** A webhook as it came: the body byte for byte, and the header `Stripe-Signature`. */
export interface WebhookMessage {
  readonly rawBody: string;
  readonly signature: string | null;
}

export interface VerifiedEvent extends Told {
  readonly livemode: boolean;
}

/**
 * The event of a webhook that Stripe signed with one of `secrets` at most 300 seconds before `now`
 * (https://docs.stripe.com/webhooks/signature). Everything is told of it that is kept. Refuses `request.invalid` where no signature fits,
 * `request.malformed` where what was signed is no event of Stripe's.
 */
export async function verifyWebhook(
  { rawBody, signature }: WebhookMessage,
  secrets: readonly string[],
  now: Date,
): Promise<Result<VerifiedEvent, 'request.invalid' | 'request.malformed'>> {
  if (signature === null || signature.length > longestSignature) return unsigned;
  for (const secret of secrets) {
    try {
      const event: unknown = await Stripe.webhooks.constructEventAsync(rawBody, signature, secret, toleranceS, crypto, now.getTime());
      const read = readEvent(event);
      return read === null ? refuse('request.malformed') : ok(read);
    } catch (error) {
      if (error instanceof Stripe.errors.StripeSignatureVerificationError) continue;
      // The signature held: what it signs is no JSON, or a notification of another generation of the API.
      return refuse('request.malformed');
    }
  }
  return unsigned;
}

/** What is kept of an event (https://docs.stripe.com/api/events/object). Null: it has not the form of one. */
export function readEvent(event: unknown): VerifiedEvent | null {
  if (!isRecord(event) || event.object !== 'event') return null;
  const { id, type, created, livemode, account = null, data } = event;
  if (typeof id !== 'string' || !eventIdForm.test(id) || typeof type !== 'string' || !typeForm.test(type)) return null;
  if (typeof livemode !== 'boolean' || !isMoment(created)) return null;
  if (account !== null && (typeof account !== 'string' || !accountForm.test(account))) return null;
  const about = isRecord(data) && isRecord(data.object) ? data.object.id : undefined;
  const objectId = typeof about === 'string' && objectForm.test(about) ? about : null;
  return { eventId: id, type, objectId, account, createdAt: new Date(created * 1000), livemode };
}

const unsigned = refuse('request.invalid', {
  issues: [
    { pointer: '', code: 'signature', message: 'Not signed by Stripe with the secret of this endpoint, or more than 300 seconds ago.' },
  ],
});

const crypto = Stripe.createSubtleCryptoProvider();
const toleranceS = 300;
const longestSignature = 4096;
const eventIdForm = /^evt_[A-Za-z0-9_]{1,250}$/;
const typeForm = /^[a-z0-9_.]{1,100}$/;
const accountForm = /^acct_[A-Za-z0-9]{1,250}$/;
const objectForm = /^[A-Za-z0-9_]{1,255}$/;

/** Seconds since 1970, of a time that the database can keep. */
const isMoment = (value: unknown): value is number => Number.isInteger(value) && Number(value) > 0 && Number(value) < 100_000_000_000;

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
