import * as z from 'zod';
import { together } from '../../domain/decision.ts';
import { claimToken, newIdentity, withCode } from '../../domain/registration.ts';
import { invariant, ok } from '../../domain/result.ts';
import { agentScopes } from '../../domain/scopes.ts';
import { defineWrite } from '../operation.ts';
import { instant } from '../vocabulary.ts';
import { claimUrl, clientName, linkAttempt, loginHint, registrationId, showAttempt, statedOrganization } from './schemas.ts';

/** An agent that acts for a person here gets nothing before that person says so. */
export const requestIdentity = defineWrite({
  name: 'request_identity',
  title: 'Ask a person for an identity',
  summary: 'Begin with the approval of a person',
  description: 'Makes a user code for a person to type, and a claim token to collect credentials with once they did. Nothing before that.',
  rest: null,
  mcp: false,
  access: { scope: null, anonymous: true, limit: 'registration' },
  input: z.strictObject({
    type: z.literal('service_auth'),
    login_hint: loginHint,
    client_name: clientName.optional(),
    organization: statedOrganization.optional(),
  }),
  output: z.strictObject({
    registration_id: registrationId,
    registration_type: z.literal('service_auth'),
    claim_url: z.string(),
    claim_token: z.string(),
    claim_token_expires: instant,
    post_claim_scopes: z.array(z.enum(agentScopes)),
    claim: linkAttempt,
  }),
  failures: [],
  sideEffect: 'reversible',
  keyed: false,
  decide(_, { input, desk }, given) {
    const newcomer = { clientName: input.client_name, organization: input.organization, key: null };
    const { registration, changes } = newIdentity(newcomer, desk.environment, given);
    const { row, code, expiresIn } = withCode(registration, input.login_hint, given);
    return ok({
      changes: together(changes, { registrations: [row] }),
      result: { registrationId: row.registration_id, claimExpires: row.claim_expires_at, expiresIn },
      shown: code,
    });
  },
  view(result, { desk }, _, shown) {
    invariant(shown !== undefined, 'a code that was just made is shown');
    return {
      registration_id: result.registrationId,
      registration_type: 'service_auth' as const,
      claim_url: claimUrl(desk),
      claim_token: claimToken(desk.derive, desk.environment, result.registrationId),
      claim_token_expires: result.claimExpires,
      post_claim_scopes: [...agentScopes],
      claim: showAttempt(shown, result.expiresIn, desk),
    };
  },
});
