import { invariant } from './result.ts';

/**
 * Milliseconds until an effect is tried again after `attempts` failed ones: exponential with full jitter, from nothing to twice as long
 * each time, six hours at most. `random` is from 0 to 1.
 */
export function backoffMs(attempts: number, random: number): number {
  invariant(attempts >= 1 && random >= 0 && random <= 1, 'something failed, and chance is a fraction');
  return Math.round(random * Math.min(longestMs, baseMs * 2 ** Math.min(attempts, 30)));
}

const baseMs = 1_000;
const longestMs = 6 * 3_600_000;

/**
 * After so many an effect is given up: about a day of trying. A worker that is killed while it tries has tried, and so has one that waits
 * for a key; what is done at the payment provider is taken up again by its reconciliation (`revivedNow`), the rest by a person.
 */
export const mostAttempts = 22;

/** A fraction from 0 to 1 out of at least four random bytes. */
export function fractionOf(bytes: Uint8Array): number {
  const [a = 0, b = 0, c = 0, d = 0] = bytes;
  return (((a * 256 + b) * 256 + c) * 256 + d) / 0xff_ff_ff_ff;
}
