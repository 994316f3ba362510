import * as z from 'zod';
import { ok, refuse } from '../../domain/result.ts';
import { defineWrite } from '../operation.ts';
import { credentialId } from './schemas.ts';

export const removePasskey = defineWrite({
  name: 'remove_passkey',
  title: 'Remove a passkey',
  summary: 'Forget one of one’s own passkeys',
  description: 'Removes a passkey of whoever is signed in and has just used one. It opens nothing any more.',
  rest: null,
  mcp: false,
  access: { scope: null, stepUp: true },
  input: z.strictObject({ credential_id: credentialId }),
  output: z.strictObject({}),
  failures: ['resource.not_found'],
  sideEffect: 'irreversible',
  keyed: false,
  load: (queries, { input }) => ({ passkey: queries.passkey(input.credential_id) }),
  decide({ passkey }, { principal }) {
    if (passkey === null || passkey.person_id !== principal.id) return refuse('resource.not_found');
    return ok({ changes: { removed_passkey: { credential_id: passkey.credential_id, person_id: principal.id } }, result: {} });
  },
  view: () => ({}),
});
