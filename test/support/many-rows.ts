/** A tenant with 50,000 rows in every table that grows, written as the superuser in a few statements, for looking at plans. */
import { query } from './postgres.ts';
import { rowsOf } from './postgres-world.ts';

/** `ten_big`: 500 organizations with 100 workspaces, referrals and tokens each, the first of every kind `org_2`'s; the first 50 workspaces have 1,000 rows each. */
export async function fillTenant(adminUrl: string): Promise<void> {
  await query(adminUrl, CONTENT);
  // Each table of its own: VACUUM, which also counts for the planner, runs in no transaction.
  for (const table of FILLED) await rowsOf(adminUrl, `vacuum analyze frontdesk.${table}`);
}

export const FILLED = [
  'organizations',
  'prospects',
  'referral_tokens',
  'referrals',
  'referral_states',
  'particulars',
  'touches',
  'ledger_events',
  'workspaces',
  'workspace_rows',
] as const;

/** The n-th id of a kind; ids sort by time, as the real ones do. */
export const nth = (prefix: string, n: number): string => `${prefix}_${String(n).padStart(6, '0')}`;

const id = (prefix: string, n = 'n') => `'${prefix}_' || lpad((${n})::text, 6, '0')`;
const organization = `'org_' || (n % 500 + 1)`;
const now = `'2026-01-01T00:00:00Z'::timestamptz + make_interval(secs => n)`;
const numbers = 'from generate_series(1, 50000) n';
/** A hash for each use of the n-th. */
const hash = (kind: string) => `sha256(convert_to('${kind}' || n, 'UTF8'))`;

const CONTENT = `
  -- Foreign keys hold by construction; checking each took most of the time.
  set local session_replication_role = replica;
  insert into frontdesk.tenants (tenant_id, name, origin, revision, limits, created_at)
    select t, t, 'https://' || t, 1, '{}', now() from unnest(array['ten_big', 'ten_other']) t;
  insert into frontdesk.organizations (tenant_id, organization_id, name, domain, tier, created_at)
    select 'ten_big', 'org_' || n, 'o', 'o' || n || '.example', 'attested', now() from generate_series(1, 500) n;
  insert into frontdesk.prospects (tenant_id, prospect_id, fingerprint, created_at) select 'ten_big', ${id('pro')}, ${hash('p')}, ${now} ${numbers};
  insert into frontdesk.referral_tokens (tenant_id, token_id, organization_id, kid, claims, token_hash, code_hash, created_at, expires_at)
    select 'ten_big', ${id('rtk')}, ${organization}, 'k', '{}', ${hash('t')}, ${hash('c')}, ${now}, now() + interval '9 years' ${numbers};
  insert into frontdesk.referrals (tenant_id, referral_id, organization_id, prospect_id, program_id, program_version, terms_sha256, entry_id, receipt,
      created_at, expires_at)
    select 'ten_big', ${id('ref')}, ${organization}, ${id('pro')}, 'prg_1', 1, '', ${id('evt')}, 'receipt', ${now}, ${now} ${numbers};
  insert into frontdesk.referral_states (tenant_id, referral_id, organization_id, program_id, prospect_id, status, seq, changed_at)
    select 'ten_big', ${id('ref')}, ${organization}, 'prg_1', ${id('pro')}, 'pending', 1, ${now} ${numbers};
  insert into frontdesk.particulars (tenant_id, subject_id, organization_id, salt, content)
    select 'ten_big', ${id('ref')}, ${organization}, '', '{}' ${numbers};
  insert into frontdesk.touches (tenant_id, touch_id, organization_id, prospect_id, referral_id, kind, via, entry_id, created_at)
    select 'ten_big', ${id('tch')}, ${organization}, ${id('pro')}, ${id('ref')}, 'declared', 'record', ${id('evt')}, ${now} ${numbers};
  insert into frontdesk.ledger_events (tenant_id, event_id, kind, subject_id, organization_id, body, leaf, recorded_at)
    select 'ten_big', ${id('evt')}, 'referral.created', ${id('ref')}, ${organization}, '{}', sha256('\\x00'::bytea || '{}'), ${now} ${numbers};
  insert into frontdesk.workspaces (tenant_id, workspace_id, organization_id, owner, prospect_id, status, host, model, mapping, untrusted, row_count,
      row_limit, key_version, key_hash, claim_version, claim_hash, created_at, expires_at)
    select 'ten_big', ${id('ws')}, ${organization}, ${organization}, ${id('pro')}, 'active', 'built_in', '{}', '[]', '{}', 0, 10000, 1, ${hash('k')}, 1,
      ${hash('l')}, ${now}, ${now} ${numbers};
  insert into frontdesk.workspace_rows (tenant_id, workspace_id, entity, row_id, organization_id, values, created_at, updated_at)
    select 'ten_big', ${id('ws', '(n - 1) / 1000 + 1')}, case when n % 2 = 0 then 'account' else 'deal' end, ${id('row')},
      'org_' || ((n - 1) / 1000 + 1) % 500 + 1, '{"a": 1}',
      ${now}, ${now} ${numbers};`;
