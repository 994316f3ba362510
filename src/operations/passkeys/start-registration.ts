import * as z from 'zod';
import { openingFor } from '../../domain/passkey.ts';
import { ok, refuse } from '../../domain/result.ts';
import { defineWrite } from '../operation.ts';
import { begun, ownSession, placeOf, sessionHash } from './schemas.ts';

/** Nothing is recorded: the challenge goes with the browser, sealed. */
export const startPasskeyRegistration = defineWrite({
  name: 'start_passkey_registration',
  title: 'Begin to add a passkey',
  summary: 'What a browser needs to make a passkey',
  description: 'Answers what a browser needs to make a passkey for whoever is signed in. It has five minutes.',
  rest: null,
  mcp: false,
  access: { scope: null },
  input: z.strictObject({ session: sessionHash }),
  output: begun,
  failures: ['resource.not_found', 'challenge.required'],
  sideEffect: 'none',
  keyed: false,
  load: (queries, { input }) => ({ session: queries.ownSession(input.session), passkeys: queries.passkeysOfSession(input.session) }),
  async prove({ session, passkeys }, known, { passkeys: verifier }) {
    const own = ownSession(session, known.principal);
    if (!own.ok || !verifier) return refuse('resource.not_found');
    if (openingFor(own.value, passkeys.length, known.now) !== 'open') return refuse('challenge.required');
    const asked = { ...placeOf(known, known.input.session), name: own.value.email, known: passkeys };
    return ok(await verifier.beginRegistration(asked));
  },
  decide: (_, { proven }) => ok({ dry: true as const, changes: {}, result: proven }),
  view: (result) => result,
});
