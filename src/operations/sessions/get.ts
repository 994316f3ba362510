import * as z from 'zod';
import { roles } from '../../domain/actor.ts';
import { ok, refuse } from '../../domain/result.ts';
import { defineRead } from '../operation.ts';
import { instant } from '../vocabulary.ts';

/** Who is signed in. */
export const getSession = defineRead({
  name: 'get_session',
  title: 'Look at the session',
  summary: 'Who is signed in',
  description: 'Shows who is signed in, and as what.',
  rest: null,
  mcp: false,
  access: { scope: null },
  input: z.strictObject({}),
  output: z.strictObject({
    person_id: z.string(),
    role: z.enum(roles),
    organization_ids: z.array(z.string()),
    stepped_up_at: instant.nullable(),
  }),
  failures: ['resource.not_found'],
  sideEffect: 'none',
  view(_, { principal: { id, person } }) {
    if (!person) return refuse('resource.not_found');
    return ok({
      person_id: id,
      role: person.role,
      organization_ids: [...person.organizationIds],
      stepped_up_at: person.steppedUpAt?.toISOString() ?? null,
    });
  },
});
