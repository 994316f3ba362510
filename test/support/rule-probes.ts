/**
 * What the schema must refuse, one statement list per rule: each breaks that rule and nothing else, so that without the rule it would be
 * accepted. Run as the superuser on `firstOfEach()`, and rolled back.
 */
import { type Fixture, insertInto, rowOf } from './row-of-each-table.ts';

/** By the name of the constraint or index; of a trigger or column with its table before it. */
export const ruleProbes = (): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(Object.entries(wrongColumns()).map(([rule, [table, change]]) => [rule, second(table, change)])),

  // Steps.
  referral_transitions_tenant_id_referral_id_seq_pk: lines(
    second('referral_transitions', { seq: 2, from_state: 'pending', to_state: 'rejected' }),
    ...rewarded,
  ),
  referral_transitions_first: lines(
    second('referrals'),
    second('referral_states', { status: 'rewarded', seq: 2 }),
    second('referral_transitions', { referral_id: 'ref_2', seq: 2 }),
  ),
  referral_transitions_allowed: lines(
    second('referral_transitions', { to_state: 'expired' }),
    stateOfReferral("status = 'expired', seq = 3"),
  ),
  referral_transitions_follow: lines(second('referral_transitions', { seq: 4 }), stateOfReferral("status = 'rewarded', seq = 4")),
  'referral_transitions.in_order': second('referral_transitions'),
  'referral_states.in_order': stateOfReferral("status = 'rewarded'"),
  'holds.in_order': second('holds', open),
  holds_closed: lines(second('holds', { closed_at: null }), stateOfReferral('risk_holds = 1')),
  holds_open: lines(second('holds', open), second('holds', { ...open, hold_id: 'hld_3' }), stateOfReferral('risk_holds = 2')),
  reward_transitions_tenant_id_reward_id_seq_pk: lines(
    second('reward_transitions', { seq: 2, from_state: 'accrued', to_state: 'expired' }),
    ...expired(3),
  ),
  reward_transitions_first: lines(
    ...reward({}, { status: 'expired', seq: 2 }, [
      ['expense', -100],
      ['breakage', 100],
    ]),
    second('reward_transitions', { reward_id: 'rwd_2', seq: 2 }),
  ),
  reward_transitions_allowed: lines(
    second('reward_transitions', { to_state: 'accrued' }),
    stateOfReward("status = 'accrued', seq = 3"),
    ...entry([
      ['payable', -100],
      ['escrow', 100],
    ]),
  ),
  reward_transitions_follow: lines(...expired(4)),
  'reward_transitions.in_order': second('reward_transitions'),
  'reward_transitions.not_held': lines(
    ...[...hold, second('reward_transitions', { to_state: 'fulfilling' }), stateOfReward("status = 'fulfilling', seq = 3")],
    ...entry([
      ['payable', -100],
      ['clearing', 100],
    ]),
  ),

  // Money.
  'rewards.in_order': second('rewards'),
  rewards_once: lines(...reward({ occasion: 'o1' })),
  rewards_referral: lines(...reward({ referral_id: 'ref_none' })),
  rewards_side: lines(...reward({ side: 'x' })),
  rewards_amount: lines(...reward({ amount_minor: '0' }, { accrued_minor: '0' }, [])),
  'reward_states.in_order': stateOfReward("status = 'expired'"),
  reward_states_reversed: lines(
    ...entry([
      ['expense', 101],
      ['receivable', -101],
    ]),
    stateOfReward('reversed_minor = 101'),
  ),
  reward_states_netted: stateOfReward('netted_minor = 101'),
  'entries.balanced': lines(...entry([['payable', 1]], { reward_id: null })),
  'entries.in_order': lines(
    ...entry([
      ['payable', -100],
      ['clearing', 100],
    ]),
  ),
  'entries.stamp_transaction': lines(
    ...entry([], { reward_id: null, xid: '1' }),
    "do $$ begin if exists (select from frontdesk.entries where xid = '1') then return; end if; raise 'stamped'; end $$",
  ),
  'postings.stamp_transaction':
    "insert into frontdesk.postings (tenant_id, entry_id, leg, account, organization_id, currency, amount_minor, xid) select tenant_id, entry_id, 9, 'expense', null, 'usd', 1, xid from frontdesk.entries where entry_id = 'evt_1'",
  entries_tenant_id_entry_id_pk: second('entries', { entry_id: 'evt_1', reward_id: null }),
  entries_event: second('entries', { entry_id: 'evt_none' }),
  entries_once_per_source: lines(...['evt_2', 'evt_3'].flatMap((id) => entry([], { entry_id: id, source: 's', cumulative_minor: '1' }))),
  postings_entry: second('postings'),
  postings_tenant_id_entry_id_leg_pk: lines(...entry([], { reward_id: null }), leg(1, 'expense', -1), leg(1, 'payable', 1)),
  postings_account: lines(...entry([], { reward_id: null }), leg(1, 'expense', -1), leg(2, 'payable', 1, { organization_id: null })),
  postings_amount: lines(...entry([['payable', 0]], { reward_id: null })),
  fulfilments_one: lines(second('fulfilments'), second('fulfilments', { fulfilment_id: 'ful_3', attempt: 3 })),
  'fulfilments.not_held': lines(...hold, second('fulfilments')),

  // Beside.
  stripe_accounts_pkey: insertInto('stripe_accounts', rowOf('stripe_accounts', 1)),
  organizations_prospect: lines(
    second('organizations', { organization_id: 'org_3', domain: null, prospect_id: 'pro_1' }),
    second('organizations', { organization_id: 'org_4', domain: null, prospect_id: 'pro_1' }),
  ),
  payees_once: lines(
    second('organizations', { organization_id: 'org_3', domain: null }),
    second('payees', { organization_id: 'org_3', kind: 'customer', stripe_id: 'cus_1' }),
  ),
  tenants_pkey: insertInto('tenants', rowOf('tenants', 1)),
  tenant_hosts_pkey: second('tenant_hosts', { host: 'a1.example' }),
  'tenant_hosts.tenant_id': second('tenant_hosts', { tenant_id: null }),
  disputes_one_open: second('disputes', { status: 'open', decided_at: null }),
  referral_states_one_open: lines(second('referrals'), second('referral_states', { program_id: 'prg_1' })),
  'referral_states.copy_identity': lines(
    second('referrals'),
    second('referral_states', { campaign: 'unsaid', created_at: '2000-01-01T00:00:00Z' }),
    "do $$ begin if exists (select from frontdesk.referral_states where campaign = 'unsaid') then return; end if; raise 'copied'; end $$",
  ),
  'documents.keep_published': lines(
    second('documents', { kind: 'capabilities' }),
    "do $$ begin if not exists (select from frontdesk.published_documents where kind = 'capabilities') then return; end if; raise 'kept'; end $$",
  ),
  referral_states_holds: lines(second('referrals'), second('referral_states', { risk_holds: -1 })),
  referral_states_status: lines(second('referrals'), second('referral_states', { status: 'x' })),
  'referral_tokens.append_only': 'truncate frontdesk.referral_tokens',
  agents_client: lines(...['agt_3', 'agt_4'].map((agent_id) => second('agents', { agent_id, client_id: 'c' }))),
  people_oidc: lines(
    ...['3', '4'].map((n) => second('people', { person_id: `psn_${n}`, email: `p${n}@o1.example`, oidc_issuer: 'i', oidc_subject: 's' })),
  ),
});

/** Rules that one column of a second row breaks. */
function wrongColumns(): Readonly<Record<string, readonly [table: string, change: Fixture]>> {
  return {
    agent_keys_agent: ['agent_keys', { agent_id: 'agt_none' }],
    agent_keys_retired: ['agent_keys', { state: 'retired' }],
    agent_keys_state: ['agent_keys', { state: 'x' }],
    agents_kind: ['agents', { kind: 'x' }],
    agents_status: ['agents', { status: 'revoked' }],
    api_keys_organization: ['api_keys', { organization_id: 'org_none' }],
    attributions_referral: ['attributions', { referral_id: 'ref_none' }],
    attributions_seq: ['attributions', { dispute_id: null }],
    audits_ok: ['audits', { ok: false }],
    balances_sign: ['balances', { balance_minor: '-1' }],
    blocks_first: ['blocks', { previous: null }],
    blocks_follow: ['blocks', { previous: rowOf('blocks', 2).hash }],
    blocks_header: ['blocks', { header: '{}' }],
    blocks_not_empty: ['blocks', { leaf_count: 0 }],
    blocks_tenant_id_number_pk: ['blocks', { number: 0, previous: null }],
    credit_uses_amount: ['credit_uses', { amount_minor: '0' }],
    counters_within_limit: ['counters', { value: 6 }],
    dispute_evidence_dispute: ['dispute_evidence', { dispute_id: 'dsp_none' }],
    disputes_decided: ['disputes', { decided_at: null }],
    disputes_prospect: ['disputes', { prospect_id: 'pro_none' }],
    disputes_status: ['disputes', { status: 'x' }],
    events_sequence_positive: ['events', { sequence: '0' }],
    domain_conflicts_decided: ['domain_conflicts', { decided_by: null }],
    domain_conflicts_open: ['domain_conflicts', { state: 'open', decided_at: null, decided_by: null }],
    domain_conflicts_parties: ['domain_conflicts', { organization_id: 'org_1' }],
    domain_conflicts_proof: ['domain_conflicts', { proof_id: 'dpf_none' }],
    domain_conflicts_state: ['domain_conflicts', { state: 'x' }],
    domain_proofs_dated: ['domain_proofs', { state: 'verified', domain: 'o2.example' }],
    domain_proofs_method: ['domain_proofs', { method: 'x' }],
    domain_proofs_organization: ['domain_proofs', { organization_id: 'org_none' }],
    domain_proofs_state: ['domain_proofs', { state: 'x' }],
    domain_proofs_verified: ['domain_proofs', { state: 'verified', verified_at: '2026-01-01T00:00:00Z' }],
    evidence_kind: ['evidence', { kind: 'x' }],
    evidence_referral: ['evidence', { referral_id: 'ref_none' }],
    fulfilments_amount: ['fulfilments', { amount_minor: '-1' }],
    fulfilments_reward: ['fulfilments', { reward_id: 'rwd_none' }],
    fulfilments_settled: ['fulfilments', { settled_at: '2026-01-01T00:00:00Z' }],
    fulfilments_status: ['fulfilments', { status: 'x', settled_at: '2026-01-01T00:00:00Z' }],
    holds_kind: ['holds', { kind: 'x' }],
    join_requests_agent: ['join_requests', { agent_id: 'agt_none' }],
    join_requests_decided: ['join_requests', { decided_at: null }],
    join_requests_open: ['join_requests', { state: 'open', decided_at: null, decided_by: null }],
    join_requests_organization: ['join_requests', { organization_id: 'org_none' }],
    join_requests_state: ['join_requests', { state: 'x' }],
    leaves_block: ['leaves', { block: 9 }],
    leaves_index: ['leaves', { index: -1 }],
    ledger_events_leaf: ['ledger_events', { body: '{}' }],
    memberships_organization: ['memberships', { organization_id: 'org_none' }],
    memberships_person: ['memberships', { person_id: 'psn_none', organization_id: 'org_1' }],
    outbox_settled: ['outbox', { state: 'done' }],
    outbox_state: ['outbox', { state: 'x' }],
    partner_applications_decided: ['partner_applications', { state: 'refused' }],
    partner_applications_open: ['partner_applications', { email: rowOf('partner_applications', 1).email }],
    partner_applications_state: ['partner_applications', { state: 'x', decided_at: '2026-01-01T00:00:00Z', decided_by: 'staff' }],
    passkeys_person: ['passkeys', { person_id: 'psn_none' }],
    mailbox_proofs_email_lower: ['mailbox_proofs', { email: 'M2@o1.example' }],
    mailbox_proofs_end: ['mailbox_proofs', { expires_at: '2026-01-01T00:00:00Z' }],
    mailbox_proofs_in_order: ['mailbox_proofs', { used_at: '2026-02-01T00:00:00Z' }],
    mailbox_proofs_via: ['mailbox_proofs', { via: 'x' }],
    mailbox_proofs_workspace: ['mailbox_proofs', { workspace_id: 'ws_none' }],
    payees_kind: ['payees', { kind: 'x' }],
    payees_organization: ['payees', { organization_id: 'org_none' }],
    payees_source: ['payees', { source: 'x' }],
    payment_reversals_amount: ['payment_reversals', { amount_minor: '-1' }],
    payment_reversals_kind: ['payment_reversals', { kind: 'x' }],
    payment_reversals_state: ['payment_reversals', { state: 'x' }],
    payments_amounts: ['payments', { paid_minor: '1' }],
    payments_status: ['payments', { status: 'x' }],
    people_email_lower: ['people', { email: 'P2@o1.example' }],
    people_role: ['people', { role: 'x' }],
    people_state: ['people', { state: 'x' }],
    reconciliations_ok: ['reconciliations', { ok: false }],
    referral_states_referral: ['referral_states', { referral_id: 'ref_none' }],
    referral_tokens_depth: ['referral_tokens', { depth: 1 }],
    referral_tokens_parent: ['referral_tokens', { depth: 1, parent_id: 'rtk_none' }],
    referrals_prospect: ['referrals', { prospect_id: 'pro_none' }],
    registrations_agent: ['registrations', { agent_id: 'agt_none' }],
    registrations_claimed: ['registrations', { state: 'claimed' }],
    registrations_code: ['registrations', { code_hash: rowOf('registrations', 1).code_hash }],
    registrations_code_ends: ['registrations', { code_expires_at: null }],
    registrations_state: ['registrations', { state: 'x' }],
    reports_source: ['reports', { source: 'x' }],
    reward_bases_positive: ['reward_bases', { base_minor: '0' }],
    reward_bases_reward: ['reward_bases', { reward_id: 'rwd_none' }],
    reward_states_reward: ['reward_states', { reward_id: 'rwd_none' }],
    sessions_end: ['sessions', { expires_at: '2026-01-01T00:00:00Z' }],
    sessions_person: ['sessions', { person_id: 'psn_none' }],
    sign_in_links_browser: ['sign_in_links', { browser_hash: null }],
    sign_in_links_end: ['sign_in_links', { expires_at: '2026-01-01T00:00:00Z' }],
    sign_in_links_person: ['sign_in_links', { person_id: 'psn_none' }],
    sign_in_links_purpose: ['sign_in_links', { purpose: 'x' }],
    touches_kind: ['touches', { kind: 'x' }],
    touches_referral: ['touches', { referral_id: 'ref_none' }],
    verifications_blocks: ['verifications', { from_block: 1 }],
    verifications_ok: ['verifications', { ok: false }],
    webhook_endpoints_state: ['webhook_endpoints', { state: 'x' }],
    workspace_rows_workspace: ['workspace_rows', { workspace_id: 'ws_none' }],
    workspaces_claimed: ['workspaces', { status: 'claimed' }],
    workspaces_prospect: ['workspaces', { prospect_id: 'pro_none' }],
    workspaces_rows_within_limit: ['workspaces', { row_count: 6 }],
    workspaces_status: ['workspaces', { status: 'x' }],
  };
}

function second(table: string, change: Fixture = {}): string {
  return insertInto(table, { ...rowOf(table, 2), ...change });
}

function lines(...statements: readonly string[]): string {
  return statements.join(';\n');
}

const open = { closed_at: null, closed_by: null, closed_because: null };

const stateOfReferral = (change: string): string => `update frontdesk.referral_states set ${change} where referral_id = 'ref_1'`;
const stateOfReward = (change: string): string => `update frontdesk.reward_states set ${change} where reward_id = 'rwd_1'`;

const hold = [second('holds', open), stateOfReferral('risk_holds = 1')];
const rewarded = [second('referral_transitions'), stateOfReferral("status = 'rewarded', seq = 3")];

type Leg = readonly [account: string, amountMinor: number];

function expired(seq: number): readonly string[] {
  const moved: readonly Leg[] = [
    ['payable', -100],
    ['breakage', 100],
  ];
  return [second('reward_transitions', { seq }), stateOfReward(`status = 'expired', seq = ${seq}`), ...entry(moved)];
}

/** A second reward with its state and the entry that it was born with. */
function reward(change: Fixture = {}, state: Fixture = {}, legs: readonly Leg[] = accrued): readonly string[] {
  const { reward_id } = rowOf('rewards', 2);
  return [second('rewards', change), second('reward_states', { status: 'accrued', seq: 1, ...state }), ...entry(legs, { reward_id })];
}

const accrued: readonly Leg[] = [
  ['expense', -100],
  ['escrow', 100],
];

/** An entry of the first reward, unless told, with its event. */
function entry(legs: readonly Leg[], change: Fixture = {}): readonly string[] {
  const { entry_id } = { entry_id: 'evt_2', ...change };
  return [
    second('ledger_events', { event_id: entry_id }),
    second('entries', change),
    ...legs.map(([account, amount], i) => leg(i + 1, account, amount, { entry_id })),
  ];
}

function leg(n: number, account: string, amountMinor: number, change: Fixture = {}): string {
  const ofTenant = ['expense', 'breakage'].includes(account);
  const owner = { organization_id: ofTenant ? null : 'org_1' };
  return second('postings', { entry_id: 'evt_2', leg: n, account, amount_minor: String(amountMinor), ...owner, ...change });
}
