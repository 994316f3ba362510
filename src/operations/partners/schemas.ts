import * as z from 'zod';
import type { ApplicationListed } from '../../db/application-queries.ts';
import { type PartnerApplication, signalsOf } from '../../domain/partner-application.ts';
import { id, instant, organizationId } from '../vocabulary.ts';

export const applicationId = id('app', 'an application for partnership');

export const applicationState = z.enum(['open', 'approved', 'refused', 'expired']);

const decided = {
  id: applicationId,
  state: applicationState,
  created_at: instant,
  decided_at: instant.nullable(),
  decided_by: z.string().nullable(),
  reason: z.string().nullable().describe('A note of whoever decided, for their own people.'),
  organization_id: organizationId.nullable().describe('What was made of it.'),
};

/** Without what the applicant wrote. */
export const decidedView = z.strictObject(decided);

export const applicationView = z
  .strictObject({
    ...decided,
    email: z.string().describe('Personal data. Nobody has proven to have this address; an invitation to it does.'),
    domain: z.string().nullable().describe('The registrable domain that they named; not proven.'),
    signals: z
      .strictObject({
        free_mail: z.boolean().describe('Anybody gets an address there.'),
        mail_at_domain: z.boolean().nullable().describe('Whether the address is at the domain that they named.'),
        domain_held_by: organizationId.nullable().describe('An organization that has this domain already: ask its people first.'),
      })
      .describe('What is known without asking anybody.'),
    untrusted: z.strictObject({ organization_name: z.string(), note: z.string().nullable() }),
  })
  .meta({ id: 'PartnerApplication' });

export const showDecided = (row: PartnerApplication): z.input<typeof decidedView> => ({
  ...{ id: row.application_id, state: row.state, created_at: row.created_at, decided_at: row.decided_at, decided_by: row.decided_by },
  ...{ reason: row.reason, organization_id: row.organization_id },
});

export const showApplication = (row: ApplicationListed): z.input<typeof applicationView> => ({
  ...{ ...showDecided(row), email: row.email, domain: row.domain, signals: signalsOf(row, row.holder_id) },
  untrusted: { organization_name: row.organization_name, note: row.note },
});
