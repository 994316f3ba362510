/** A tenant as it is after years: a quarter of a million referrals and a million entries, written as the superuser in a few statements. */
import { Client } from 'pg';

/** What a page may be filtered by, of that tenant. The first organization has two fifths of everything; what is `rare` has two or three. */
export const big = {
  referrals: 250_000,
  organizations: 200,
  organization: (n: number) => id('org', n),
  agent: { hot: id('agt', 1), rare: id('agt', 401) },
  campaign: { hot: 'summer', rare: 'pilot', none: 'nobody-has-it' },
} as const;

function id(prefix: string, n: number): string {
  return `${prefix}_${String(n).padStart(26, '0')}`;
}

/** Triggers and references rest meanwhile: they are measured with the commits. */
export async function fillBigTenant(adminUrl: string, tenant: string, fingerprint: string): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  await client.query(`begin; set local session_replication_role = replica; ${statements(tenant, fingerprint).join(';\n')}; commit`);
  for (const table of ['referrals', 'referral_states', 'reward_states', 'entries', 'postings', 'disputes', 'workspaces']) {
    await client.query(`vacuum analyze frontdesk.${table}`);
  }
  await client.query('analyze');
  await client.end();
}

const key = (prefix: string, n = 'n') => `'${prefix}_' || lpad((${n})::text, 26, '0')`;
const numbers = `from generate_series(1, ${big.referrals}) n`;
const organization = key('org', `case when n % 5 < 2 then 1 else n % ${big.organizations} + 1 end`);
const agent = `case when n in (17, 99999) then ${key('agt', '401')} when n % 7 = 0 then null else ${key('agt', 'case when n % 5 < 2 then 1 else n % 400 + 1 end')} end`;
const campaign =
  "case when n in (4711, 4712) then 'pilot' when n % 4 = 0 then 'summer' when n % 4 = 1 then 'partner-' || n % 50 else null end";
const time = "timestamptz '2026-11-01' - make_interval(mins => 2 * (250000 - n))";
/** As years leave it: what is pending is new, everything else is long decided. */
const status = `case when n > 230000 then 'pending' when n % 10 < 5 then 'rewarded' when n % 10 < 8 then 'expired' when n % 10 = 8 then 'rejected'
  when n % 100 = 9 then 'reversed' else 'qualified' end`;
const currency = "(array['usd', 'eur', 'jpy'])[n % 3 + 1]";
const body = `'{"n":' || n || '}'`;

function statements(tenant: string, fingerprint: string): readonly string[] {
  const t = `'${tenant}'`;
  const million = 'from generate_series(1, 1000000) n';
  return [
    `insert into frontdesk.organizations (tenant_id, organization_id, name, domain, tier, created_at)
       select ${t}, ${key('org')}, 'Organization ' || n, 'o' || n || '.example', 'attested', now() from generate_series(1, ${big.organizations}) n`,
    `insert into frontdesk.agents (tenant_id, agent_id, organization_id, name, created_at)
       select ${t}, ${key('agt')}, ${key('org', `(n - 1) % ${big.organizations} + 1`)}, 'agent-' || n, now() from generate_series(1, 401) n`,
    `insert into frontdesk.prospects (tenant_id, prospect_id, fingerprint, created_at) select ${t}, ${key('pro')},
       case when n = 31337 then decode('${fingerprint}', 'hex') else sha256(convert_to('p' || n, 'UTF8')) end, ${time} ${numbers}`,
    `insert into frontdesk.referrals (tenant_id, referral_id, organization_id, agent_id, prospect_id, program_id, program_version, terms_sha256,
         campaign, entry_id, receipt, created_at, expires_at)
       select ${t}, ${key('ref')}, ${organization}, ${agent}, ${key('pro')}, ${key('prg', '1')}, 1, repeat('0', 64), ${campaign}, ${key('led')},
         repeat('r', 600), ${time}, ${time} + interval '90 days' ${numbers}`,
    `insert into frontdesk.referral_states (tenant_id, referral_id, organization_id, program_id, prospect_id, status, seq, changed_at, expires_at,
         created_at, agent_id, campaign, risk_holds)
       select ${t}, ${key('ref')}, ${organization}, ${key('prg', '1')}, ${key('pro')}, ${status}, 1, ${time}, ${time} + interval '90 days', ${time},
         ${agent}, ${campaign}, case when n in (5, 70000, 140000) then 1 else 0 end ${numbers}`,
    `insert into frontdesk.particulars (tenant_id, subject_id, organization_id, salt, content) select ${t}, ${key('ref')}, ${organization}, '',
       jsonb_build_object('prospect', jsonb_build_object('name', 'Prospect Freight ' || n, 'domain', 'prospect-' || n || '.example')) ${numbers}`,
    `insert into frontdesk.touches (tenant_id, touch_id, organization_id, prospect_id, referral_id, workspace_id, kind, via, entry_id, created_at)
       select ${t}, ${key('tch')}, ${organization}, ${key('pro')}, ${key('ref')}, case when n % 3 = 0 then ${key('ws')} end, 'declared', 'record',
         ${key('led')}, ${time} ${numbers}`,
    `insert into frontdesk.workspaces (tenant_id, workspace_id, organization_id, owner, prospect_id, referral_id, status, host, model, mapping,
         untrusted, row_count, row_limit, key_version, key_hash, claim_version, claim_hash, created_at, expires_at, claimed_at)
       select ${t}, ${key('ws')}, ${organization}, ${organization}, ${key('pro')}, ${key('ref')},
         case when n > 249000 then 'active' when n in (3, 30000) then 'suspended' when n % 9 = 0 then 'claimed' else 'expired' end, 'built_in', '{}',
         '[]', '{}', 0, 10000, 1, sha256(convert_to('k' || n, 'UTF8')), 1, sha256(convert_to('c' || n, 'UTF8')), ${time}, ${time}, ${time}
         ${numbers} where n % 3 = 0`,
    `insert into frontdesk.rewards (tenant_id, reward_id, referral_id, organization_id, side, rule, occasion, kind, currency, amount_minor,
         program_id, program_version, terms_sha256, entry_id, created_at)
       select ${t}, ${key('rwd')}, ${key('ref')}, ${organization}, 'referrer', 'bounty', 'once', 'stripe_balance_credit', ${currency}, 5000,
         ${key('prg', '1')}, 1, repeat('0', 64), ${key('led')}, ${time} ${numbers} where n <= 230000 and n % 10 < 5`,
    `insert into frontdesk.reward_states (tenant_id, reward_id, referral_id, organization_id, kind, status, seq, currency, accrued_minor,
         reversed_minor, netted_minor, available_at, changed_at)
       select ${t}, ${key('rwd')}, ${key('ref')}, ${organization}, 'stripe_balance_credit',
         case when n in (100, 50000) then 'reversed' when n > 225000 then 'accrued' else 'fulfilled' end, 2, ${currency}, 5000, 0, 0, ${time}, ${time}
         ${numbers} where n <= 230000 and n % 10 < 5`,
    `insert into frontdesk.disputes (tenant_id, dispute_id, organization_id, program_id, prospect_id, claim_referral_id, status, opened_at, decide_by,
         decided_at)
       select ${t}, ${key('dsp')}, ${organization}, ${key('prg', '1')}, ${key('pro')}, ${key('ref')},
         case when n in (20, 5000) then 'open' when n % 80 = 0 then 'upheld' else 'denied' end, ${time}, ${time},
         case when n in (20, 5000) then null else ${time} end ${numbers} where n % 20 = 0`,
    `insert into frontdesk.ledger_events (tenant_id, event_id, kind, subject_id, organization_id, body, leaf, recorded_at)
       select ${t}, ${key('led')}, 'reward.accrued', 'rwd', ${organization}, ${body}, sha256('\\x00'::bytea || convert_to(${body}, 'UTF8')), now() ${million}`,
    `insert into frontdesk.entries (tenant_id, entry_id, kind, organization_id, reward_id, recorded_at, xid)
       select ${t}, ${key('led')}, 'reward.accrued', ${organization}, ${key('rwd', '(n + 3) / 4')}, now(), pg_current_xact_id() ${million}`,
    `insert into frontdesk.postings (tenant_id, entry_id, leg, account, organization_id, currency, amount_minor, xid)
       select ${t}, ${key('led')}, leg, case leg when 1 then 'expense' else 'escrow' end, case leg when 2 then ${organization} end, 'usd',
         case leg when 1 then -100 else 100 end, pg_current_xact_id() ${million}, generate_series(1, 2) leg`,
  ];
}
