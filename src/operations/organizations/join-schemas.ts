import * as z from 'zod';
import type { JoinRow } from '../../db/domain-queries.ts';
import { id, instant, organizationId } from '../vocabulary.ts';

export const joinId = id('jrq', 'a request to join an organization');

export const joinState = z.enum(['open', 'approved', 'refused', 'expired']);

export const joinView = z
  .strictObject({
    id: joinId,
    organization_id: organizationId.describe('Whom it wants to join.'),
    agent_id: id('agt', 'the agent that asks').describe('Compare it with the id that your agent gives you.'),
    state: joinState,
    requested_at: instant,
    decided_at: instant.nullable(),
    decided_by: z.string().nullable(),
  })
  .meta({ id: 'OrganizationJoin' });

export const showJoin = (row: JoinRow): z.input<typeof joinView> => ({
  ...{ id: row.join_id, organization_id: row.organization_id, agent_id: row.agent_id, state: row.state },
  ...{ requested_at: row.requested_at, decided_at: row.decided_at, decided_by: row.decided_by },
});
