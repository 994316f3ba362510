import * as z from 'zod';
import type { ConflictRow } from '../../db/domain-queries.ts';
import { id, instant, organizationId } from '../vocabulary.ts';

export const conflictId = id('dcf', 'a conflict about a domain, as given by list_domain_conflicts');

export const conflictState = z.enum(['open', 'kept', 'moved']).describe('open: nobody of the two is paid out.');

export const conflictView = z
  .strictObject({
    id: conflictId,
    domain: z.string(),
    holder_id: organizationId.describe('Who had the domain when it was opened.'),
    challenger_id: organizationId.describe('Who proved it as well.'),
    method: z.enum(['dns_txt', 'well_known', 'metadata_document', 'signature_directory']).describe('How the challenger proved it.'),
    proven_at: instant.nullable(),
    state: conflictState,
    opened_at: instant,
    decided_at: instant.nullable(),
    decided_by: z.string().nullable(),
    reason: z.string().nullable().describe('What whoever decided wrote.'),
  })
  .meta({ id: 'DomainConflict' });

export const showConflict = (row: ConflictRow): z.input<typeof conflictView> => ({
  ...{ id: row.conflict_id, domain: row.domain, holder_id: row.holder_id, challenger_id: row.organization_id },
  ...{ method: row.method, proven_at: row.proven_at, state: row.state, opened_at: row.opened_at },
  ...{ decided_at: row.decided_at, decided_by: row.decided_by, reason: row.reason },
});
