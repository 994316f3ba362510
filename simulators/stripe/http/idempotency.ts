import { StripeFailure } from '../failure.ts';
import type { StoredAnswer } from '../state.ts';
import type { World } from '../world.ts';

const keptSeconds = 24 * 3600;
const longestKey = 255;

/** The keys that are being executed now. They do not outlive the process. */
export type KeysInUse = Set<string>;

/**
 * What an idempotency key of an account stands for (docs: "Idempotent requests"): nothing yet, or the stored answer.
 * Failures: 400 `idempotency_error` with other parameters or another path, 409 `idempotency_key_in_use`.
 */
export function storedAnswer(world: World, inUse: KeysInUse, slot: string, fingerprint: string): StoredAnswer | undefined {
  const stored = world.state.answers[slot];
  if (stored !== undefined && stored.at <= world.now() - keptSeconds) delete world.state.answers[slot];
  else if (stored !== undefined) {
    if (stored.fingerprint === fingerprint) return stored;
    throw new StripeFailure(400, {
      type: 'idempotency_error',
      message: 'Keys for idempotent requests can only be used with the same parameters and the same endpoint they were first used with.',
    });
  }
  if (!inUse.has(slot)) return undefined;
  throw new StripeFailure(409, {
    type: 'idempotency_error',
    code: 'idempotency_key_in_use',
    message: 'There is currently another in-progress request using this Idempotent Key.',
  });
}

/** The place of a key; only writing requests have one. */
export function slotOf(method: string, account: string, key: string | null): string | undefined {
  if (method !== 'POST' || key === null || key === '') return undefined;
  if (key.length <= longestKey) return `${account}|${key}`;
  throw new StripeFailure(400, { type: 'idempotency_error', message: `Idempotency keys can have up to ${longestKey} characters.` });
}
