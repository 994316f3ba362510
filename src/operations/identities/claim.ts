import * as z from 'zod';
import { assertionDigest, spentAssertion } from '../../domain/assertion.ts';
import { together } from '../../domain/decision.ts';
import { linkIdentity } from '../../domain/link-identity.ts';
import { claimable } from '../../domain/registration.ts';
import { invariant, ok, refuse } from '../../domain/result.ts';
import { secretHash } from '../../domain/secret.ts';
import { defineWrite } from '../operation.ts';
import { issuedBy } from './register-assertion.ts';
import { assertion, assertionType, claimTokenField, clientOfIssuer, registrationId } from './schemas.ts';

/**
 * An agent is claimed by the word of an issuer that the vendor trusts with an organization: it moves there at once. An issuer whose subjects
 * belong to no organization in particular cannot say where to; then a person has to.
 */
export const claimIdentity = defineWrite({
  name: 'claim_identity',
  title: 'Claim an identity by an assertion',
  summary: 'Link an agent to the organization of a trusted issuer',
  description: 'Links the agent of a claim token to the organization that a trusted issuer stands for. No person has to type a code.',
  rest: null,
  mcp: false,
  access: { scope: null, anonymous: true, limit: 'registration' },
  input: z.strictObject({
    type: z.literal('identity_assertion'),
    claim_token: claimTokenField,
    assertion_type: assertionType.optional(),
    assertion,
    client_id: clientOfIssuer,
  }),
  output: z.strictObject({ registration_id: registrationId, status: z.literal('claimed') }),
  failures: ['quota.exhausted'],
  sideEffect: 'irreversible',
  keyed: false,
  inspect({ assertion: jwt }, desk) {
    const said = issuedBy(jwt, desk);
    if (!said.ok) return said;
    const trusted = desk.vendor.trusted_issuers.find(({ issuer }) => issuer === said.value.issuer);
    if (trusted === undefined || trusted.organization_domain === null) return refuse('interaction_required');
    const { organization_domain: domain, ...issuer } = trusted;
    // As at the token endpoint: what was used there is used here.
    return ok({ issuer, domain, jti: said.value.jti, spent: assertionDigest(said.value) });
  },
  load: (queries, { input, found, now }) => {
    const claimHash = secretHash(input.claim_token);
    return {
      registration: queries.registrationOfClaim(claimHash),
      facts: queries.clientFacts({ client_id: null, key_hash: null, domain: found.domain, spent: found.spent }, now),
      workspaces: queries.workspacesToAdopt({ claimHash }),
      api_keys: queries.apiKeysToEnd({ claimHash }),
    };
  },
  async prove({ registration, facts }, { input, found, desk, now }, outside) {
    const open = claimable(registration, now);
    if (!open.ok) return open;
    if (facts.spent) return refuse('invalid_request');
    const asked = { assertion: input.assertion, issuers: [found.issuer], audience: desk.origin, now };
    const proven = await outside.proveIssued(asked);
    const isMeant = proven.ok && (input.client_id ?? proven.value.clientId) === proven.value.clientId;
    return isMeant ? ok({ registration: open.value, ...proven.value }) : refuse('invalid_request');
  },
  decide({ facts, workspaces, api_keys }, { found, proven, desk }, given) {
    invariant(proven.issuer === found.issuer.issuer && proven.jti === found.jti, 'what was verified is what was looked up');
    const { registration } = proven;
    if (facts.holder === null) return refuse('interaction_required');
    const moved = linkIdentity(
      {
        ...{ registration, workspaces, api_keys, organizationId: facts.holder.organization_id, tenant: desk.tenant },
        activeLimit: desk.vendor.provisioning.api_key.active_workspaces,
        by: { issuer: proven.issuer },
      },
      given,
    );
    if (!moved.ok) return moved;
    const used = spentAssertion(found.spent, proven.expiresAt);
    return ok({ changes: together(moved.value, used), result: { registrationId: registration.registration_id } });
  },
  view: ({ registrationId: registration_id }) => ({ registration_id, status: 'claimed' as const }),
});
