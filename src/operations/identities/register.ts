import * as z from 'zod';
import { together } from '../../domain/decision.ts';
import { newIdentity } from '../../domain/registration.ts';
import { ok } from '../../domain/result.ts';
import { defineWrite } from '../operation.ts';
import { asserted, cannotAssert, clientName, type Registered, registered, showRegistered, statedOrganization } from './schemas.ts';

/** Whoever has nothing to show gets an identity of its own, new each time. */
export const registerIdentity = defineWrite({
  name: 'register_identity',
  title: 'Register without anything',
  summary: 'A new identity for an agent that has nothing to show',
  description: 'Makes an agent of tier anonymous, and asserts it: the assertion is exchanged for access tokens at the token endpoint.',
  rest: null,
  mcp: false,
  access: { scope: null, anonymous: true, limit: 'registration' },
  input: z.strictObject({
    type: z.literal('anonymous'),
    client_name: clientName.optional(),
    organization: statedOrganization.optional(),
  }),
  output: registered,
  failures: [],
  sideEffect: 'reversible',
  keyed: false,
  decide(_, { input, desk }, given) {
    if (!desk.canSign('assertions')) return cannotAssert();
    const newcomer = { clientName: input.client_name, organization: input.organization, key: null };
    const { registration, changes } = newIdentity(newcomer, desk.environment, given);
    const result: Registered = {
      ...{ registrationId: registration.registration_id, type: 'anonymous', tier: 'anonymous' },
      assertion: asserted({ agent_id: registration.agent_id, epoch: 1 }, desk, given),
      claimExpires: registration.claim_expires_at,
    };
    return ok({ changes: together(changes, { registrations: [registration] }), result });
  },
  view: (result, { desk }) => showRegistered(result, desk),
});
