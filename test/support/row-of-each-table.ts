/** One row of every table of the schema, all of tenant `ten_a`, organization `org_1` and workspace `ws_1`. */
import { createHash } from 'node:crypto';

export type Fixture = Readonly<Record<string, unknown>>;

/** The first row of a table (it exists before the tests), or a second one that could stand beside it. `#` marks what tells them apart. */
export function rowOf(table: string, n: 1 | 2): Fixture {
  const row = rows[table];
  if (row === undefined) throw new Error(`test/support/row-of-each-table.ts has no row of ${table}`);
  return JSON.parse(
    JSON.stringify({ tenant_id: 'ten_a', ...row })
      .replaceAll('leaf#', leafOf(n))
      .replaceAll('#', String(n)),
  );
}

/** Inserts a row given as JSON, under whichever role and context are set. */
export const insertInto = (table: string, row: Fixture): string =>
  `insert into frontdesk.${table} select * from jsonb_populate_record(null::frontdesk.${table}, '${JSON.stringify(row).replaceAll("'", "''")}')`;

const at = '2026-01-02T03:04:05Z';
const hash = `\\x${'0#'.repeat(32)}`;
const body = '{"n":#}';
const leafOf = (n: number): string =>
  createHash('sha256')
    .update(Uint8Array.of(0))
    .update(body.replace('#', String(n)))
    .digest('hex');

/** In an order that satisfies the foreign keys. */
const rows: Readonly<Record<string, Fixture>> = {
  tenants: { name: 'A', origin: 'https://a.example', revision: 1, limits: { api_key: { q: 1, w: 1 } }, created_at: at },
  tenant_hosts: { host: 'a#.example' },
  due_work: { kind: 'kind#', at },
  vendor_versions: { version: '#', config: {}, created_at: at },
  documents: { kind: 'kind#', body: '{}', etag: '"e"', issued_at: at, valid_until: at },
  program_versions: { program_id: 'prg_1', version: '#', sha256: '', terms: '{}', created_at: at },
  signing_keys: { kid: 'kid#', purpose: 'receipts', algorithm: 'ES256', public_jwk: {}, sealed: '', state: 'active', created_at: at },
  organizations: { organization_id: 'org_#', name: 'O', domain: 'o#.example', tier: 'attested', created_at: at },
  agents: { agent_id: 'agt_#', organization_id: 'org_1', name: 'A', created_at: at },
  api_keys: {
    key_id: 'key_#',
    secret_hash: hash,
    last4: 'abcd',
    organization_id: 'org_1',
    agent_id: 'agt_1',
    scopes: ['referrals:read'],
    created_at: at,
  },
  prospects: { prospect_id: 'pro_#', fingerprint: hash, created_at: at },
  particulars: { subject_id: 'ref_#', organization_id: 'org_1', salt: hash, content: {} },
  referral_tokens: {
    token_id: 'rtk_#',
    organization_id: 'org_1',
    kid: 'kid1',
    claims: {},
    token_hash: hash,
    code_hash: hash,
    created_at: at,
    expires_at: at,
  },
  referrals: {
    referral_id: 'ref_#',
    organization_id: 'org_1',
    prospect_id: 'pro_1',
    program_id: 'prg_1',
    program_version: 1,
    terms_sha256: '',
    entry_id: 'evt_1',
    receipt: 'r',
    created_at: at,
    expires_at: at,
  },
  referral_states: {
    referral_id: 'ref_#',
    organization_id: 'org_1',
    program_id: 'prg_#',
    prospect_id: 'pro_1',
    status: 'pending',
    seq: 1,
    changed_at: at,
  },
  touches: {
    touch_id: 'tch_#',
    organization_id: 'org_1',
    prospect_id: 'pro_1',
    referral_id: 'ref_1',
    kind: 'declared',
    via: 'record',
    entry_id: 'evt_1',
    created_at: at,
  },
  link_visits: { visit_id: 'vis_#', token_id: 'rtk_1', created_at: at },
  ledger_events: {
    event_id: 'evt_#',
    kind: 'referral.created',
    subject_id: 'ref_1',
    organization_id: 'org_1',
    body,
    leaf: '\\xleaf#',
    recorded_at: at,
    xid: '1',
  },
  workspaces: {
    workspace_id: 'ws_#',
    organization_id: 'org_1',
    owner: 'org_1',
    prospect_id: 'pro_1',
    status: 'active',
    host: 'built_in',
    model: {},
    mapping: [],
    untrusted: {},
    row_count: 1,
    row_limit: 5,
    key_version: 1,
    key_hash: hash,
    claim_version: 1,
    claim_hash: hash,
    created_at: at,
    expires_at: at,
  },
  workspace_rows: {
    workspace_id: 'ws_1',
    entity: 'account',
    row_id: 'row_#',
    organization_id: 'org_1',
    values: {},
    created_at: at,
    updated_at: at,
  },
  idempotency: { principal: 'org_1', operation: 'op', key: 'key#', fingerprint: '', result: '{}', committed_at: at },
  counters: { name: 'workspaces.active', subject: 'sub#', value: 1, limit: 5 },
  limits: { bucket: 'key:#', tat: at },
  outbox: { effect_id: 'eff_#', kind: 'k', aggregate: 'a', payload: {}, attempts: 0, due_at: at, created_at: at },
};

export const tableNames: readonly string[] = Object.keys(rows);
