import type { Changes, Given } from './decision.ts';
import { formatSecret, secretHash } from './secret.ts';

/** How long a browser stays signed in at most, in seconds. Without use it is an hour (`frontdesk.enter`). */
export const sessionSeconds = 43_200;

/**
 * Signs a browser in, or gives what it had anew: the secret is random, and what the browser had before ends with the same commit.
 * @returns `secret` for the browser's cookie, shown once; only its SHA-256 is written.
 */
export function openSession(
  wanted: {
    readonly personId: string;
    /** Part of the secret's form. */
    readonly environment: string;
    /** SHA-256, in hex, of the session that the browser had. Whoever signs in may bring one that ended long ago. */
    readonly previous: string | null;
    /** When a passkey was last used; null where none was. */
    readonly steppedUpAt: Date | null;
    /** When it ends at the latest, where it takes the place of one that was there. */
    readonly expiresAt?: Date;
  },
  given: Pick<Given, 'now' | 'random'>,
): { readonly changes: Pick<Changes, 'sessions' | 'ended_sessions'>; readonly secret: string } {
  const { personId, environment, previous, steppedUpAt } = wanted;
  const secret = formatSecret('ses', environment, given.random(32));
  const at = given.now.toISOString();
  const expiresAt = wanted.expiresAt ?? new Date(given.now.getTime() + sessionSeconds * 1000);
  return {
    secret,
    changes: {
      sessions: [
        {
          session_hash: secretHash(secret),
          person_id: personId,
          created_at: at,
          expires_at: expiresAt.toISOString(),
          stepped_up_at: steppedUpAt?.toISOString() ?? null,
        },
      ],
      ...(previous === null ? {} : { ended_sessions: { session_hash: previous, at, ...(wanted.expiresAt ? {} : { if_there: true }) } }),
    },
  };
}
