import * as z from 'zod';
import { rowOf } from '../../domain/link-identity.ts';
import { claimable, withCode } from '../../domain/registration.ts';
import { invariant, ok } from '../../domain/result.ts';
import { secretHash } from '../../domain/secret.ts';
import { defineWrite } from '../operation.ts';
import { claimTokenField, linkAttempt, loginHint, registrationId, showAttempt } from './schemas.ts';

/** An agent has a person take it over: it gets a code for them to type. The code of an earlier attempt is dead from then on. */
export const startIdentityClaim = defineWrite({
  name: 'start_identity_claim',
  title: 'Have an identity claimed',
  summary: 'A user code for a person to link the agent with',
  description: 'Makes a user code that one person can type on the page of its verification_uri, for a quarter of an hour.',
  rest: null,
  mcp: false,
  access: { scope: null, anonymous: true, limit: 'registration' },
  input: z.strictObject({ type: z.literal('login_hint').optional(), claim_token: claimTokenField, login_hint: loginHint }),
  output: z.strictObject({ registration_id: registrationId, claim_attempt: linkAttempt }),
  failures: [],
  sideEffect: 'reversible',
  keyed: false,
  load: (queries, { input }) => ({ registration: queries.registrationOfClaim(secretHash(input.claim_token)) }),
  decide({ registration }, { input, now }, given) {
    const open = claimable(registration, now);
    if (!open.ok) return open;
    const { row, code, expiresIn } = withCode(rowOf(open.value), input.login_hint, given);
    return ok({
      changes: { registrations: [{ ...row, version: row.version + 1 }] },
      result: { registrationId: row.registration_id, expiresIn },
      shown: code,
    });
  },
  view(result, { desk }, _, shown) {
    invariant(shown !== undefined, 'a code that was just made is shown');
    return { registration_id: result.registrationId, claim_attempt: showAttempt(shown, result.expiresIn, desk) };
  },
});
