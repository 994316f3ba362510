import Stripe from 'stripe';
import type { StripeConnection } from '../../operations/desk.ts';

/** The version that every request, every webhook endpoint and every type here speaks. A newer one comes with a newer package. */
export const apiVersion = '2026-10-28.endive' satisfies Stripe.LatestApiVersion;

/** Where Stripe is reached, where it is not Stripe itself, and how. */
export interface StripeAccess {
  readonly host?: string;
  readonly port?: number;
  readonly protocol?: 'http' | 'https';
  readonly fetch?: typeof fetch;
}

/**
 * A client of one tenant's account. It neither retries nor waits for long: what is worth another attempt comes again by the outbox, with
 * the same idempotency key.
 */
export function openStripe({ secretKey }: Pick<StripeConnection, 'secretKey'>, access: StripeAccess = {}): Stripe {
  const { host, port, protocol, fetch: send } = access;
  return new Stripe(secretKey, {
    apiVersion,
    httpClient: Stripe.createFetchHttpClient(send),
    maxNetworkRetries: 0,
    timeout: timeoutMs,
    telemetry: false,
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(protocol === undefined ? {} : { protocol }),
  });
}

/** Shorter than a performer may take (`longestWaitMs`), so that a slow answer is met by us and not by the end of a lease. */
const timeoutMs = 15_000;
