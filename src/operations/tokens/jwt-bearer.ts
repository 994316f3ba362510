import { assertionDigest, type Said, spentAssertion } from '../../domain/assertion.ts';
import { newAgent } from '../../domain/new-agent.ts';
import { invariant, ok, type Result, refuse } from '../../domain/result.ts';
import type { IdentityAssertionClaims } from '../desk.ts';
import { assertedClient } from './asserted-client.ts';
import { byAssertion } from './client-credentials.ts';
import type { Asserted, TokenForm } from './form.ts';
import { granteeOf } from './known-client.ts';
import type { OAuthCode } from './oauth-failures.ts';
import { type Grant, type Presented, presented, type Where } from './presented.ts';

/**
 * RFC 7523 §2.1: an assertion is the grant. It is one that we gave to an agent that registered itself, one of an issuer whom the vendor
 * trusts (draft-ietf-oauth-identity-assertion-authz-grant), or, since clients mix the two up, what would authenticate the client.
 */
export const jwtBearer: Grant = async (form, at) => {
  const { assertion } = form;
  if (assertion === null || form.client_secret !== null || form.client_assertion !== null || form.claim_token !== null) {
    return refuse('invalid_request');
  }
  if (assertion.said === null) return refuse('invalid_grant');
  if (assertion.said.issuer === at.desk.origin) return ownAssertion(form, assertion, at);
  const trusted = at.desk.vendor.trusted_issuers.find(({ issuer }) => issuer === assertion.said?.issuer);
  if (trusted !== undefined) return ok(ofIssuer(form, assertion, assertion.said, trusted, at));
  const client = assertedClient(assertion, form.client_id);
  return client.ok ? ok(asGrant(byAssertion(client.value, at))) : refuse('invalid_grant');
};

/** One that we signed. It may be exchanged as often as its holder likes while it lives, and until the agent's epoch moves on. */
async function ownAssertion(form: TokenForm, { jwt }: Asserted, { desk, now }: Where): Promise<Result<Presented, 'invalid_grant'>> {
  const claims = await desk.verifyAssertion(jwt, now);
  return claims === null ? refuse('invalid_grant') : ok(ofOwnAgent(form, claims, now));
}

function ofOwnAgent({ client_id }: TokenForm, { agentId, epoch }: IdentityAssertionClaims, now: Date): Presented {
  return presented({
    load: (queries) => ({ facts: queries.clientFacts({ client_id: agentId, key_hash: null, domain: null, spent: null }, now) }),
    prove: async () => ok(null),
    admit: ({ facts: { client } }) => {
      const grantee = client && granteeOf(client);
      const isMeant = client_id === null || client_id === agentId || client_id === grantee?.clientId;
      if (!grantee || grantee.epoch !== epoch || !isMeant) return refuse('invalid_grant');
      return ok({ admitted: true, grantee, most: null, keyId: null, changes: {} });
    },
  });
}

type Trusted = Where['desk']['vendor']['trusted_issuers'][number];

/**
 * A subject of a trusted issuer is an agent of its own, known by issuer and subject; its organization is the one that the vendor named, or
 * one of its own, of which nothing is proven. Whoever holds the assertion may use it, once: a client has no credential here to show that it
 * is the one that the issuer gave it to. One that names itself has to be that one.
 */
function ofIssuer(
  form: TokenForm,
  { jwt }: Asserted,
  said: Said,
  { organization_domain, ...issuer }: Trusted,
  { desk, now }: Where,
): Presented {
  const clientId = subjectId(said.issuer, said.subject);
  const spent = assertionDigest(said);
  return presented({
    load: (queries) => ({ facts: queries.clientFacts({ client_id: clientId, key_hash: null, domain: organization_domain, spent }, now) }),
    async prove({ facts }, outside) {
      if (facts.spent || facts.client?.status === 'revoked') return refuse('invalid_grant');
      const proven = await outside.proveIssued({ assertion: jwt, issuers: [issuer], audience: desk.origin, now });
      if (!proven.ok || (form.client_id !== null && form.client_id !== proven.value.clientId)) return refuse('invalid_grant');
      return proven;
    },
    admit({ facts }, proven, given) {
      invariant(
        subjectId(proven.issuer, proven.subject) === clientId && proven.jti === said.jti,
        'what was verified is what was looked up',
      );
      const used = spentAssertion(spent, proven.expiresAt);
      const most = proven.scope === null ? null : proven.scope.split(' ');
      const { resource } = proven;
      const { client, holder } = facts;
      if (client !== null) {
        const grantee = granteeOf(client);
        if (grantee === null) return refuse('invalid_grant');
        return ok({ admitted: true, grantee, most, keyId: null, resource, changes: used });
      }
      const name = new URL(said.issuer).hostname;
      const organization =
        organization_domain === null
          ? ({ own: name, tier: 'key_bound' } as const)
          : ({ domain: organization_domain, tier: 'attested', holder } as const);
      const made = newAgent({ kind: 'attested', clientId, name, organization }, given);
      return ok({ admitted: true, grantee: made.grantee, most, keyId: null, resource, changes: { ...made.changes, ...used } });
    },
  });
}

/** No address of a metadata document has a fragment, and no issuer (RFC 8414 §2), so that it is nobody else's. */
const subjectId = (issuer: string, subject: string): string => `${issuer}#${subject}`;

/** What is refused to a client is refused to a grant (RFC 7523 §3.1). */
function asGrant(inner: Presented): Presented {
  const told = <T>(result: Result<T, OAuthCode>): Result<T, OAuthCode> =>
    result.ok || result.code !== 'invalid_client' ? result : { ...result, code: 'invalid_grant' };
  return {
    load: inner.load,
    prove: async (facts, outside) => told(await inner.prove(facts, outside)),
    admit: (facts, proven, given) => told(inner.admit(facts, proven, given)),
  };
}
