import * as z from 'zod';
import { type Said, saidOf } from '../../domain/assertion.ts';
import { invariant, ok, type Result, refuse } from '../../domain/result.ts';
import type { Desk } from '../desk.ts';
import { defineWrite } from '../operation.ts';
import { tokenForm } from '../tokens/form.ts';
import { jwtBearer } from '../tokens/jwt-bearer.ts';
import {
  asserted,
  assertion,
  assertionType,
  cannotAssert,
  clientOfIssuer,
  type Registered,
  registered,
  showRegistered,
} from './schemas.ts';

/** Whoever is asserted by us, or by an issuer that the vendor trusts, is asserted anew at once. */
export const registerIdentityAssertion = defineWrite({
  name: 'register_identity_assertion',
  title: 'Register with an assertion',
  summary: 'The identity that somebody else asserts',
  description: 'Makes or finds the agent that a trusted issuer or an earlier assertion of ours is about, and asserts it.',
  rest: null,
  mcp: false,
  access: { scope: null, anonymous: true, limit: 'registration' },
  input: z.strictObject({
    type: z.literal('identity_assertion'),
    assertion_type: assertionType.optional(),
    assertion,
    client_id: clientOfIssuer,
  }),
  output: registered,
  failures: [],
  sideEffect: 'reversible',
  keyed: false,
  async inspect({ assertion: jwt, client_id }, desk, now) {
    const issued = issuedBy(jwt, desk);
    if (!issued.ok) return issued;
    const said = issued.value;
    const form = tokenForm.parse({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', client_id, assertion: { jwt, said } });
    const presented = await jwtBearer(form, { desk, now });
    // Subjects of others register nowhere but here: they have no registration to be claimed by.
    return presented.ok ? ok({ presented: presented.value, registered: said.issuer === desk.origin ? said.subject : null }) : presented;
  },
  load: (queries, { found }) => ({
    ...found.presented.load(queries),
    registration: queries.registrationOfAgent(found.registered),
  }),
  prove: (facts, { found }, outside) => found.presented.prove(facts, outside),
  decide(facts, { found, proven, desk }, given) {
    if (!desk.canSign('assertions')) return cannotAssert();
    const admission = found.presented.admit(facts, proven, given);
    if (!admission.ok) return admission;
    invariant(admission.value.admitted, 'an assertion is good at once or never');
    const { grantee, changes } = admission.value;
    const result: Registered = {
      registrationId: facts.registration?.registration_id ?? null,
      ...{ type: 'identity_assertion', tier: grantee.tier, claimExpires: null },
      assertion: asserted({ agent_id: grantee.agentId, epoch: grantee.epoch }, desk, given),
    };
    return ok({ changes, result });
  },
  view: (result, { desk }) => showRegistered(result, desk),
});

/** What an assertion says of itself, where its issuer is one that is believed here. Nothing is verified yet. */
export function issuedBy(jwt: string, desk: Desk): Result<Said, 'invalid_request' | 'issuer_not_enabled'> {
  const said = saidOf(jwt);
  if (said === null) return refuse('invalid_request');
  const isBelieved = said.issuer === desk.origin || desk.vendor.trusted_issuers.some(({ issuer }) => issuer === said.issuer);
  return isBelieved ? ok(said) : refuse('issuer_not_enabled');
}
