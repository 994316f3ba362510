import { createHash } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Statement } from '../../src/db/batch.ts';
import { type Queries, queries } from '../../src/db/queries.ts';
import { encodeValue } from '../../src/db/types.ts';
import { fillTenant, nth } from '../support/many-rows.ts';
import { type MigratedDatabase, migratedDatabase } from '../support/postgres-world.ts';

let database: MigratedDatabase;
let client: Client;
beforeAll(async () => {
  database = await migratedDatabase();
  await fillTenant(database.adminUrl);
  client = new Client({ connectionString: database.appUrl });
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await database?.drop();
});

type Role = 'reader' | 'writer';
const roles = ['reader', 'writer'] as const;
const reaches = ['tenant', 'organizations', 'workspace'] as const;
type RowOf<K extends keyof Queries> =
  ReturnType<Queries[K]> extends Statement<infer T> ? (NonNullable<T> extends readonly (infer R)[] ? R : NonNullable<T>) : never;

/** How a column is declared in TypeScript decides which types it may have in Postgres. */
type TypeOf<V> = unknown extends V
  ? 'jsonb'
  : NonNullable<V> extends string
    ? 'text' | 'timestamptz'
    : NonNullable<V> extends bigint
      ? 'int8'
      : NonNullable<V> extends number
        ? 'int4'
        : 'jsonb';
/** The compiler compares these lists with the row types, the test with what Postgres answers. */
type ColumnsOf<K extends keyof Queries> = { readonly [C in keyof RowOf<K>]-?: TypeOf<RowOf<K>[C]> };

interface Look<K extends keyof Queries> {
  readonly ask: ReturnType<Queries[K]>;
  /** Whose loads ask it. */
  readonly by: readonly Role[];
  readonly columns: ColumnsOf<K>;
  /** How many rows it may look at in the big tenant, whoever asks. */
  readonly looksAt: number;
}

const workspace = {
  workspace_id: 'text',
  organization_id: 'text',
  owner: 'text',
  referral_id: 'text',
  status: 'text',
  host: 'text',
  model: 'jsonb',
  mapping: 'jsonb',
  untrusted: 'jsonb',
  row_count: 'int4',
  row_limit: 'int4',
  key_version: 'int4',
  claim_version: 'int4',
  created_at: 'timestamptz',
  expires_at: 'timestamptz',
} as const;
const row = { row_id: 'text', values: 'jsonb', created_at: 'timestamptz', updated_at: 'timestamptz' } as const;
const referral = {
  referral_id: 'text',
  status: 'text',
  organization_id: 'text',
  agent_id: 'text',
  program_id: 'text',
  program_version: 'int4',
  terms_sha256: 'text',
  campaign: 'text',
  receipt: 'text',
  created_at: 'timestamptz',
  expires_at: 'timestamptz',
} as const;
const event = { event_id: 'text', kind: 'text', subject_id: 'text', recorded_at: 'timestamptz' } as const;

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const fingerprint = hashOf('p1');
const page = { after: null, limit: 50 } as const;
const looks: { readonly [K in keyof Queries]: Look<K> } = {
  workspace: { ask: queries.workspace(nth('ws', 1)), by: roles, columns: workspace, looksAt: 1 },
  reachedWorkspace: { ask: queries.reachedWorkspace(), by: ['reader'], columns: workspace, looksAt: 1 },
  workspaces: { ask: queries.workspaces({ ...page, status: null }), by: ['reader'], columns: workspace, looksAt: 51 },
  entityCounts: { ask: queries.entityCounts(nth('ws', 1)), by: ['reader'], columns: { entity: 'text', count: 'int8' }, looksAt: 1000 },
  row: { ask: queries.row(nth('ws', 1), 'account', nth('row', 2)), by: roles, columns: row, looksAt: 1 },
  rows: {
    ask: queries.rows({ ...page, workspaceId: nth('ws', 1), entity: 'account', filter: {} }),
    by: ['reader'],
    columns: row,
    looksAt: 51,
  },
  prospect: { ask: queries.prospect(fingerprint), by: ['writer'], columns: { prospect_id: 'text' }, looksAt: 1 },
  referralToken: {
    ask: queries.referralToken(null, hashOf('c1'), new Date(0)),
    by: ['writer'],
    columns: { token_id: 'text', organization_id: 'text', agent_id: 'text', campaign: 'text', organization_domain: 'text' },
    looksAt: 2,
  },
  openReferral: {
    ask: queries.openReferral({ fingerprint, programId: 'prg_1', tokenId: nth('rtk', 1), codeHash: null }),
    by: ['writer'],
    columns: referral,
    looksAt: 4,
  },
  referral: { ask: queries.referral(nth('ref', 1)), by: ['reader'], columns: { ...referral, particulars: 'jsonb' }, looksAt: 3 },
  referrals: {
    ask: queries.referrals({ ...page, status: null, organizationId: null, campaign: null }),
    by: ['reader'],
    columns: { ...referral, particulars: 'jsonb' },
    looksAt: 153,
  },
  timeline: { ask: queries.timeline(nth('ref', 1)), by: ['reader'], columns: event, looksAt: 3 },
  programVersion: { ask: queries.programVersion('prg_1', 1), by: ['reader'], columns: { sha256: 'text', terms: 'text' }, looksAt: 1 },
};
const every = Object.entries<Any>(looks);

interface Any {
  readonly ask: Statement;
  readonly by: readonly Role[];
  readonly columns: Readonly<Record<string, string>>;
  readonly looksAt: number;
}

const typeNames: Readonly<Record<number, string>> = { 20: 'int8', 23: 'int4', 25: 'text', 1184: 'timestamptz', 3802: 'jsonb' };

/** What only a writer's load may look up: it would tell an organization about others. */
const refusedToReaders = ['prospect', 'referralToken', 'openReferral'];

describe.each(every)('%s', (name, { ask, by, columns, looksAt }) => {
  test.each(roles)('is prepared as %s and has the columns that its type claims, or is refused to it', async (role) => {
    await become(role, 'organizations');
    const answer = client.query({ text: ask.text, values: ask.values.map(encodeValue), rowMode: 'array' });
    if (role === 'reader' && refusedToReaders.includes(name)) {
      await expect(answer).rejects.toMatchObject({ code: '42501' });
    } else {
      const { fields } = await answer;
      expect(Object.fromEntries(fields.map((field) => [field.name, typeNames[field.dataTypeID]]))).toEqual(columns);
    }
  });

  const asked = by.flatMap((role) => reaches.map((reach) => [role, reach] as const));
  test.each(asked)('looks at few rows of a big tenant, the first time and once its plan is kept, as %s of %s', async (role, reach) => {
    await become(role, reach);
    await client.query(`prepare asked as ${ask.text}`);
    const values = ask.values.map((value) => literal(encodeValue(value))).join(', ');
    const execute = `execute asked${values && `(${values})`}`;
    for (const times of [0, 8]) {
      for (let i = 0; i < times; i++) await client.query(execute);
      const { rows } = await client.query(`explain (analyze, timing off, format json) ${execute}`);
      const scans = scansOf(rows[0]['QUERY PLAN'][0].Plan);
      expect(scans.filter(({ type, rows: seen }) => type === 'Seq Scan' && seen > 1)).toEqual([]);
      expect(
        scans.reduce((sum, { rows: seen }) => sum + seen, 0),
        JSON.stringify(scans),
      ).toBeLessThanOrEqual(looksAt);
    }
  });
});

/** Begins a transaction with a context in which the first of everything can be reached. */
async function become(role: Role, reach: (typeof reaches)[number]): Promise<void> {
  await client.query('rollback; deallocate all; begin');
  await client.query(
    `select set_config('role', $1, true), set_config('frontdesk.tenant', 'ten_big', true), set_config('frontdesk.reach', $2, true),
      set_config('frontdesk.organizations', $3, true), set_config('frontdesk.workspace', $4, true)`,
    [`frontdesk_${role}`, reach, reach === 'organizations' ? 'org_2' : '', reach === 'workspace' ? nth('ws', 1) : ''],
  );
}

const literal = (text: string | null): string => (text === null ? 'null' : client.escapeLiteral(text));

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** Every scan of a table in a plan that was carried out, with how many rows it looked at. */
function scansOf(node: PlanNode): { type: string; of: string; rows: number }[] {
  const below = (node.Plans ?? []).flatMap(scansOf);
  const of = node['Relation Name'];
  if (of === undefined) return below;
  const perLoop = node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
  return [{ type: node['Node Type'], of: `${of} ${node['Index Name'] ?? ''}`, rows: perLoop * node['Actual Loops'] }, ...below];
}
