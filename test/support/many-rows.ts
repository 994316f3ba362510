/** A tenant with 50,000 rows in every table that grows, written as the superuser in a few statements, for looking at plans. */
import { FILLED_IDENTITIES, IDENTITIES } from './many-identities.ts';
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
  'referral_transitions',
  'evidence',
  'attributions',
  'holds',
  'disputes',
  'dispute_evidence',
  'rewards',
  'reward_states',
  'reward_transitions',
  'fulfilments',
  'entries',
  'postings',
  'balances',
  'blocks',
  'leaves',
  'tree_nodes',
  'outbox',
  'webhook_endpoints',
  'events',
  'reports',
  'customers',
  'audits',
  'reward_bases',
  'payments',
  'payment_reversals',
  'payees',
  'credit_uses',
  'stripe_events',
  ...FILLED_IDENTITIES,
] as const;

/** The n-th id of a kind; ids sort by time, as the real ones do. */
export const nth = (prefix: string, n: number): string => `${prefix}_${String(n).padStart(6, '0')}`;

const id = (prefix: string, n = 'n') => `'${prefix}_' || lpad((${n})::text, 6, '0')`;
const organization = `'org_' || (n % 500 + 1)`;
const now = `'2026-01-01T00:00:00Z'::timestamptz + make_interval(secs => n)`;
const numbers = 'from generate_series(1, 50000) n';
/** A hash for each use of the n-th. */
const hash = (kind: string) => `sha256(convert_to('${kind}' || n, 'UTF8'))`;
const body = `'{"n":' || n || '}'`;
const leaf = `sha256('\\x00'::bytea || convert_to(${body}, 'UTF8'))`;

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
  insert into frontdesk.referral_states (tenant_id, referral_id, organization_id, program_id, prospect_id, status, seq, changed_at,
      expires_at, created_at)
    select 'ten_big', ${id('ref')}, ${organization}, 'prg_1', ${id('pro')}, 'pending', 1, ${now}, ${now}, ${now} ${numbers};
  insert into frontdesk.particulars (tenant_id, subject_id, organization_id, salt, content)
    select 'ten_big', ${id('ref')}, ${organization}, '', '{}' ${numbers};
  insert into frontdesk.touches (tenant_id, touch_id, organization_id, prospect_id, referral_id, kind, via, entry_id, created_at)
    select 'ten_big', ${id('tch')}, ${organization}, ${id('pro')}, ${id('ref')}, 'declared', 'record', ${id('evt')}, ${now} ${numbers};
  insert into frontdesk.ledger_events (tenant_id, event_id, kind, subject_id, organization_id, referral_id, body, leaf, recorded_at)
    select 'ten_big', ${id('evt')}, 'referral.created', ${id('ref')}, ${organization}, ${id('ref')}, ${body}, ${leaf}, ${now} ${numbers};
  insert into frontdesk.workspaces (tenant_id, workspace_id, organization_id, owner, prospect_id, status, host, model, mapping, untrusted, row_count,
      row_limit, key_version, key_hash, claim_version, claim_hash, created_at, expires_at)
    select 'ten_big', ${id('ws')}, ${organization}, ${organization}, ${id('pro')}, 'active', 'built_in', '{}', '[]', '{}', 0, 10000, 1, ${hash('k')}, 1,
      ${hash('l')}, ${now}, ${now} ${numbers};
  insert into frontdesk.workspace_rows (tenant_id, workspace_id, entity, row_id, organization_id, values, created_at, updated_at)
    select 'ten_big', ${id('ws', '(n - 1) / 1000 + 1')}, case when n % 2 = 0 then 'account' else 'deal' end, ${id('row')},
      'org_' || ((n - 1) / 1000 + 1) % 500 + 1, '{"a": 1}',
      ${now}, ${now} ${numbers};
  insert into frontdesk.referral_transitions (tenant_id, referral_id, seq, from_state, to_state, organization_id, because, actor, entry_id, at)
    select 'ten_big', ${id('ref')}, 2, 'pending', 'qualified', ${organization}, 'b', 'schedule', ${id('evt')}, ${now} ${numbers};
  insert into frontdesk.evidence (tenant_id, evidence_id, referral_id, organization_id, prospect_id, kind, source, occurred_at, entry_id, created_at)
    select 'ten_big', ${id('evi')}, ${id('ref')}, ${organization}, ${id('pro')}, 'report', 'rpt', ${now}, ${id('evt')}, ${now} ${numbers};
  insert into frontdesk.attributions (tenant_id, program_id, prospect_id, seq, referral_id, organization_id, rule, trace, entry_id, decided_at)
    select 'ten_big', 'prg_1', ${id('pro')}, 1, ${id('ref')}, ${organization}, 'evidenced', '{}', ${id('evt')}, ${now} ${numbers};
  insert into frontdesk.holds (tenant_id, hold_id, referral_id, organization_id, kind, cause, opened_at, opened_by)
    select 'ten_big', ${id('hld')}, ${id('ref')}, ${organization}, 'risk', 'c', ${now}, 'schedule' ${numbers};
  insert into frontdesk.disputes (tenant_id, dispute_id, organization_id, program_id, prospect_id, claim_referral_id, status, opened_at, decide_by)
    select 'ten_big', ${id('dsp')}, ${organization}, 'prg_1', ${id('pro')}, ${id('ref')}, 'open', ${now}, ${now} ${numbers};
  insert into frontdesk.dispute_evidence (tenant_id, evidence_id, dispute_id, organization_id, added_by, content, created_at)
    select 'ten_big', ${id('evi')}, ${id('dsp')}, ${organization}, 'org', '{}', ${now} ${numbers};
  insert into frontdesk.rewards (tenant_id, reward_id, referral_id, organization_id, side, rule, occasion, kind, currency, amount_minor, program_id,
      program_version, terms_sha256, entry_id, created_at)
    select 'ten_big', ${id('rwd')}, ${id('ref')}, ${organization}, 'referrer', 'r', 'once', 'stripe_balance_credit', 'usd', 100, 'prg_1', 1, '',
      ${id('evt')}, ${now} ${numbers};
  insert into frontdesk.reward_states (tenant_id, reward_id, referral_id, organization_id, kind, status, seq, currency, accrued_minor,
      reversed_minor, netted_minor, available_at, changed_at)
    select 'ten_big', ${id('rwd')}, ${id('ref')}, ${organization}, 'stripe_balance_credit', case when n % 2 = 0 then 'accrued' else 'available' end, 1, 'usd', 100, 0, 0, ${now},
      ${now} ${numbers};
  insert into frontdesk.reward_transitions (tenant_id, reward_id, seq, from_state, to_state, referral_id, organization_id, because, actor, entry_id, at)
    select 'ten_big', ${id('rwd')}, 2, 'accrued', 'available', ${id('ref')}, ${organization}, 'b', 'schedule', ${id('evt')}, ${now} ${numbers};
  insert into frontdesk.fulfilments (tenant_id, fulfilment_id, reward_id, referral_id, organization_id, attempt, kind, currency, amount_minor, status,
      sent_at)
    select 'ten_big', ${id('ful')}, ${id('rwd')}, ${id('ref')}, ${organization}, 1, 'stripe_balance_credit', 'usd', 100, 'sent', ${now} ${numbers};
  insert into frontdesk.entries (tenant_id, entry_id, kind, organization_id, referral_id, reward_id, recorded_at)
    select 'ten_big', ${id('evt')}, 'reward.accrued', ${organization}, ${id('ref')}, ${id('rwd')}, ${now} ${numbers};
  insert into frontdesk.postings (tenant_id, entry_id, leg, account, organization_id, currency, amount_minor)
    select 'ten_big', ${id('evt')}, leg, case when leg = 1 then 'expense' else 'escrow' end, case when leg = 2 then ${organization} end, 'usd',
      case when leg = 1 then -100 else 100 end ${numbers}, generate_series(1, 2) leg;
  insert into frontdesk.reward_bases (tenant_id, reward_id, invoice_id, base_minor, organization_id)
    select 'ten_big', ${id('rwd')}, ${id('in')}, 100, ${organization} ${numbers};
  insert into frontdesk.payments (tenant_id, invoice_id, stripe_customer, currency, collected_minor, paid_minor, status, out_of_band, paid_at, seen_at)
    select 'ten_big', ${id('in')}, ${id('cus')}, 'usd', 100, 100, 'paid', false, ${now}, ${now} ${numbers};
  insert into frontdesk.payment_reversals (tenant_id, source_id, invoice_id, kind, currency, amount_minor, state, at, seen_at)
    select 'ten_big', ${id('re')}, ${id('in')}, 'refund', 'usd', 1, 'effective', ${now}, ${now} ${numbers};
  insert into frontdesk.payees (tenant_id, organization_id, kind, stripe_id, source, linked_by, linked_at)
    select 'ten_big', 'org_' || n, 'customer', 'cus_org_' || n, 'operator', 'staff', ${now} from generate_series(1, 500) n;
  insert into frontdesk.credit_uses (tenant_id, transaction_id, organization_id, invoice_id, currency, amount_minor, at)
    select 'ten_big', ${id('cbtxn')}, ${organization}, ${id('in')}, 'usd', 1, ${now} ${numbers};
  insert into frontdesk.stripe_events (tenant_id, event_id, type, object_id, created_at, received_at)
    select 'ten_big', ${id('evt')}, 'invoice.paid', ${id('in')}, ${now}, ${now} ${numbers};
  insert into frontdesk.balances (tenant_id, organization_id, currency, account, balance_minor)
    select 'ten_big', 'org_' || n, 'usd', a, 100 from generate_series(1, 500) n, unnest(array['escrow', 'payable']) a;
  insert into frontdesk.blocks (tenant_id, number, previous, hash, root, leaf_count, leaves_total, header, tree_root, frontier, signed_note, sealed_at,
      sealed_below)
    select 'ten_big', n, case when n > 0 then '\\x00'::bytea end, sha256('\\x00'::bytea || '{}'), '', 50, n * 50 + 50, '{}', '', '', 's',
      now(), (pg_current_xact_id()::text::bigint + 1)::text::xid8 from generate_series(0, 999) n;
  insert into frontdesk.leaves (tenant_id, block, "index", leaf, event_id)
    select 'ten_big', (n - 1) / 50, (n - 1) % 50, ${leaf}, ${id('evt')} ${numbers};
  insert into frontdesk.tree_nodes (tenant_id, level, "index", hash)
    select 'ten_big', level, n, '' from generate_series(0, 9) level, generate_series(0, (1000 >> level) - 1) n;
  insert into frontdesk.outbox (tenant_id, effect_id, kind, aggregate, destination, organization_id, payload, state, attempts, due_at, created_at,
      settled_at)
    select 'ten_big', ${id('eff')}, 'k', 'a' || n % 5000, ${id('whk', 'n % 1000')}, ${organization}, '{}',
      case n % 3 when 0 then 'waiting' when 1 then 'dead' else 'done' end, 0, ${now}, ${now}, case n % 3 when 2 then ${now} end ${numbers};
  insert into frontdesk.webhook_endpoints (tenant_id, endpoint_id, organization_id, url, types, state, secret_version, created_at)
    select 'ten_big', ${id('whk')}, ${organization}, 'https://hooks.example', '{}', 'active', 1, ${now} ${numbers};
  insert into frontdesk.events (tenant_id, event_id, type, organization_id, subject_id, data, occurred_at, sequence)
    select 'ten_big', ${id('evt')}, 'referral.created', ${organization}, ${id('ref')}, '{}', ${now}, n ${numbers};
  insert into frontdesk.reports (tenant_id, source, report_id, type, fingerprint, occurred_at, received_at, prospect_id, stripe_customer, data)
    select 'ten_big', 'vendor', ${id('rpt')}, 't', 'f', ${now}, ${now}, case when n % 2 = 0 then ${id('pro')} end, 'cus_' || n % 5000, '{}' ${numbers};
  insert into frontdesk.customers (tenant_id, stripe_customer, prospect_id, linked_at)
    select 'ten_big', 'cus_' || n, ${id('pro')}, ${now} from generate_series(1, 5000) n;
  insert into frontdesk.audits (tenant_id, audit_id, ran_at, ok, checks, findings)
    select 'ten_big', ${id('aud')}, ${now}, true, 1, '[]' from generate_series(1, 1000) n;
  ${IDENTITIES}`;
