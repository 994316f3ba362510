import * as z from 'zod';
import { invariant, ok, type Result, refuse } from '../../domain/result.ts';
import { unverifiedClaims } from '../../domain/unverified-claims.ts';
import type { Desk } from '../desk.ts';
import { defineWrite, type Loads } from '../operation.ts';
import { tokenForm } from '../tokens/form.ts';
import { jwtBearer } from '../tokens/jwt-bearer.ts';
import { asserted, assertion, assertionType, cannotAssert, type Registered, registered, showRegistered } from './schemas.ts';

/** Whoever is asserted by us, or by an issuer that the vendor trusts, is asserted anew at once. */
export const registerIdentityAssertion = defineWrite({
  name: 'register_identity_assertion',
  title: 'Register with an assertion',
  summary: 'The identity that somebody else asserts',
  description: 'Makes or finds the agent that a trusted issuer or an earlier assertion of ours is about, and asserts it.',
  rest: null,
  mcp: false,
  access: { scope: null, anonymous: true, limit: 'registration' },
  input: z.strictObject({ type: z.literal('identity_assertion'), assertion_type: assertionType.optional(), assertion }),
  output: registered,
  failures: [],
  sideEffect: 'reversible',
  keyed: false,
  async inspect({ assertion: jwt }, desk, now) {
    const issued = issuedBy(jwt, desk);
    if (!issued.ok) return issued;
    const form = tokenForm.parse({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: { jwt, said: issued.value } });
    return jwtBearer(form, { desk, now });
  },
  load: (queries, { found }): Loads => found.load(queries),
  prove: (facts, { found }, outside) => found.prove(facts, outside),
  decide(facts, { found, proven, desk }, given) {
    if (!desk.canSign('assertions')) return cannotAssert();
    const admission = found.admit(facts, proven, given);
    if (!admission.ok) return admission;
    invariant(admission.value.admitted, 'an assertion is good at once or never');
    const { grantee, changes } = admission.value;
    const result: Registered = {
      registrationId: `reg_${grantee.agentId.slice('agt_'.length)}`,
      ...{ type: 'identity_assertion', tier: grantee.tier, claimExpires: null },
      assertion: asserted({ agent_id: grantee.agentId, epoch: grantee.epoch }, desk, given),
    };
    return ok({ changes, result });
  },
  view: (result, { desk }) => showRegistered(result, desk),
});

export interface Said {
  readonly issuer: string;
  readonly subject: string;
  readonly jti: string;
}

/** What an assertion says of itself, where its issuer is one that is believed here. Nothing is verified yet. */
export function issuedBy(jwt: string, desk: Desk): Result<Said, 'invalid_request' | 'issuer_not_enabled'> {
  const { iss: issuer, sub: subject, jti } = unverifiedClaims(jwt) ?? {};
  if (typeof issuer !== 'string' || typeof subject !== 'string' || typeof jti !== 'string') return refuse('invalid_request');
  if (Math.max(issuer.length, subject.length) > 512 || jti.length > 255) return refuse('invalid_request');
  const isBelieved = issuer === desk.origin || desk.vendor.trusted_issuers.some((trusted) => trusted.issuer === issuer);
  return isBelieved ? ok({ issuer, subject, jti }) : refuse('issuer_not_enabled');
}
