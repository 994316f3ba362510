/** A decision with every part that there is, and the rows that it needs beside `firstOfEach()`. */
import type { Beside } from '../../src/db/memory.ts';
import type { Changes } from '../../src/domain/decision.ts';
import { hashOf, neededIdentityRows, wholeIdentity } from './identity-decision.ts';
import { insertInto, rowOf } from './row-of-each-table.ts';

export type Whole = Required<Changes & Beside>;

const at = '2026-02-03T04:05:06.000Z';
/** SHA-256 of a zero byte and `{}`. */
const leaf = '28a3a18f6cd6406b086e9ffda1f9b8a13dbcf44b0f3f32cb9031a11fd053acf9';
const owned = { organization_id: 'org_2', agent_id: 'agt_2' };
const ofReferral = { referral_id: 'ref_2', organization_id: 'org_2' };

const event = (event_id: string, kind: string, organization_id: string) => ({
  ...{ event_id, kind, subject_id: 'ref_2', organization_id, referral_id: 'ref_2', body: '{}', leaf, recorded_at: at },
});
const posting = (account: 'expense' | 'payable' | 'clearing' | 'credit_settled', amount_minor: string, organization: string | null) => ({
  ...{ account, organization, currency: 'usd', amount_minor },
});
const entry = (entry_id: string, kind: string, organization_id: string, reward_id: string, postings: ReturnType<typeof posting>[]) => ({
  ...{ entry_id, kind, organization_id, referral_id: 'ref_2', reward_id, source: null, cumulative_minor: null, recorded_at: at, postings },
});
const move = { because: 'b', actor: 'schedule', at };

export const whole: Whole = {
  acting: { agent_id: 'agt_1', epoch: 1, key_id: 'key_1', session_hash: hashOf('01') },
  idempotency: { principal: 'org_2', operation: 'op', key: 'key', fingerprint: 'f', result: '{}', subject_id: 'ws_2', committed_at: at },
  tenant: { name: 'A', origin: 'https://a.example', revision: 2, limits: {}, hosts: ['a1.example', 'a2.example'], created_at: at },
  vendor_versions: [{ version: 2, config: {}, created_at: at }],
  program_versions: [{ program_id: 'prg_1', version: 2, sha256: 's', terms: '{}', created_at: at }],
  documents: [{ kind: 'capabilities', body: '{}', etag: '"1"', issued_at: at, valid_until: at }],
  signing_keys: [{ kid: 'kid2', purpose: 'receipts', algorithm: 'ES256', public_jwk: null, sealed: 's', state: 'active', created_at: at }],
  organizations: [{ organization_id: 'org_2', name: 'O', domain: null, tier: 'key_bound', created_at: at }],
  agents: [{ ...owned, name: 'A', created_at: at }],
  api_keys: [
    { key_id: 'key_2', secret_hash: hashOf('f2'), last4: 'abcd', ...owned, scopes: ['referrals:read'], created_at: at, expires_at: null },
  ],
  prospects: [{ prospect_id: 'pro_2', fingerprint: hashOf('f2'), created_at: at }],
  referrals: [
    {
      ...{ referral_id: 'ref_2', ...owned, prospect_id: 'pro_2', program_id: 'prg_1', program_version: 1, terms_sha256: 's' },
      ...{ campaign: null, token_id: null, entry_id: 'evt_2', receipt: 'r', created_at: at, expires_at: at },
    },
  ],
  touches: [
    {
      ...{ touch_id: 'tch_2', organization_id: 'org_2', prospect_id: 'pro_2', referral_id: 'ref_2', workspace_id: 'ws_2' },
      ...{ kind: 'declared', via: 'provision', token_id: null, entry_id: 'evt_2', created_at: at },
    },
  ],
  ledger_events: [
    event('evt_2', 'referral.created', 'org_2'),
    event('evt_3', 'reward.released', 'org_2'),
    event('evt_4', 'reward.sent', 'org_1'),
    event('evt_5', 'reward.fulfilled', 'org_1'),
  ],
  particulars: [{ subject_id: 'ref_2', organization_id: 'org_2', salt: hashOf('f2'), content: {} }],
  referral_tokens: [
    {
      ...{ token_id: 'rtk_2', ...owned, campaign: null, parent_id: 'rtk_1', depth: 1, kid: 'kid2', claims: {} },
      ...{ token_hash: hashOf('f2'), code_hash: hashOf('f2'), created_at: at, expires_at: at },
    },
  ],
  link_visits: [{ visit_id: 'vis_2', token_id: 'rtk_2', created_at: at }],
  workspaces: [
    {
      ...{ workspace_id: 'ws_2', ...owned, owner: 'org_2', prospect_id: 'pro_2', referral_id: 'ref_2', status: 'active', host: 'built_in' },
      ...{ model: {}, mapping: [], untrusted: {}, row_limit: 2, key_version: 1, key_hash: hashOf('f2'), claim_version: 1 },
      ...{ claim_hash: hashOf('f2'), created_at: at, expires_at: at },
    },
  ],
  rekeyed_workspace: { workspace_id: 'ws_rekeyed', key_version: 2, key_hash: hashOf('f3') },
  ended_workspace: { workspace_id: 'ws_ended', status: 'revoked', ended_at: at },
  relinked_workspace: { workspace_id: 'ws_rekeyed', claim_version: 2, claim_hash: hashOf('f5') },
  claimed_workspaces: [{ workspace_id: 'ws_claiming', key_version: 1, key_hash: hashOf('f4'), claim_hash: hashOf('f4'), at }],
  created_rows: { workspace_id: 'ws_2', organization_id: 'org_2', at, rows: [{ entity: 'account', row_id: 'row_2', values: {} }] },
  updated_row: { workspace_id: 'ws_1', entity: 'account', row_id: 'row_1', from: {}, values: { a: 1 }, at },
  deleted_row: { workspace_id: 'ws_1', entity: 'account', row_id: 'row_deleted' },
  due: [{ kind: 'expire', at }],

  disputes: [
    {
      ...{ dispute_id: 'dsp_2', ...owned, program_id: 'prg_1', prospect_id: 'pro_2', claim_referral_id: 'ref_2' },
      ...{ contested_referral_id: 'ref_held', opened_at: at, decide_by: at },
    },
  ],
  dispute_evidence: [
    { evidence_id: 'evi_2', dispute_id: 'dsp_2', organization_id: 'org_2', added_by: 'org_2', content: {}, created_at: at },
  ],
  decided_disputes: [{ dispute_id: 'dsp_1', status: 'upheld', decided_at: at, decided_by: 'staff', because: 'b', trace: {} }],
  holds: [
    {
      hold_id: 'hld_2',
      referral_id: 'ref_held',
      organization_id: 'org_1',
      kind: 'dispute',
      cause: 'dsp_2',
      opened_at: at,
      opened_by: 'org_2',
    },
  ],
  closed_holds: [{ hold_id: 'hld_open', closed_at: at, closed_by: 'staff', closed_because: 'b' }],
  evidence: [
    {
      ...{ evidence_id: 'evi_2', ...ofReferral, prospect_id: 'pro_2', kind: 'report', source: 'rpt_2' },
      ...{ occurred_at: at, entry_id: 'evt_2', created_at: at },
    },
  ],
  evidenced: [{ referral_id: 'ref_2', evidenced_at: at }],
  attributions: [
    {
      ...{ program_id: 'prg_1', prospect_id: 'pro_2', seq: 1, ...ofReferral, rule: 'evidenced', trace: {} },
      ...{ dispute_id: null, entry_id: 'evt_2', decided_at: at },
    },
  ],
  referral_moves: [
    { ...ofReferral, seq: 2, from_state: 'pending', to_state: 'qualified', ...move, dispute_id: null, entry_id: 'evt_2' },
    { ...ofReferral, seq: 3, from_state: 'qualified', to_state: 'rewarded', ...move, dispute_id: null, entry_id: 'evt_2' },
  ],

  rewards: [
    {
      ...{ reward_id: 'rwd_2', ...ofReferral, side: 'referrer', rule: 'r', occasion: 'once', kind: 'stripe_balance_credit' },
      ...{ currency: 'usd', amount_minor: '100', details: {}, bases: [{ invoice_id: 'in_2', base_minor: '2900' }] },
      ...{ program_id: 'prg_1', program_version: 1, terms_sha256: '' },
      ...{ available_at: at, entry_id: 'evt_3', created_at: at },
    },
  ],
  reward_moves: [
    {
      reward_id: 'rwd_2',
      ...ofReferral,
      seq: 2,
      from_state: 'accrued',
      to_state: 'available',
      ...move,
      netted_minor: '0',
      entry_id: 'evt_3',
    },
    {
      ...{ reward_id: 'rwd_1', referral_id: 'ref_1', organization_id: 'org_1', seq: 3, from_state: 'available', to_state: 'fulfilling' },
      ...{ ...move, netted_minor: '0', entry_id: 'evt_4' },
    },
    {
      ...{ reward_id: 'rwd_sent', referral_id: 'ref_1', organization_id: 'org_1', seq: 4, from_state: 'fulfilling', to_state: 'fulfilled' },
      ...{ ...move, netted_minor: '0', entry_id: 'evt_5' },
    },
  ],
  reductions: [{ reward_id: 'rwd_1', reversed_before_minor: '0', reversed_minor: '40', at }],
  fulfilments: [
    {
      ...{ fulfilment_id: 'ful_2', reward_id: 'rwd_1', referral_id: 'ref_1', organization_id: 'org_1', attempt: 2 },
      ...{ kind: 'stripe_balance_credit', currency: 'usd', amount_minor: '60', target: 'cus_2', sent_at: at },
    },
  ],
  settled_fulfilments: [{ fulfilment_id: 'ful_sent', status: 'confirmed', reference: 'cbtxn_1', settled_at: at }],
  obstacles: [{ reward_id: 'rwd_1', obstacle: 'customer_currency_differs' }],
  entries: [
    entry('evt_3', 'reward.released', 'org_2', 'rwd_2', [posting('expense', '-100', null), posting('payable', '100', 'org_2')]),
    entry('evt_4', 'reward.sent', 'org_1', 'rwd_1', [
      ...[posting('payable', '-100', 'org_1'), posting('expense', '40', null), posting('clearing', '60', 'org_1')],
    ]),
    entry('evt_5', 'reward.fulfilled', 'org_1', 'rwd_sent', [
      ...[posting('clearing', '-100', 'org_1'), posting('credit_settled', '100', 'org_1')],
    ]),
  ],

  effects: [{ effect_id: 'eff_2', kind: 'k', aggregate: 'a', payload: {}, due_at: at, created_at: at }],
  settled: {
    ...{ effect_id: 'eff_leased', lease: 3, state: 'waiting', at, due_at: at, error: 'e', status: 500, destination: 'd1', counts: true },
    ...{ threshold: 2, open_until: at },
  },
  revived_effects: [{ effect_id: 'eff_dead', from_state: 'dead', state: 'waiting', due_at: at, at }],
  endpoints: [
    { endpoint_id: 'whk_2', organization_id: 'org_2', url: 'https://hooks.example', types: ['referral.created'], created_at: at },
  ],
  changed_endpoints: [
    {
      ...{ endpoint_id: 'whk_1', from_state: 'active', from_version: 1, url: 'https://hooks.example/2', types: [], state: 'disabled' },
      ...{ disabled_because: 'b', secret_version: 2, previous_until: at, deleted_at: null },
    },
  ],
  events: [{ event_id: 'evt_2', type: 't', organization_id: 'org_2', subject_id: 'ref_2', data: {}, occurred_at: at, sequence: null }],
  reports: [
    {
      ...{ source: 'vendor', report_id: 'rpt_2', type: 't', fingerprint: 'f', occurred_at: at, received_at: at, prospect_id: 'pro_2' },
      ...{ referral_id: 'ref_2', workspace_id: 'ws_2', token_id: 'rtk_2', visited_at: at, organization_id: 'org_2' },
      ...{ stripe_customer: 'cus_2', data: {} },
    },
  ],
  customers: [{ stripe_customer: 'cus_2', prospect_id: 'pro_2', linked_at: at }],
  audits: [{ audit_id: 'aud_2', ran_at: at, ok: false, checks: 1, findings: [{ rule: 'r' }] }],
  stripe_account: { account_id: 'acct_2', livemode: false, sealed: 's2', at },
  heard: { event_id: 'evt_stripe_2', type: 'invoice.paid', object_id: 'in_2', account: null, created_at: at, received_at: at },
  events_seen: { before: String(rowOf('stripe_accounts', 1).events_seen_at), at },
  payments: [
    {
      ...{ invoice_id: 'in_2', stripe_customer: 'cus_2', currency: 'usd', collected_minor: '2900', paid_minor: '2900', status: 'paid' },
      ...{ out_of_band: false, subscription: null, paid_at: at, seen_at: at },
    },
  ],
  payment_reversals: [
    {
      ...{ source_id: 're_2', invoice_id: 'in_2', kind: 'refund', currency: 'usd', amount_minor: '1', state: 'effective' },
      ...{ at, seen_at: at },
    },
  ],
  payees: [
    {
      ...{ organization_id: 'org_1', kind: 'customer', stripe_id: 'cus_9', from_id: 'cus_1', source: 'operator', linked_by: 'staff' },
      ...{ linked_at: at, frozen_until: at, obstacle: null },
    },
  ],
  organization_tiers: [{ organization_id: 'org_1', from_tier: 'attested', tier: 'payout_bound' }],
  credit_uses: [{ transaction_id: 'cbtxn_2', organization_id: 'org_1', invoice_id: 'in_2', currency: 'usd', amount_minor: '2900', at }],
  reconciliations: [{ reconciliation_id: 'rec_2', ran_at: at, ok: false, checks: 1, findings: [{ account: 'clearing' }] }],
  key_states: [{ kid: 'kid1', state: 'retired' }],
  revoked_token: { token_id: 'rtk_1', at },
  block: {
    ...{ number: 1, previous: hexOf(rowOf('blocks', 1).hash), hash: hexOf(rowOf('blocks', 2).hash), root: leaf, leaves_total: '2' },
    ...{ header: '{"number":1}', tree_root: leaf, frontier: leaf, signed_note: 's', sealed_at: at, sealed_below: '1', restored_from: null },
    leaves: [{ leaf, event_id: 'evt_2' }],
    nodes: [{ level: 0, index: '1', hash: leaf }],
  },
  sequenced: [{ event_id: 'evt_new', sequence: '2' }],

  ...wholeIdentity,

  counters: [
    { name: 'workspaces.active', subject: 'sub1', by: 4, limit: 5 },
    { name: 'workspaces.active', subject: 'org_2', by: 1, limit: 5 },
  ],
};

function hexOf(bytes: unknown): string {
  return String(bytes).slice(2);
}

/** Workspaces, rows, a held referral, a reward under way, and effects that the decision is about. */
export function neededRows(): readonly string[] {
  const another = (table: string, change: object) => insertInto(table, { ...rowOf(table, 1), ...change });
  const secrets = (byte: string) => ({ key_hash: `\\x${hashOf(byte)}`, claim_hash: `\\x${hashOf(byte)}` });
  const workspace = (id: string, byte: string) => another('workspaces', { workspace_id: id, ...secrets(byte) });
  const row = (workspace_id: string, row_id: string) => another('workspace_rows', { workspace_id, row_id });
  const sent = { reward_id: 'rwd_sent' };
  const leg = (n: number, change: object) => another('postings', { entry_id: 'evt_sent', leg: n, ...change });
  return [
    ...[
      workspace('ws_rekeyed', 'e1'),
      workspace('ws_ended', 'e2'),
      workspace('ws_gone', 'e3'),
      workspace('ws_claimed', 'e4'),
      workspace('ws_claiming', 'e6'),
    ],
    ...[row('ws_ended', 'row_gone'), row('ws_1', 'row_deleted')],
    "update frontdesk.workspaces set status = 'expired', row_count = 0 where workspace_id = 'ws_gone'",
    another('referrals', { referral_id: 'ref_held' }),
    another('referral_states', { referral_id: 'ref_held', program_id: 'prg_9', risk_holds: 1 }),
    another('referral_transitions', { referral_id: 'ref_held' }),
    another('holds', { hold_id: 'hld_open', referral_id: 'ref_held', closed_at: null, closed_by: null, closed_because: null }),
    another('rewards', { ...sent, occasion: 'sent' }),
    another('reward_states', { ...sent, status: 'fulfilling', seq: 3 }),
    another('reward_transitions', sent),
    another('reward_transitions', { ...sent, seq: 3, from_state: 'available', to_state: 'fulfilling' }),
    another('ledger_events', { event_id: 'evt_sent' }),
    another('entries', { ...sent, entry_id: 'evt_sent' }),
    leg(1, { account: 'expense', organization_id: null, amount_minor: '-100' }),
    leg(2, { account: 'clearing' }),
    another('balances', { account: 'clearing' }),
    another('fulfilments', { ...sent, fulfilment_id: 'ful_sent', attempt: 1, status: 'sent', settled_at: null }),
    another('outbox', { effect_id: 'eff_leased', lease: 3, leased_until: at }),
    another('outbox', { effect_id: 'eff_dead', state: 'dead' }),
    another('events', { event_id: 'evt_new', sequence: null }),
    ...neededIdentityRows(),
  ];
}
