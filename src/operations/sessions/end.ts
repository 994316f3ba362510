import * as z from 'zod';
import { ok } from '../../domain/result.ts';
import { defineWrite } from '../operation.ts';

/** Signs out: here, or wherever the person is signed in. */
export const endSession = defineWrite({
  name: 'end_session',
  title: 'Sign out',
  summary: 'End this session, or all of the person',
  description: 'Ends the session that it is asked with; with everywhere, every session of the person.',
  rest: null,
  mcp: false,
  access: { scope: null },
  input: z.strictObject({
    session: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .describe('SHA-256 of the session that asks.'),
    everywhere: z.boolean(),
  }),
  output: z.strictObject({}),
  failures: [],
  sideEffect: 'irreversible',
  keyed: false,
  decide(_, { input, principal }, given) {
    const at = given.now.toISOString();
    const ended = input.everywhere ? { person_id: principal.id, at } : { session_hash: input.session, at };
    return ok({ changes: { ended_sessions: ended }, result: {} });
  },
  view: () => ({}),
});
