import type { Row, Statement } from '../src/db/batch.ts';
import type { Memory } from '../src/db/memory.ts';
import { agentScopes } from '../src/domain/scopes.ts';

/** A database that knows nobody's past and takes no time: what is left is our own work. Every caller is one agent. */
export function instantMemory(revision = 1): Memory {
  return {
    load: async (_role, { at }, statements) => ({
      entry: {
        revision,
        principal: {
          kind: 'agent',
          id: 'org_00000000000000000000000000',
          organizationId: 'org_00000000000000000000000000',
          agentId: 'agt_00000000000000000000000000',
          workspaceId: null,
          domain: 'acme-ops.example',
          scopes: agentScopes,
          tier: 'key_bound',
        },
        limit: { name: 'api_key', allowed: true, q: 2000, w: 20, r: 1999, t: at.getTime() % 20 },
        earlier: null,
      },
      facts: statements.map((statement) => statement.read(rowsOf(statement))),
    }),
    consult: async (_tenant, statements) => statements.map((statement) => statement.read(rowsOf(statement))),
    commit: async () => 'done',
  };
}

/** Nothing is there; of each prospect that is asked for, that nobody knows it. */
function rowsOf({ name, values: [asked] }: Statement): readonly Row[] {
  if (name !== 'referrals.credit_facts' || typeof asked !== 'object' || asked === null || !('list' in asked)) return [];
  return Array.isArray(asked.list) ? asked.list.map(() => ({ prospect_id: null, token: null, open: null })) : [];
}
