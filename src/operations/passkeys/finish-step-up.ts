import * as z from 'zod';
import { sha256Hex } from '../../domain/canonical.ts';
import { together } from '../../domain/decision.ts';
import { usedChallenge } from '../../domain/passkey.ts';
import { invariant, ok, refuse } from '../../domain/result.ts';
import { openSession } from '../../domain/session.ts';
import { defineWrite } from '../operation.ts';
import { signedIn } from '../sessions/schemas.ts';
import { answer, kept, ownSession, placeOf, readPresence, sessionHash } from './schemas.ts';

/** The challenge is used up by it, and the session gets another secret: one that was stolen before is not lifted with it. */
export const finishStepUp = defineWrite({
  name: 'finish_step_up',
  title: 'Use a passkey',
  summary: 'Let the session do what moves money, for a while',
  description:
    'Checks that whoever is signed in is there and verified themselves to their passkey. For ten minutes the session may do what moves ' +
    'money or changes who gets it. Its secret is replaced; it ends when it would have ended.',
  rest: null,
  mcp: false,
  access: { scope: null },
  input: z.strictObject({ session: sessionHash, kept, answer }),
  output: signedIn,
  failures: ['resource.not_found', 'challenge.required'],
  sideEffect: 'reversible',
  keyed: false,
  inspect: (input) => readPresence(input.answer),
  load: (queries, { input, found }) => ({
    session: queries.ownSession(input.session),
    passkey: queries.passkey(found.id),
    spent: queries.spent('sign_in', sha256Hex(input.kept)),
  }),
  async prove({ session, passkey, spent }, known, { passkeys: verifier }) {
    const own = ownSession(session, known.principal);
    if (!own.ok || !verifier) return refuse('resource.not_found');
    if (spent !== null || passkey === null || passkey.person_id !== known.principal.id) return refuse('challenge.required');
    const stored = { ...passkey, counter: Number(passkey.counter) };
    const asked = { ...placeOf(known, known.input.session), kept: known.input.kept, response: known.found, passkey: stored };
    const proven = await verifier.finishStepUp(asked);
    return proven.ok ? ok({ ...proven.value, fromCounter: stored.counter, expiresAt: own.value.expires_at }) : proven;
  },
  decide(_, { input, found, principal, desk, proven }, given) {
    const { counter, fromCounter, expiresAt } = proven;
    const wanted = { personId: principal.id, environment: desk.environment, previous: input.session, steppedUpAt: given.now };
    const session = openSession({ ...wanted, expiresAt: new Date(expiresAt) }, given);
    const used = { credential_id: found.id, from_counter: fromCounter, counter, at: given.now.toISOString() };
    const changes = together(session.changes, { used_passkey: used, spent: [usedChallenge(input.kept, given.now)] });
    return ok({ changes, result: { expires_at: expiresAt }, shown: session.secret });
  },
  view({ expires_at }, { now }, __, shown) {
    invariant(shown !== undefined, 'a session that was just opened is shown');
    return { session: shown, expires_in: Math.max(1, Math.floor((Date.parse(expires_at) - now.getTime()) / 1000)) };
  },
});
