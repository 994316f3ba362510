import type { Entering } from '../db/memory.ts';
import { sha256Hex } from '../domain/canonical.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { agentScopes } from '../domain/scopes.ts';
import type { Call, Spend } from './call.ts';
import type { AccessTokenClaims, Desk } from './desk.ts';
import type { Access, Operation } from './operation.ts';
import type { ProveDpop } from './outside.ts';

/** What the call enters with, and what it uses up by that. */
export interface Recognised {
  readonly credential: Entering['credential'];
  readonly spend: readonly Spend[];
}

/**
 * What a call enters with, once its token was verified with the desk's keys. A token that they do not verify still enters, as nobody's: the
 * load tells whether the keys are those of an older revision. Refuses what no newer key could make good.
 */
export async function recognise(
  operation: Operation,
  { proveDpop }: { readonly proveDpop?: ProveDpop },
  desk: Desk,
  call: Call,
  now: Date,
): Promise<Result<Recognised, 'auth.invalid'>> {
  const { credential } = call;
  const spend = (!call.continued && call.spend) || [];
  switch (credential.kind) {
    case 'invalid':
      return invalidCredential(operation);
    case 'agent':
      return ok({ credential: { kind: 'agent', agent_id: credential.agentId, scopes: agentScopes }, spend });
    case 'access_token': {
      const token = await desk.verifyAccessToken(credential.token, call.resource, now);
      if (token === null) return ok({ credential: { kind: 'invalid' }, spend: [] });
      const possession = await possessed(token, credential, proveDpop, desk, call, now);
      if (!possession.ok) return invalidCredential(operation, possession.possession);
      const { agentId, epoch, keyId, scopes } = token;
      return ok({
        credential: { kind: 'access_token', agent_id: agentId, epoch, key_id: keyId, scopes },
        spend: [...spend, ...possession.value],
      });
    }
    case 'session': {
      const { kind, hash, viewAs } = credential;
      return ok({
        credential: {
          kind,
          hash,
          ...(viewAs && { view_as: { role: viewAs.role, organization_id: viewAs.organizationId } }),
          ...(call.continued && { passive: true as const }),
        },
        spend,
      });
    }
    default:
      return ok({ credential, spend });
  }
}

/** RFC 9449 §7.1: a token that is bound to a key comes under the scheme DPoP with a fresh proof of that key, and no other token does. */
async function possessed(
  { jkt }: AccessTokenClaims,
  { token, scheme }: { readonly token: string; readonly scheme: 'bearer' | 'dpop' },
  proveDpop: ProveDpop | undefined,
  desk: Desk,
  { dpop, continued }: Call,
  now: Date,
): Promise<Result<readonly Spend[], 'auth.invalid'>> {
  if (jkt === null) return scheme === 'bearer' ? ok([]) : refuse('auth.invalid', { possession: 'invalid_token' });
  if (scheme === 'bearer') return refuse('auth.invalid', { possession: 'invalid_token' });
  if (continued) return ok([]);
  if (!dpop || !proveDpop) return refuse('auth.invalid', { possession: 'invalid_dpop_proof' });
  const { proof, method, path } = dpop;
  const proven = await proveDpop({ proof, method, url: `${desk.origin}${path}`, accessToken: token, now });
  if (!proven.ok || proven.value.thumbprint !== jkt) return refuse('auth.invalid', { possession: 'invalid_dpop_proof' });
  const { thumbprint, jti, expiresAt } = proven.value;
  return ok([spentOf('dpop', thumbprint, jti, expiresAt)]);
}

/** What a key signed is good once: its identifier is its key's own (RFC 9449 §11.1, RFC 9421 §7.2.2). */
export function spentOf(kind: 'dpop' | 'signature', thumbprint: string, identifier: string, expiresAt: Date): Spend {
  return { kind, digest: sha256Hex(JSON.stringify([thumbprint, identifier])), expiresAt };
}

export function invalidCredential({ access }: Operation, possession?: 'invalid_token' | 'invalid_dpop_proof') {
  return refuse('auth.invalid', { ...(access === 'public' ? {} : required(access)), ...(possession && { possession }) });
}

export const required = ({ scope }: Access) => (scope === null ? {} : { requiredScope: scope });
