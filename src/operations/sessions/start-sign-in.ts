import * as z from 'zod';
import { sha256Hex } from '../../domain/canonical.ts';
import { ok, refuse } from '../../domain/result.ts';
import { askForLink, normaliseEmail } from '../../domain/sign-in.ts';
import { linkSeconds } from '../../domain/sign-in-link.ts';
import { defineWrite } from '../operation.ts';
import { browserNonce, seconds } from './schemas.ts';

/** Sends a link to whoever is known by an address. Nothing in the answer, nor what it costs, tells whether anybody is. */
export const startSignIn = defineWrite({
  name: 'start_sign_in',
  title: 'Ask for a sign-in link',
  summary: 'Mail a link that signs a person in',
  description: 'Mails a link to the person of this address, if there is one. It works for 15 minutes, once, in the browser that asked.',
  rest: null,
  mcp: false,
  access: { scope: null, anonymous: true, limit: 'sign_in' },
  input: z.strictObject({ email: z.string().max(320), browser: browserNonce }),
  output: z.strictObject({ expires_in: seconds }),
  failures: [],
  sideEffect: 'reversible',
  keyed: false,
  inspect({ email }) {
    const address = normaliseEmail(email);
    if (address !== null) return ok(address);
    return refuse('request.invalid', { issues: [{ pointer: '/email', code: 'email', message: 'Expected an e-mail address.' }] });
  },
  load: (queries, { input, found, now }) => ({ known: queries.correspondent(found, sha256Hex(input.browser), now) }),
  decide: ({ known }, { input }, given) => ok({ changes: askForLink(known, sha256Hex(input.browser), given), result: {} }),
  view: () => ({ expires_in: linkSeconds.sign_in }),
});
