import type { DataModel, Field } from './data-schema/model.ts';
import { syntheticRows } from './data-schema/synthetic-rows.ts';
import type { Changes, Given } from './decision.ts';
import { rowSeed, secretHashes } from './workspace.ts';

/** What a new workspace is made of. */
export interface Furnishing {
  readonly workspaceId: string;
  readonly organizationId: string | null;
  readonly agentId: string | null;
  readonly prospectId: string;
  readonly referralId: string | null;
  /** Whose quota it uses: an organization, a key or an address prefix; and how many it may have at once. */
  readonly owner: string;
  readonly activeLimit: number;
  readonly rowLimit: number;
  readonly ttlHours: number;
  readonly seedRows: number;
  readonly environment: string;
  readonly model: DataModel;
  readonly mapping: readonly object[];
  readonly untrusted: object;
}

/** A furnished workspace: the rows that make it, and the facts that an answer needs. */
export interface Furnished {
  readonly changes: Changes;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly entities: readonly { readonly name: string; readonly fields: readonly Field[]; readonly row_count: number }[];
}

/** Every workspace starts with these versions of its derived secrets. */
export const firstVersions = { key: 1, claim: 1 };

/** The workspace itself with a few synthetic rows, its place in the quota, and the hour at which it ends. */
export function furnishWorkspace(what: Furnishing, given: Given): Furnished {
  const { workspaceId, model } = what;
  const createdAt = given.now.toISOString();
  const expiresAt = new Date(given.now.getTime() + what.ttlHours * 3_600_000).toISOString();
  const rows = seedRows(model, what.seedRows, rowSeed(given.derive, workspaceId), given);
  return {
    createdAt,
    expiresAt,
    entities: model.entities.map(({ name, fields }) => ({ name, fields, row_count: rows.filter(({ entity }) => entity === name).length })),
    changes: {
      workspaces: [
        {
          workspace_id: workspaceId,
          organization_id: what.organizationId,
          owner: what.owner,
          agent_id: what.agentId,
          prospect_id: what.prospectId,
          referral_id: what.referralId,
          status: 'active',
          host: 'built_in',
          model,
          mapping: what.mapping,
          untrusted: what.untrusted,
          row_limit: what.rowLimit,
          key_version: firstVersions.key,
          claim_version: firstVersions.claim,
          ...secretHashes(given.derive, what.environment, workspaceId, firstVersions),
          created_at: createdAt,
          expires_at: expiresAt,
        },
      ],
      ...(rows.length > 0
        ? { created_rows: { workspace_id: workspaceId, organization_id: what.organizationId, at: createdAt, synthetic: true, rows } }
        : {}),
      due: [{ kind: 'expire', at: expiresAt }],
      counters: [{ name: 'workspaces.active', subject: what.owner, by: 1, limit: what.activeLimit }],
    },
  };
}

/** The same count and seed for every entity, so that references between entities line up. */
function seedRows(model: DataModel, perEntity: number, seed: string, given: Given) {
  if (perEntity === 0) return [];
  return model.entities.flatMap(({ name }) =>
    syntheticRows(model, name, perEntity, seed).map((values) => ({ entity: name, row_id: given.newId('row'), values })),
  );
}
