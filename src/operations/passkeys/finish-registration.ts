import * as z from 'zod';
import { sha256Hex } from '../../domain/canonical.ts';
import { mostPasskeys, openingFor, usedChallenge } from '../../domain/passkey.ts';
import { ok, refuse } from '../../domain/result.ts';
import { defineWrite } from '../operation.ts';
import { answer, kept, ownSession, placeOf, readRegistration, sessionHash } from './schemas.ts';

/** The challenge is used up by it. */
export const finishPasskeyRegistration = defineWrite({
  name: 'finish_passkey_registration',
  title: 'Add a passkey',
  summary: 'Keep the passkey that a browser made',
  description: 'Keeps the public half of the passkey that a browser made for whoever is signed in. A challenge is good for one.',
  rest: null,
  mcp: false,
  access: { scope: null },
  input: z.strictObject({ session: sessionHash, kept, answer }),
  output: z.strictObject({ credential_id: z.string() }),
  failures: ['resource.not_found', 'resource.conflict', 'challenge.required', 'quota.exhausted'],
  sideEffect: 'reversible',
  keyed: false,
  inspect: (input) => readRegistration(input.answer),
  load: (queries, { input, found }) => ({
    session: queries.ownSession(input.session),
    passkeys: queries.passkeysOfSession(input.session),
    taken: queries.passkey(found.id),
    spent: queries.spent('sign_in', sha256Hex(input.kept)),
  }),
  async prove({ session, passkeys, taken, spent }, known, { passkeys: verifier }) {
    const own = ownSession(session, known.principal);
    if (!own.ok || !verifier) return refuse('resource.not_found');
    if (spent !== null || openingFor(own.value, passkeys.length, known.now) !== 'open') return refuse('challenge.required');
    if (taken !== null) return refuse('resource.conflict', { detail: 'This passkey is there already.' });
    if (passkeys.length >= mostPasskeys) return refuse('quota.exhausted', { detail: 'Remove a passkey that you no longer use first.' });
    return verifier.finishRegistration({ ...placeOf(known, known.input.session), kept: known.input.kept, response: known.found });
  },
  decide(_, { input, principal, proven }, { now }) {
    const passkey = { ...proven, person_id: principal.id, created_at: now.toISOString() };
    return ok({
      changes: { passkeys: [passkey], spent: [usedChallenge(input.kept, now)] },
      result: { credential_id: proven.credential_id },
    });
  },
  view: (result) => result,
});
