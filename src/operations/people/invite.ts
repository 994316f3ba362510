import * as z from 'zod';
import { fittingPlaces, newPerson } from '../../domain/person.ts';
import { ok, refuse } from '../../domain/result.ts';
import { lackedFor } from '../../domain/scopes.ts';
import { normaliseEmail } from '../../domain/sign-in.ts';
import { cleanText } from '../../domain/untrusted-text.ts';
import { defineWrite } from '../operation.ts';
import { instant, organizationId } from '../vocabulary.ts';
import { organizationIds, personId, role } from './schemas.ts';

export const invitePerson = defineWrite({
  name: 'invite_person',
  title: 'Invite a person',
  summary: 'Mail somebody a link that lets them in',
  description:
    'Makes a person with one role and mails them a link that signs them in, once, within seven days; afterwards they sign in by mail or with ' +
    'their company account. A partner or channel manager needs at least one organization, an operator or auditor none. Nobody gives a ' +
    'role that may do more than they. Who is invited already is not invited again: they can ask for a link at /login.',
  rest: { method: 'post', path: '/v1/people', status: 201 },
  mcp: false,
  access: { scope: 'policy:write', stepUp: true },
  input: z.strictObject({
    email: z.string().max(320).describe('Where the link is sent, and by what the person is known.'),
    name: z.string().min(1).max(200).optional().describe('What to call them.'),
    role,
    organization_ids: organizationIds.optional(),
  }),
  output: z
    .strictObject({
      id: personId,
      role,
      organization_ids: z.array(organizationId),
      invitation_expires_at: instant.describe('Until when the link can be used.'),
    })
    .meta({ id: 'InvitedPerson' }),
  failures: ['resource.not_found', 'resource.conflict'],
  sideEffect: 'reversible',
  inspect({ email, role: wanted, organization_ids }) {
    const address = normaliseEmail(email);
    if (address === null) return refuse('request.invalid', { issues: [noAddress] });
    const places = fittingPlaces(wanted, organization_ids ?? []);
    return places.ok ? ok({ email: address, organizationIds: places.value }) : places;
  },
  load: (queries, { found }) => ({
    known: queries.personByEmail(found.email),
    organizations: queries.organizationsAmong(found.organizationIds),
  }),
  decide({ known, organizations }, { input, found, principal, desk }, given) {
    const requiredScope = lackedFor(input.role, principal);
    if (requiredScope !== null) return refuse('scope.missing', { requiredScope });
    if (known !== null) return refuse('resource.conflict', { detail: 'Somebody is known by this address already.' });
    if (organizations.length < found.organizationIds.length) return refuse('resource.not_found');
    const name = input.name === undefined ? null : cleanText(input.name, 80) || null;
    const decider = { by: principal.agentId ?? principal.id, tenant: desk.tenant };
    const { person, expiresAt, changes } = newPerson({ ...found, name, role: input.role }, decider, given);
    // The address is not kept with the answer: who removes the person has removed it everywhere.
    const result = { id: person.person_id, role: person.role, organization_ids: found.organizationIds, invitation_expires_at: expiresAt };
    return ok({ changes, result, subjectId: person.person_id });
  },
  view: (result) => ({ ...result, organization_ids: [...result.organization_ids] }),
});

const noAddress = { pointer: '/email', code: 'email', message: 'Expected an e-mail address.' };
