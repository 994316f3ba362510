import { rowOf } from '../../domain/link-identity.ts';
import { after, assertionClaims, assertionSeconds, pollSeconds, type StoredRegistration, standingOf } from '../../domain/registration.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { kindOfSecret, secretHash } from '../../domain/secret.ts';
import type { OAuthCode } from '../tokens/oauth-failures.ts';
import { type Admission, type Grant, presented, type Where } from '../tokens/presented.ts';

/** The `grant_type` of auth.md v0.7.0: its own, so that no claim token is ever looked for among device codes (RFC 8628 §3.4). */
export const claimGrantType = 'urn:workos:agent-auth:grant-type:claim';

/**
 * An agent asks whether a person has linked it meanwhile, and then collects, once, an access token and an identity assertion of its new
 * epoch. What it had before is dead from the moment it was linked.
 */
export const claimGrant: Grant = ({ claim_token, assertion, client_assertion, client_secret }, at) => {
  if (claim_token === null || assertion !== null || client_assertion !== null || client_secret !== null) return refuse('invalid_request');
  if (kindOfSecret(claim_token) !== 'clm') return refuse('invalid_grant');
  if (!at.desk.canSign('assertions')) return refuse('temporarily_unavailable', { retryAfterS: 3600 });
  return ok(
    presented({
      load: (queries) => ({ registration: queries.registrationOfClaim(secretHash(claim_token)) }),
      prove: async () => ok(null),
      admit: ({ registration }, _, given) => (registration ? collect(registration, at, given) : refuse('invalid_grant')),
    }),
  );
};

function collect(
  registration: StoredRegistration,
  { desk, now }: Where,
  given: Parameters<typeof assertionClaims>[2],
): Result<Admission, OAuthCode> {
  const { agent } = registration;
  if (agent.status !== 'active') return refuse('access_denied');
  switch (standingOf(registration, now)) {
    case 'collected':
      return refuse('invalid_grant');
    case 'expired':
      return refuse('expired_token');
    case 'open':
      return notYet(registration, now);
    case 'claimed':
      return ok({
        admitted: true,
        grantee: {
          ...{ agentId: agent.agent_id, organizationId: agent.organization_id, clientId: agent.agent_id },
          ...{ tier: agent.kind === 'anonymous' ? 'anonymous' : agent.tier, epoch: agent.epoch },
        },
        ...{ most: null, keyId: null },
        changes: { registrations: [{ ...rowOf(registration), state: 'collected', version: registration.version + 1 }] },
        assertion: { claims: assertionClaims(agent, desk, given), expiresAt: after(given.now, assertionSeconds).toISOString() },
      });
  }
}

/** RFC 8628 §3.5. Only a poll that keeps to the interval is remembered, so that whoever polls too fast is not kept waiting for ever. */
function notYet(registration: StoredRegistration, now: Date): Result<Admission, OAuthCode> {
  const { polled_at, code_expires_at, version } = registration;
  if (polled_at !== null && now.getTime() - Date.parse(polled_at) < pollSeconds * 1000 - jitterMs) {
    return ok({ admitted: false, error: 'slow_down', changes: {} });
  }
  const polled = { ...rowOf(registration), polled_at: now.toISOString(), version: version + 1 };
  const over = code_expires_at !== null && Date.parse(code_expires_at) <= now.getTime();
  return ok({ admitted: false, error: over ? 'expired_token' : 'authorization_pending', changes: { registrations: [polled] } });
}

/** Two polls five seconds apart may arrive a little closer. */
const jitterMs = 500;
