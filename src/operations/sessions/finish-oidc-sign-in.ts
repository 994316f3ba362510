import * as z from 'zod';
import { together } from '../../domain/decision.ts';
import { invariant, ok } from '../../domain/result.ts';
import { openSession, sessionSeconds } from '../../domain/session.ts';
import { vouchedPerson } from '../../domain/sign-in.ts';
import { defineWrite } from '../operation.ts';
import { previousSession, signedIn } from './schemas.ts';

/** Signs in whom the provider vouches for. Its input is the answer of `prove_oidc_sign_in`, never a stranger's. */
export const finishOidcSignIn = defineWrite({
  name: 'finish_oidc_sign_in',
  title: 'Sign in by the provider',
  summary: 'Sign in whom the provider vouches for',
  description: 'Signs in the person that is bound to a subject of the provider, or known by the address that the provider verified.',
  rest: null,
  mcp: false,
  access: { scope: null, anonymous: true, limit: 'link' },
  input: z.strictObject({
    issuer: z.string().max(512),
    subject: z.string().max(255),
    email: z.string().max(254).nullable(),
    previous: previousSession,
  }),
  output: signedIn,
  failures: ['resource.not_found'],
  sideEffect: 'irreversible',
  keyed: false,
  load: (queries, { input: { issuer, subject, email } }) => ({ people: queries.vouchedPeople(issuer, subject, email) }),
  decide({ people }, { input, desk }, given) {
    const vouched = vouchedPerson(people, input);
    if (!vouched.ok) return vouched;
    const { person, changes } = vouched.value;
    const wanted = { personId: person.person_id, environment: desk.environment, previous: input.previous, steppedUpAt: null };
    const session = openSession(wanted, given);
    return ok({ changes: together(changes, session.changes), result: {}, shown: session.secret });
  },
  view(_, __, ___, shown) {
    invariant(shown !== undefined, 'a session that was just opened is shown');
    return { session: shown, expires_in: sessionSeconds };
  },
});
