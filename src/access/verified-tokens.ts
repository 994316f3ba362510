import { sha256Hex } from '../domain/canonical.ts';
import type { AccessTokenClaims } from '../operations/desk.ts';
import { putNewest } from './put-newest.ts';

type Verify = (
  token: string,
  resource: '' | '/mcp',
  now: Date,
) => Promise<{ readonly claims: AccessTokenClaims; readonly expiresAt: Date } | null>;

/**
 * Remembers what was verified, under the token's hash and until it expires: a signature costs more than all else that a read does, and an
 * agent calls many times with one token. What a token says never changes; whether its agent is still good is asked of the database each time.
 * Kept by a desk, so that keys which are revoked take with them what was verified by them.
 */
export function rememberVerified(verify: Verify): (token: string, resource: '' | '/mcp', now: Date) => Promise<AccessTokenClaims | null> {
  const known = new Map<string, { readonly claims: AccessTokenClaims; readonly expiresAt: Date }>();
  return async (token, resource, now) => {
    const name = `${resource} ${sha256Hex(token)}`;
    const before = known.get(name);
    if (before) return before.expiresAt > now ? before.claims : null;
    const verified = await verify(token, resource, now);
    if (verified === null) return null;
    putNewest(known, name, verified, most);
    return verified.claims;
  };
}

const most = 1000;
