import * as z from 'zod';
import { triedCode } from '../../domain/link-identity.ts';
import { codeKey } from '../../domain/registration.ts';
import { ok, refuse } from '../../domain/result.ts';
import { defineWrite } from '../operation.ts';
import { instant, organizationId } from '../vocabulary.ts';
import { registrationId, sessionHash, usableCode, userCodeField } from './schemas.ts';

/**
 * A person typed a code: what it would link, before it does. Every code counts, right or wrong, since whether it is right is what somebody
 * guesses at; linking gives the place of the right one back.
 */
export const previewIdentityLink = defineWrite({
  name: 'preview_identity_link',
  title: 'Look at what a user code links',
  summary: 'Which agent a user code is of',
  description: 'Shows which agent a user code would link, and to which organizations. Counts the code as tried, and changes nothing else.',
  rest: null,
  mcp: false,
  access: { scope: 'agents:manage' },
  input: z.strictObject({ session: sessionHash, user_code: userCodeField }),
  output: z.strictObject({
    found: z
      .strictObject({
        registration_id: registrationId,
        registered_at: instant,
        credential: z.enum(['key', 'none']),
        untrusted: z.strictObject({
          client_name: z.string().nullable(),
          organization: z.strictObject({ name: z.string(), domain: z.string().nullable() }).nullable(),
        }),
      })
      .nullable(),
    organizations: z
      .array(z.strictObject({ id: organizationId, domain: z.string().nullable(), untrusted: z.strictObject({ name: z.string() }) }))
      .nullable()
      .describe('Null: every organization, by its id.'),
  }),
  failures: ['resource.not_found', 'quota.exhausted'],
  sideEffect: 'none',
  keyed: false,
  load: (queries, { input, desk }) => ({
    registration: queries.registrationOfCode(codeKey(desk.derive, input.user_code), input.session),
    organizations: queries.organizationsToLink(),
  }),
  decide({ registration, organizations }, { principal: { id, person }, now }) {
    if (!person) return refuse('resource.not_found');
    const usable = usableCode(registration, now);
    const { client_name = null, organization = null } = usable?.stated ?? {};
    return ok({
      changes: { counters: [triedCode(id, 1, now)] },
      result: {
        found: usable && {
          ...{ registration_id: usable.registration_id, registered_at: usable.created_at },
          credential: usable.agent.keyed ? ('key' as const) : ('none' as const),
          untrusted: { client_name, organization },
        },
        organizations:
          person.role === 'operator'
            ? null
            : organizations.map(({ organization_id, name, domain }) => ({ id: organization_id, domain, untrusted: { name } })),
      },
    });
  },
  view: (result) => result,
});
