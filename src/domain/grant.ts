import type { Tier } from './actor.ts';
import type { Given, ToSign } from './decision.ts';
import { ok, type Result, refuse } from './result.ts';
import { type AgentScope, grantable, scopesOfTier } from './scopes.ts';

/** How long an access token lives, in seconds. */
export const accessTokenSeconds = 600;

/** To whom a token is given. */
export interface Grantee {
  readonly agentId: string;
  readonly organizationId: string;
  /** What the client called itself (RFC 9068 §2.2 `client_id`). */
  readonly clientId: string;
  readonly tier: Tier;
  readonly epoch: number;
}

/** What stands in the token beside who has it. */
export interface Granted {
  readonly scopes: readonly AgentScope[];
  readonly audience: string | readonly string[];
  /** The API key that it is got with: the token dies with it. */
  readonly keyId: string | null;
  /** Thumbprint of the key that has to be shown with it (RFC 9449 §6.1). */
  readonly jkt: string | null;
}

/**
 * What a client gets of the scopes that it asks for (RFC 6749 §3.3): those that its tier may have, and no more than `most` where its
 * credential has a limit of its own. What is unknown or beyond that is left out; asking for nothing asks for everything. Refuses
 * `invalid_scope` where nothing is left.
 */
export function grantScopes(
  asked: string | null,
  tier: Tier,
  most: readonly string[] | null = null,
): Result<readonly AgentScope[], 'invalid_scope'> {
  const wanted = (asked ?? '').split(' ').filter((scope) => scope !== '');
  const granted = (wanted.length === 0 ? scopesOfTier[tier] : grantable(wanted, tier)).filter((scope) => most?.includes(scope) ?? true);
  return granted.length === 0 ? refuse('invalid_scope') : ok(granted);
}

/**
 * Whom a token is for (RFC 8707 §2): the API, known by the origin, the MCP endpoint, or both, which is what it is for if nothing is
 * named. Refuses `invalid_target` for anything else.
 */
export function audienceOf(resources: readonly string[], origin: string): Result<string | readonly string[], 'invalid_target'> {
  const known = new Map([
    [origin, origin],
    [`${origin}/`, origin],
    [`${origin}/mcp`, `${origin}/mcp`],
  ]);
  if (resources.some((resource) => !known.has(resource))) return refuse('invalid_target');
  const named = [...new Set(resources.flatMap((resource) => known.get(resource) ?? []))];
  const [only] = named;
  return ok(named.length === 1 && only !== undefined ? only : named.length === 0 ? [origin, `${origin}/mcp`] : named);
}

/**
 * The same where what was presented is good for one resource only: that one, if nothing is named. Refuses `invalid_target` where another
 * is named, or where that one is none of ours.
 */
export function audienceWithin(resources: readonly string[], only: string | null, origin: string): ReturnType<typeof audienceOf> {
  if (only === null) return audienceOf(resources, origin);
  const [most, named] = [audienceOf([only], origin), audienceOf(resources.length === 0 ? [only] : resources, origin)];
  return most.ok && named.ok && most.value !== named.value ? refuse('invalid_target') : named.ok ? most : named;
}

/** The claims of an access token (RFC 9068 §2.2, RFC 9449 §6.1), to be signed. `tid`, `org`, `tier`, `epoch` and `key` are ours. */
export function accessToken(
  { tenant, origin }: { readonly tenant: string; readonly origin: string },
  grantee: Grantee,
  { scopes, audience, keyId, jkt }: Granted,
  given: Given,
): ToSign {
  const iat = Math.floor(given.now.getTime() / 1000);
  const claims = {
    iss: origin,
    sub: grantee.agentId,
    client_id: grantee.clientId,
    aud: audience,
    tid: tenant,
    org: grantee.organizationId,
    tier: grantee.tier,
    scope: scopes.join(' '),
    jti: given.newId('tok'),
    iat,
    exp: iat + accessTokenSeconds,
    epoch: grantee.epoch,
    ...(keyId === null ? {} : { key: keyId }),
    ...(jkt === null ? {} : { cnf: { jkt } }),
  };
  return { purpose: 'access_tokens', claims };
}
