import * as z from 'zod';
import type { PersonListed } from '../../db/people-queries.ts';
import { roles } from '../../domain/actor.ts';
import { mostMemberships } from '../../domain/person.ts';
import { id, instant, organizationId } from '../vocabulary.ts';

export const personId = id('psn', 'a person');

export const role = z
  .enum(roles)
  .describe('operator: the vendor’s own, may do everything. auditor: reads. channel_manager, partner: of organizations that are named.');

export const organizationIds = z.array(organizationId).max(mostMemberships).describe('Of a partner or channel manager: at least one.');

export const personView = z
  .strictObject({
    id: personId,
    email: z.string().describe('Personal data. Of somebody who was removed: an address that leads nowhere.'),
    role,
    state: z.enum(['active', 'removed']),
    organization_ids: z.array(organizationId),
    created_at: instant,
    untrusted: z.strictObject({ name: z.string().nullable() }),
  })
  .meta({ id: 'Person' });

export const showPerson = (row: PersonListed): z.input<typeof personView> => ({
  ...{ id: row.person_id, email: row.email, role: row.role, state: row.state },
  ...{ organization_ids: [...row.organization_ids], created_at: row.created_at, untrusted: { name: row.name } },
});
