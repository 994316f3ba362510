import { holdByKeyEffect } from '../domain/hold-by-key-effect.ts';
import { invariant, ok, type Result, refuse } from '../domain/result.ts';
import type { AdminDeps } from './admin-deps.ts';
import { type ChangeRefusal, changeKeys } from './change-keys.ts';

export interface RevocationWanted {
  /** Any host of the tenant, as stored. */
  readonly host: string;
  readonly kid: string;
}

export interface KeyRevoked {
  readonly kid: string;
  readonly purpose: string;
  readonly algorithm: string;
  /** Its successor, made in the same commit; null when another key is active, or it had been revoked before. */
  readonly replacedBy: string | null;
  /** Null when it had been revoked before: nothing was written. */
  readonly revision: number | null;
}

/**
 * Ends a signing key at once: nothing it signed verifies any more, it signs nothing again, and its public half is taken down. What it
 * leaves without an active key gets a new one. Open referrals that came by a token under it are held: an effect, staged with the commit.
 * Refuses `resource.not_found` for a key that the tenant does not have.
 */
export async function revokeKey(
  deps: AdminDeps,
  { host, kid }: RevocationWanted,
): Promise<Result<KeyRevoked, ChangeRefusal | 'resource.not_found'>> {
  const changed = await changeKeys(deps, host, (keys, now) => {
    const key = keys.find((each) => each.kid === kid);
    if (!key) return refuse('resource.not_found', { detail: 'The tenant at this host has no signing key of this kid.' });
    if (key.state === 'revoked') return ok(null);
    return ok({
      states: [{ kid, state: 'revoked' }],
      effects: key.purpose === 'referral_tokens' ? [holdByKeyEffect(kid, '', { newId: deps.newId, now })] : [],
    });
  });
  if (!changed.ok) return changed;
  const { revision, before, made } = changed.value;
  const key = before.find((each) => each.kid === kid);
  invariant(key, 'the plan found it');
  const { purpose, algorithm } = key;
  const successor = made.find((each) => each.purpose === purpose && each.algorithm === algorithm);
  return ok({ kid, purpose, algorithm, replacedBy: successor?.kid ?? null, revision });
}
