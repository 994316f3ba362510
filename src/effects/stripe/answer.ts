import Stripe from 'stripe';
import type { Settlement } from '../effect.ts';

/**
 * What came of a call. `missing`: there is no such object. `refused`: it was understood and not done, and the same again will not be
 * either. `later`: it was not done now, or nobody knows whether it was; `unknown` tells which.
 */
export type Answer<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'missing'; readonly code: string }
  | { readonly kind: 'refused'; readonly code: string; readonly status: number }
  | { readonly kind: 'later'; readonly error: string; readonly status?: number; readonly afterS?: number; readonly unknown: boolean };

/**
 * Asks Stripe, and holds the answer against the object that was asked for: the package takes any JSON without `error` for a success,
 * whatever its status. Rejects with bugs only.
 */
export async function ask<T extends { readonly object: string }>(object: T['object'], call: () => Promise<T>): Promise<Answer<T>> {
  try {
    const value = await call();
    if (value.object !== object) return { kind: 'later', error: 'stripe_unexpected_answer', unknown: true };
    return { kind: 'ok', value };
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) return told(error);
    throw error;
  }
}

/** How an effect goes on that could not be done: what passes is tried again, what does not is left to a person. */
export function unanswered(answer: Exclude<Answer<unknown>, { kind: 'ok' }>): Settlement {
  switch (answer.kind) {
    case 'later':
      return {
        kind: 'retry',
        error: answer.error,
        ...(answer.status === undefined ? {} : { status: answer.status }),
        ...(answer.afterS === undefined ? {} : { afterS: answer.afterS }),
      };
    case 'missing':
      return { kind: 'dead', error: `stripe_${answer.code}`, status: 404, counts: false };
    case 'refused':
      return { kind: 'dead', error: `stripe_${answer.code}`, status: answer.status, counts: false };
  }
}

/** Stripe's error types (API reference, "Errors"). Their codes are a closed vocabulary of lower-case words; nothing else of them is kept. */
function told(error: InstanceType<typeof Stripe.errors.StripeError>): Exclude<Answer<never>, { kind: 'ok' }> {
  const { statusCode: status } = error;
  const code = wordOf(error.code) ?? wordOf(error.rawType) ?? 'error';
  if (status === undefined) return { kind: 'later', error: 'stripe_unreachable', unknown: true };
  if (status === 404) return { kind: 'missing', code };
  // A wrong key or a missing permission is mended by a person; until then nothing is lost.
  if (status === 401 || status === 403) return { kind: 'later', error: `stripe_${code}`, status, afterS: 3600, unknown: false };
  if (status === 409 || status === 429 || status === 424) return later(error, status, code, false);
  if (status >= 500) return later(error, status, code, true);
  return { kind: 'refused', code, status };
}

function later(error: InstanceType<typeof Stripe.errors.StripeError>, status: number, code: string, unknown: boolean) {
  const afterS = Number(error.headers?.['retry-after']);
  return { kind: 'later' as const, error: `stripe_${code}`, status, unknown, ...(afterS > 0 && afterS <= 86_400 ? { afterS } : {}) };
}

const wordOf = (text: string | undefined): string | null => (text !== undefined && /^[a-z_]{1,60}$/.test(text) ? text : null);
