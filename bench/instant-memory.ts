import type { Memory } from '../src/db/memory.ts';
import { agentScopes } from '../src/domain/actor.ts';

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
        limit: { allowed: true, q: 2000, w: 20, r: 1999, t: at.getTime() % 20 },
        earlier: null,
      },
      facts: statements.map((statement) => statement.read([])),
    }),
    consult: async (_tenant, statements) => statements.map((statement) => statement.read([])),
    commit: async () => 'done',
  };
}
