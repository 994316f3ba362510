import { isCountedByNetwork, type Principal } from './actor.ts';
import type { Changes, Given } from './decision.ts';
import { type Issue, ok, type Result, refuse } from './result.ts';
import { agentScopes, type Scope, scopesOfTier, staffScopes } from './scopes.ts';
import { formatSecret, secretHash } from './secret.ts';
import { isStaff, owns } from './visibility.ts';

/** An API key as stored: its secret is known to its holder only. */
export interface StoredApiKey {
  readonly key_id: string;
  readonly last4: string;
  /** Null: a back end of the vendor itself. */
  readonly organization_id: string | null;
  readonly agent_id: string | null;
  readonly scopes: readonly string[];
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
}

/** How many keys an organization may have that still open something. */
export const mostApiKeys = 100;

export type KeyAccess = 'resource.not_found' | 'scope.missing';

/** Staff change keys of others, and of back ends, with a scope of their own. */
export function mayChangeKeys(principal: Principal): Result<null, 'scope.missing'> {
  if (!isStaff(principal) || principal.scopes.includes('keys:rotate')) return ok(null);
  return refuse('scope.missing', { requiredScope: 'keys:rotate' });
}

/** Whoever is counted at its network makes no key: a key is counted by itself. */
export function mayHaveKeys(principal: Principal): Result<null, 'state.forbidden'> {
  return isCountedByNetwork(principal) ? noKeysYet : ok(null);
}

/** A key of the caller's own organization, or for staff any. Foreign and missing look the same. */
export function ownApiKey(key: StoredApiKey | null, principal: Principal): Result<StoredApiKey, KeyAccess> {
  if (key === null || !owns(principal, { organizationId: key.organization_id })) return refuse('resource.not_found');
  const may = mayChangeKeys(principal);
  return may.ok ? ok(key) : may;
}

/**
 * The scopes that this caller may put into a key of this organization (null: a back end). Nobody hands out more than they have; what an
 * organization of itself hands out is bounded by its tier as well.
 */
export function scopesToGive(principal: Principal, organizationId: string | null): readonly Scope[] {
  const held = (scope: Scope) => principal.scopes.includes(scope);
  if (!isStaff(principal)) return scopesOfTier[principal.tier].filter(held);
  return organizationId === null ? [...agentScopes, ...staffScopes].filter(held) : agentScopes;
}

/** Every scope that was asked for, in its order; or an issue for each that this caller cannot give. */
export function chooseScopes(asked: readonly string[], most: readonly Scope[]): Result<readonly Scope[], 'request.invalid'> {
  const issues = asked.flatMap((scope, at): Issue[] =>
    most.some((each) => each === scope) ? [] : [{ pointer: `/scopes/${at}`, code: 'scope', message: notYours }],
  );
  return issues.length > 0 ? refuse('request.invalid', { issues }) : ok(most.filter((scope) => asked.includes(scope)));
}

/** Whether the caller can do whatever the key can: else it would learn a secret that is worth more than its own. */
export function mayRotateApiKey(key: StoredApiKey, principal: Principal, now: Date): Result<StoredApiKey, 'state.forbidden'> {
  if (!isLive(key, now)) return refuse('state.forbidden', { detail: 'The key is revoked or expired: create another one.' });
  const mayHave = mayHaveKeys(principal);
  if (!mayHave.ok) return mayHave;
  const most: readonly string[] = isStaff(principal) ? scopesToGive(principal, key.organization_id) : principal.scopes;
  const isWithin = key.scopes.every((scope) => most.includes(scope));
  return isWithin ? ok(key) : refuse('state.forbidden', { detail: 'The key has scopes that your credential cannot give.' });
}

export const isLive = ({ revoked_at, expires_at }: StoredApiKey, now: Date): boolean =>
  revoked_at === null && (expires_at === null || Date.parse(expires_at) > now.getTime());

export interface MadeApiKey {
  /** The secret itself, to be shown once. */
  readonly secret: string;
  readonly stored: StoredApiKey;
  readonly changes: Changes;
}

/** A new key, of which only the hash is kept. */
export function makeApiKey(
  wanted: Pick<StoredApiKey, 'organization_id' | 'agent_id' | 'scopes' | 'expires_at'>,
  environment: string,
  given: Given,
): MadeApiKey {
  const secret = formatSecret('key', environment, given.random(32));
  const row = { key_id: given.newId('key'), last4: secret.slice(-4), ...wanted, created_at: given.now.toISOString() };
  return { secret, stored: { ...row, revoked_at: null }, changes: { api_keys: [{ ...row, secret_hash: secretHash(secret) }] } };
}

/** When the key that is replaced ends: it overlaps, but never lives longer than it would have. */
export function overlapEnd({ expires_at }: StoredApiKey, overlapHours: number, now: Date): string {
  const end = new Date(now.getTime() + overlapHours * 3_600_000).toISOString();
  return expires_at !== null && Date.parse(expires_at) < Date.parse(end) ? expires_at : end;
}

const notYours = 'Not a scope that your credential can give to this key.';
const noKeysYet = refuse('state.forbidden', {
  detail: 'API keys are for organizations that proved a domain: prove one with verify_organization, or go on with tokens.',
});
