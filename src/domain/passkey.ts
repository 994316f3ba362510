import { sha256Hex } from './canonical.ts';
import type { IdentityChanges } from './identity-changes.ts';

/** How long a passkey's use counts, and how long after signing in the first passkey may be added, in milliseconds. */
export const stepUpMs = 600_000;

/** How long a browser may take over a challenge, in seconds. */
export const challengeSeconds = 300;

/** Passkeys of one person at most. */
export const mostPasskeys = 10;

/** A session as far as passkeys are concerned. */
export interface OwnSession {
  readonly person_id: string;
  readonly created_at: string;
  readonly expires_at: string;
  readonly stepped_up_at: string | null;
}

/** Whether a passkey was used so lately that it still counts. */
export function isSteppedUp(steppedUpAt: Date | null, now: Date): boolean {
  return steppedUpAt !== null && now.getTime() - steppedUpAt.getTime() <= stepUpMs;
}

/** What it takes to add a passkey now: nothing more, another passkey, or signing in anew. */
export type Opening = 'open' | 'step_up' | 'sign_in';

/**
 * The first passkey is added by whoever has just signed in by mail or at a provider; each further one by whoever has just used another. A
 * session that was left open, or its stolen cookie, adds none.
 */
export function openingFor(session: OwnSession, passkeys: number, now: Date): Opening {
  const { stepped_up_at, created_at } = session;
  if (passkeys > 0) return isSteppedUp(stepped_up_at === null ? null : new Date(stepped_up_at), now) ? 'open' : 'step_up';
  return now.getTime() - Date.parse(created_at) <= stepUpMs ? 'open' : 'sign_in';
}

/** A challenge is answered once. `kept`: as the browser brought it. */
export function usedChallenge(kept: string, now: Date): NonNullable<IdentityChanges['spent']>[number] {
  return { kind: 'sign_in', digest: sha256Hex(kept), expires_at: new Date(now.getTime() + challengeSeconds * 1000).toISOString() };
}
