import * as z from 'zod';
import { sha256Hex } from '../../domain/canonical.ts';
import { together } from '../../domain/decision.ts';
import { invariant, ok } from '../../domain/result.ts';
import { secretHash } from '../../domain/secret.ts';
import { openSession, sessionSeconds } from '../../domain/session.ts';
import { usableLink } from '../../domain/sign-in.ts';
import { defineWrite } from '../operation.ts';
import { browserNonce, linkToken, previousSession, signedIn } from './schemas.ts';

/** Uses a sign-in link up. Of many attempts at once exactly one succeeds. */
export const finishSignIn = defineWrite({
  name: 'finish_sign_in',
  title: 'Sign in with a link',
  summary: 'Use a sign-in link up',
  description: 'Signs the person of a link in. The link is used up, and what the browser had before ends.',
  rest: null,
  mcp: false,
  access: { scope: null, anonymous: true, limit: 'link' },
  input: z.strictObject({ token: linkToken, browser: browserNonce.nullable(), previous: previousSession }),
  output: signedIn,
  failures: ['resource.not_found', 'state.forbidden'],
  sideEffect: 'irreversible',
  keyed: false,
  load: (queries, { input }) => ({ link: queries.signInLink(secretHash(input.token)) }),
  decide({ link }, { input, desk, now }, given) {
    const usable = usableLink(link, input.browser && sha256Hex(input.browser), now);
    if (!usable.ok) return usable;
    const { link_id, person_id } = usable.value;
    const wanted = { personId: person_id, environment: desk.environment, previous: input.previous, steppedUpAt: null };
    const { changes, secret } = openSession(wanted, given);
    return ok({ changes: together(changes, { used_link: { link_id, at: given.now.toISOString() } }), result: {}, shown: secret });
  },
  view(_, __, ___, shown) {
    invariant(shown !== undefined, 'a session that was just opened is shown');
    return { session: shown, expires_in: sessionSeconds };
  },
});
