import * as z from 'zod';
import { openingFor } from '../../domain/passkey.ts';
import { ok } from '../../domain/result.ts';
import { defineWrite } from '../operation.ts';
import { instant } from '../vocabulary.ts';
import { ownSession, sessionHash } from './schemas.ts';

/** It looks as the writer, whom alone passkeys are shown to. */
export const listPasskeys = defineWrite({
  name: 'list_passkeys',
  title: 'List passkeys',
  summary: 'The passkeys of whoever is signed in',
  description: 'Lists the passkeys of whoever is signed in, and what it takes to add another one now. Changes nothing.',
  rest: null,
  mcp: false,
  access: { scope: null },
  input: z.strictObject({ session: sessionHash }),
  output: z.strictObject({
    passkeys: z.array(z.strictObject({ credential_id: z.string(), created_at: instant, used_at: instant.nullable() })),
    opening: z.enum(['open', 'step_up', 'sign_in']),
  }),
  failures: ['resource.not_found'],
  sideEffect: 'none',
  keyed: false,
  load: (queries, { input }) => ({ session: queries.ownSession(input.session), passkeys: queries.passkeysOfSession(input.session) }),
  decide({ session, passkeys }, { principal, now }) {
    const own = ownSession(session, principal);
    if (!own.ok) return own;
    const shown = passkeys.map(({ credential_id, created_at, used_at }) => ({ credential_id, created_at, used_at }));
    return ok({ dry: true as const, changes: {}, result: { passkeys: shown, opening: openingFor(own.value, passkeys.length, now) } });
  },
  view: (result) => result,
});
