import * as z from 'zod';
import { ok, refuse } from '../../domain/result.ts';
import { defineWrite } from '../operation.ts';
import { begun, ownSession, placeOf, sessionHash } from './schemas.ts';

/** Nothing is recorded: the challenge goes with the browser, sealed. */
export const startStepUp = defineWrite({
  name: 'start_step_up',
  title: 'Begin to use a passkey',
  summary: 'What a browser needs to use a passkey',
  description: 'Answers what a browser needs to use a passkey of whoever is signed in. Refuses where there is none. It has five minutes.',
  rest: null,
  mcp: false,
  access: { scope: null },
  input: z.strictObject({ session: sessionHash }),
  output: begun,
  failures: ['resource.not_found', 'state.forbidden'],
  sideEffect: 'none',
  keyed: false,
  load: (queries, { input }) => ({ session: queries.ownSession(input.session), passkeys: queries.passkeysOfSession(input.session) }),
  async prove({ session, passkeys }, known, { passkeys: verifier }) {
    const own = ownSession(session, known.principal);
    if (!own.ok || !verifier) return refuse('resource.not_found');
    if (passkeys.length === 0) return refuse('state.forbidden', { detail: 'There is no passkey yet.' });
    return ok(await verifier.beginStepUp({ ...placeOf(known, known.input.session), known: passkeys }));
  },
  decide: (_, { proven }) => ok({ dry: true as const, changes: {}, result: proven }),
  view: (result) => result,
});
