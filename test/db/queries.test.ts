import { createHash } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Statement } from '../../src/db/batch.ts';
import { type Queries, queries } from '../../src/db/queries.ts';
import { encodeValue } from '../../src/db/types.ts';
import { referralStatuses } from '../../src/domain/referral-state.ts';
import { claimLooks, claimsRefusedToReaders } from '../support/claim-looks.ts';
import { identityLooks, identityRefusedToReaders } from '../support/identity-looks.ts';
import { fillTenant, nth } from '../support/many-rows.ts';
import { organizationLooks } from '../support/organization-looks.ts';
import { overviewLooks } from '../support/overview-looks.ts';
import { type MigratedDatabase, migratedDatabase } from '../support/postgres-world.ts';
import { type Look, type Role, roles } from '../support/query-looks.ts';
import { reviewLooks } from '../support/review-looks.ts';

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

const reaches = ['tenant', 'organizations', 'workspace'] as const;
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
const { receipt: _, ...listedReferral } = referral;
const anyReferral = {
  ...{ statuses: referralStatuses, organizationId: null, agentId: null, campaign: null, from: null, to: null, about: null },
};
const event = { event_id: 'text', kind: 'text', subject_id: 'text', recorded_at: 'timestamptz' } as const;

const reward = {
  reward_id: 'text',
  referral_id: 'text',
  organization_id: 'text',
  side: 'text',
  rule: 'text',
  occasion: 'text',
  kind: 'text',
  currency: 'text',
  status: 'text',
  seq: 'int4',
  accrued_minor: 'int8',
  reversed_minor: 'int8',
  netted_minor: 'int8',
  available_at: 'timestamptz',
  created_at: 'timestamptz',
  program_id: 'text',
  program_version: 'int4',
  terms_sha256: 'text',
  holds: 'text[]',
  ...({ details: 'jsonb', obstacle: 'text', referral_status: 'text', payee: 'jsonb', is_domain_disputed: 'bool' } as const),
} as const;

const sealable = {
  ...event,
  ...({ organization_id: 'text', body: 'text', leaf: 'text', xid: 'int8' } as const),
} as const;

const dispute = {
  dispute_id: 'text',
  organization_id: 'text',
  program_id: 'text',
  claim_referral_id: 'text',
  status: 'text',
  opened_at: 'timestamptz',
  decide_by: 'timestamptz',
  decided_at: 'timestamptz',
  because: 'text',
} as const;
const disputeState = {
  ...dispute,
  agent_id: 'text',
  prospect_id: 'text',
  contested_referral_id: 'text',
  contested_organization_id: 'text',
  holds: 'jsonb',
  evidence: 'jsonb',
} as const;
const hold = {
  hold_id: 'text',
  referral_id: 'text',
  organization_id: 'text',
  kind: 'text',
  cause: 'text',
  opened_at: 'timestamptz',
  closed_at: 'timestamptz',
} as const;

const webhookEndpoint = {
  endpoint_id: 'text',
  organization_id: 'text',
  url: 'text',
  types: 'text[]',
  state: 'text',
  disabled_because: 'text',
  secret_version: 'int4',
  previous_until: 'timestamptz',
  created_at: 'timestamptz',
} as const;

const effect = {
  effect_id: 'text',
  kind: 'text',
  destination: 'text',
  organization_id: 'text',
  payload: 'jsonb',
  state: 'text',
  attempts: 'int4',
  due_at: 'timestamptz',
  created_at: 'timestamptz',
  settled_at: 'timestamptz',
  last_error: 'text',
  last_status: 'int4',
} as const;

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const fingerprint = hashOf('p1');
const page = { after: null, limit: 50 } as const;
const looks: { readonly [K in keyof Queries]: Look<K> } = {
  ...identityLooks,
  ...claimLooks,
  ...organizationLooks,
  ...overviewLooks,
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
  referralToken: {
    ask: queries.referralToken(null, hashOf('c1'), new Date(0)),
    by: ['writer'],
    columns: { token_id: 'text', organization_id: 'text', agent_id: 'text', campaign: 'text', organization_domain: 'text' },
    looksAt: 2,
  },
  creditFacts: {
    ask: queries.creditFacts([{ fingerprint, token_id: nth('rtk', 1), code_hash: hashOf('c1') }], 'prg_1', new Date(0)),
    by: ['writer'],
    columns: { prospect_id: 'text', token: 'jsonb', open: 'jsonb' },
    looksAt: 6,
  },
  reportSubjects: {
    ask: queries.reportSubjects([
      {
        ...{ n: 0, report_id: nth('rpt', 1), workspace_id: nth('ws', 1), referral_id: nth('ref', 1), token_id: nth('rtk', 1) },
        ...{ code_hash: hashOf('c1'), prospect: fingerprint, stripe_customer: 'cus_1', organization_id: 'org_2' },
      },
    ]),
    by: ['writer'],
    columns: {
      ...{ n: 'int4', known: 'text', by_domain: 'text', by_customer: 'text', by_workspace: 'text', by_referral: 'text' },
      ...{ referral_id: 'text', workspace_id: 'text', workspace_referral_id: 'text', token_id: 'text', organization_id: 'text' },
    },
    looksAt: 8,
  },
  prospectFile: {
    ask: queries.prospectFile({ prospectId: nth('pro', 2), programId: 'prg_1', version: 1, spans: ['2026-01'] }),
    by: ['writer'],
    columns: {
      ...{ prospect_id: 'text', fingerprint: 'text', referrals: 'jsonb', terms: 'jsonb', reports: 'jsonb' },
      ...{ workspaces: 'jsonb', credited: 'jsonb', timer_at: 'timestamptz', earning: 'jsonb' },
    },
    looksAt: 40,
  },
  referralsToExpire: {
    ask: queries.referralsToExpire(new Date('2027-01-01T00:00:00Z'), 50),
    by: ['writer'],
    columns: { referral_id: 'text', organization_id: 'text', seq: 'int4', evidenced: 'bool' },
    looksAt: 50,
  },
  referral: {
    ask: queries.referral(nth('ref', 1)),
    by: ['reader'],
    columns: { ...referral, evidenced: 'bool', state: 'text', particulars: 'jsonb' },
    looksAt: 3,
  },
  referrals: {
    ask: queries.referrals({ filter: anyReferral, after: null, oldestFirst: false, limit: 50 }),
    by: ['reader'],
    columns: { ...listedReferral, particulars: 'jsonb' },
    // Rows that a loop over the statuses looked at are an average, and rounded.
    looksAt: 154,
  },
  searchReferrals: {
    ask: queries.searchReferrals({
      filter: { ...anyReferral, agentId: nth('agt', 1), campaign: 'c' },
      after: null,
      oldestFirst: true,
      limit: 50,
    }),
    by: ['reader'],
    columns: {
      ...{ ...listedReferral, particulars: 'jsonb', organization_name: 'text', organization_domain: 'text', agent_name: 'text' },
      ...{ changed_at: 'timestamptz', workspace: 'jsonb', rewards: 'jsonb' },
    },
    looksAt: 1,
  },
  timeline: { ask: queries.timeline(nth('ref', 1)), by: ['reader'], columns: event, looksAt: 3 },
  events: {
    ask: queries.events({ after: 0, type: null, limit: 50 }),
    by: ['reader'],
    columns: {
      event_id: 'text',
      type: 'text',
      organization_id: 'text',
      data: 'jsonb',
      occurred_at: 'timestamptz',
      sequence: 'int8',
    },
    looksAt: 51,
  },
  oldestEvent: { ask: queries.oldestEvent(), by: ['reader'], columns: { sequence: 'int8' }, looksAt: 1 },
  newestEvent: { ask: queries.newestEvent(), by: ['reader'], columns: { sequence: 'int8' }, looksAt: 1 },
  rewards: {
    ask: queries.rewards({ ...page, status: null, organizationId: null, referralId: null }),
    by: ['reader'],
    columns: reward,
    looksAt: 255,
  },
  reward: {
    ask: queries.reward(nth('rwd', 1)),
    by: ['reader'],
    columns: { ...reward, payable_minor: 'int8', fulfilments: 'jsonb' },
    looksAt: 9,
  },
  rewardFile: {
    ask: queries.rewardFile(nth('rwd', 1)),
    by: ['writer'],
    columns: {
      ...{
        ...reward,
        payable_minor: 'int8',
        fulfilments: 'jsonb',
        tier: 'text',
        owed_minor: 'int8',
        siblings: 'jsonb',
        ...({ target: 'jsonb', invoice_ids: 'text[]' } as const),
      },
      ...{ referral_seq: 'int4', referral_evidenced: 'bool' },
    },
    looksAt: 13,
  },
  rewardFileOfEffect: {
    ask: queries.rewardFileOfEffect(nth('eff', 1)),
    by: ['writer'],
    columns: {
      ...{
        ...reward,
        payable_minor: 'int8',
        fulfilments: 'jsonb',
        tier: 'text',
        owed_minor: 'int8',
        siblings: 'jsonb',
        ...({ target: 'jsonb', invoice_ids: 'text[]' } as const),
      },
      ...{ referral_seq: 'int4', referral_evidenced: 'bool' },
    },
    looksAt: 14,
  },
  balances: {
    ask: queries.balances(null),
    by: ['reader'],
    columns: { currency: 'text', account: 'text', balance_minor: 'int8' },
    looksAt: 2,
  },
  ledgerEntries: {
    ask: queries.ledgerEntries({ ...page, organizationId: null }),
    by: ['reader'],
    columns: {
      ...{ entry_id: 'text', kind: 'text', organization_id: 'text', referral_id: 'text', reward_id: 'text' },
      ...{ recorded_at: 'timestamptz', leaf: 'text', postings: 'jsonb' },
    },
    looksAt: 206,
  },
  reconciliations: {
    ask: queries.reconciliations({ after: null, limit: 5 }),
    by: ['reader'],
    columns: { reconciliation_id: 'text', ran_at: 'timestamptz', ok: 'bool', checks: 'int8', findings: 'jsonb' },
    looksAt: 6,
  },
  underway: {
    ask: queries.underway(new Date(), 5),
    by: ['writer'],
    columns: {
      ...({ fulfilment_id: 'text', reward_id: 'text', organization_id: 'text', kind: 'text', currency: 'text' } as const),
      ...({ amount_minor: 'int8', sent_at: 'timestamptz', is_tried: 'bool' } as const),
    },
    looksAt: 10,
  },
  givenUp: {
    ask: queries.givenUp(['unknown_kind'], 5),
    by: ['writer'],
    columns: {
      ...({ effect_id: 'text', kind: 'text', organization_id: 'text', last_error: 'text', last_status: 'int4' } as const),
      ...({ created_at: 'timestamptz', died_at: 'timestamptz', fulfilment_id: 'text', reward_id: 'text', currency: 'text' } as const),
      amount_minor: 'text',
    },
    looksAt: 10_000,
  },
  effectOfSent: {
    ask: queries.effectOfSent(nth('rwd', 1)),
    by: ['writer'],
    columns: { effect_id: 'text', state: 'text' },
    looksAt: 10_000,
  },
  confirmedFulfilments: {
    ask: queries.confirmedFulfilments(new Date(0), 5),
    by: ['writer'],
    columns: { fulfilment_id: 'text', kind: 'text', currency: 'text', amount_minor: 'int8', target: 'text', reference: 'text' },
    looksAt: 5,
  },
  references: {
    ask: queries.references([nth('ful', 1), nth('ful', 2)]),
    by: ['writer'],
    columns: { fulfilment_id: 'text', reference: 'text' },
    looksAt: 4,
  },
  clearing: {
    ask: queries.clearing(5),
    by: ['writer'],
    columns: { organization_id: 'text', currency: 'text', clearing_minor: 'int8', sent_minor: 'int8' },
    looksAt: 10,
  },
  payeeFiles: {
    ask: queries.payeeFiles([{ organization_id: 'org_2', kind: 'customer', stripe_id: 'cus_1' }]),
    by: ['writer'],
    columns: {
      ...{ n: 'int4', organization_id: 'text', tier: 'text', kind: 'text', stripe_id: 'text', source: 'text', linked_by: 'text' },
      ...{ linked_at: 'timestamptz', frozen_until: 'timestamptz', obstacle: 'text', holder: 'text', is_domain_disputed: 'bool' },
    },
    looksAt: 3,
  },
  obstructedAccounts: {
    ask: queries.obstructedAccounts(5),
    by: ['writer'],
    columns: {
      ...{ organization_id: 'text', tier: 'text', kind: 'text', stripe_id: 'text', source: 'text', linked_by: 'text' },
      ...{ linked_at: 'timestamptz', frozen_until: 'timestamptz', obstacle: 'text', holder: 'text' },
    },
    looksAt: 10,
  },
  organization: {
    ask: queries.organization('org_2'),
    by: ['reader'],
    columns: {
      ...{ organization_id: 'text', name: 'text', domain: 'text', tier: 'text', created_at: 'timestamptz', payees: 'jsonb' },
      ...{ frozen_at: 'timestamptz', proofs: 'jsonb' },
    },
    looksAt: 13,
  },
  workspacesToClaim: {
    ask: queries.workspacesToClaim([nth('ws', 1), nth('ws', 2)]),
    by: ['writer'],
    columns: {
      ...{ workspace_id: 'text', organization_id: 'text', owner: 'text', prospect_id: 'text', prospect: 'text', referral_id: 'text' },
      ...{ status: 'text', key_version: 'int4', expires_at: 'timestamptz' },
    },
    looksAt: 4,
  },
  workspaceReferral: {
    ask: queries.workspaceReferral(nth('ws', 1)),
    by: ['writer'],
    columns: { referral_id: 'text', state: 'text', terms: 'text' },
    looksAt: 4,
  },
  stripeCustomer: {
    ask: queries.stripeCustomer('cus_000001', 'in_000001'),
    by: ['writer'],
    columns: { payee: 'text', prospect: 'text', payment: 'text' },
    looksAt: 4,
  },
  stripeSubject: {
    ask: queries.stripeSubject({
      ...{ reportId: 'r', stripeCustomer: nth('cus', 1), workspaceId: nth('ws', 1), referralId: nth('ref', 1), tokenId: nth('rtk', 1) },
      codeHash: null,
    }),
    by: ['writer'],
    columns: {
      ...({ by_customer: 'text', by_workspace: 'text', workspace_id: 'text', workspace_referral_id: 'text', by_referral: 'text' } as const),
      ...({ referral_id: 'text', token_id: 'text', known: 'bool' } as const),
    },
    looksAt: 10,
  },
  payeeOfAccount: { ask: queries.payeeOfAccount('acct_1'), by: ['writer'], columns: { organization_id: 'text' }, looksAt: 2 },
  heardEvents: { ask: queries.heardEvents([nth('evt', 1)]), by: ['writer'], columns: { event_id: 'text' }, looksAt: 3 },
  eventsSeen: { ask: queries.eventsSeen(), by: ['writer'], columns: { events_seen_at: 'timestamptz' }, looksAt: 1 },
  injectable: { ask: queries.injectable('cus_org_2', 'usd', 51), by: ['writer'], columns: { reward_id: 'text' }, looksAt: 310 },
  inOtherCurrencies: {
    ask: queries.inOtherCurrencies('cus_org_2', 'eur', 50),
    by: ['writer'],
    columns: { reward_id: 'text' },
    looksAt: 210,
  },
  waitingForSubscription: {
    ask: queries.waitingForSubscription('cus_org_2', 100),
    by: ['writer'],
    columns: { reward_id: 'text' },
    looksAt: 110,
  },
  customerHolder: { ask: queries.customerHolder('cus_org_2'), by: ['writer'], columns: { organization_id: 'text' }, looksAt: 3 },
  handedOver: {
    ask: queries.handedOver(nth('rwd', 1)),
    by: ['writer'],
    columns: {
      ...({ reward_id: 'text', referral_id: 'text', organization_id: 'text', kind: 'text', currency: 'text', status: 'text' } as const),
      ...({ accrued_minor: 'int8', reversed_minor: 'int8', netted_minor: 'int8', fulfilment_id: 'text', target: 'text' } as const),
      ...({ reference: 'text', settled_minor: 'int8', owed_minor: 'int8' } as const),
    },
    looksAt: 8,
  },
  unrealised: {
    ask: queries.unrealised([nth('rwd', 1)], nth('in', 1)),
    by: ['writer'],
    columns: { reward_id: 'text', referral_id: 'text', organization_id: 'text' },
    looksAt: 3,
  },
  enteredSources: { ask: queries.enteredSources(nth('rwd', 1), [nth('in', 1)]), by: ['writer'], columns: { source: 'text' }, looksAt: 3 },
  creditUses: {
    ask: queries.creditUses(nth('rwd', 1), 1000),
    by: ['reader'],
    columns: { credits: 'jsonb', uses: 'jsonb' },
    // All that one organization was credited.
    looksAt: 310,
  },
  payoutTotals: {
    ask: queries.payoutTotals({ from: new Date('2026-01-01T00:00:00Z'), until: new Date('2027-01-01T00:00:00Z') }, { after: '', limit: 3 }),
    by: ['reader'],
    columns: {
      ...({ organization_id: 'text', name: 'text', domain: 'text', kind: 'text', currency: 'text' } as const),
      ...({ amount_minor: 'int8', count: 'int4', target: 'text' } as const),
    },
    // All that three organizations ever earned.
    looksAt: 610,
  },
  attribution: {
    ask: queries.attribution(nth('ref', 1)),
    by: ['reader'],
    columns: { referral_id: 'text', seq: 'int4', rule: 'text', trace: 'jsonb', dispute_id: 'text', decided_at: 'timestamptz' },
    looksAt: 2,
  },
  sealHead: {
    ask: queries.sealHead(),
    by: ['writer'],
    columns: {
      ...{ number: 'int4', hash: 'text', tree_root: 'text', frontier: 'text', leaves_total: 'int8', is_restored: 'bool' },
      ...{ horizon: 'int8', sealed_below: 'int8', last_sequence: 'int8', is_waiting: 'bool' },
    },
    looksAt: 3,
  },
  unsealedEvents: { ask: queries.unsealedEvents(), by: ['writer'], columns: sealable, looksAt: 2 },
  restoredEvents: { ask: queries.restoredEvents(), by: ['writer'], columns: sealable, looksAt: 2 },
  unsequencedEvents: {
    ask: queries.unsequencedEvents(),
    by: ['writer'],
    columns: {
      ...{
        event_id: 'text',
        type: 'text',
        organization_id: 'text',
        subject_id: 'text',
        data: 'jsonb',
        occurred_at: 'timestamptz',
        xid: 'int8',
      },
    },
    looksAt: 0,
  },
  subscriptions: {
    ask: queries.subscriptions(),
    by: ['writer'],
    columns: { endpoint_id: 'text', organization_id: 'text', types: 'text[]', state: 'text' },
    looksAt: 2,
  },
  sealedReferral: {
    ask: queries.sealedReferral(nth('ref', 1)),
    by: ['reader'],
    columns: {
      ...{
        receipt: 'text',
        leaf: 'text',
        block: 'int4',
        index: 'int4',
        header: 'text',
        size: 'int4',
        tree_root: 'text',
        signed_note: 'text',
      },
      ...{ leaves: 'jsonb', nodes: 'jsonb' },
    },
    looksAt: 90,
  },
  checkpoint: {
    ask: queries.checkpoint(null),
    by: ['reader'],
    columns: { size: 'int4', tree_root: 'text', signed_note: 'text' },
    looksAt: 1,
  },
  publishedCapabilities: {
    ask: queries.publishedCapabilities({ before: null, limit: 11 }),
    by: ['reader'],
    columns: { version: 'int4', body: 'text', etag: 'text', issued_at: 'timestamptz' },
    looksAt: 11,
  },
  verifications: {
    ask: queries.verifications(1),
    by: roles,
    columns: {
      ...{
        verification_id: 'text',
        ran_at: 'timestamptz',
        from_block: 'int4',
        to_block: 'int4',
        leaves: 'int4',
        ok: 'bool',
        finding: 'jsonb',
      },
    },
    looksAt: 1,
  },
  searchWorkspaces: {
    ask: queries.searchWorkspaces({ after: null, limit: 50, status: 'active', organizationId: null, about: null }),
    by: ['reader'],
    columns: {
      ...{ workspace_id: 'text', organization_id: 'text', organization_name: 'text', organization_domain: 'text', referral_id: 'text' },
      ...{ status: 'text', host: 'text', entities: 'int4', row_count: 'int4', row_limit: 'int4', untrusted: 'jsonb' },
      ...{ created_at: 'timestamptz', expires_at: 'timestamptz', ended_at: 'timestamptz', claimed_at: 'timestamptz' },
    },
    looksAt: 105,
  },
  latestBlocks: { ask: queries.latestBlocks(10), by: ['reader'], columns: { header: 'text', hash: 'text' }, looksAt: 10 },
  consistency: { ask: queries.consistency(300, 900), by: ['reader'], columns: { nodes: 'jsonb' }, looksAt: 30 },
  exportedLeaves: {
    ask: queries.exportedLeaves({ block: 3, index: 20, size: 900, limit: 100 }),
    by: ['reader'],
    columns: { block: 'int4', index: 'int4', leaf: 'text', body: 'text', header: 'text', hash: 'text' },
    looksAt: 205,
  },
  webhookEndpoint: { ask: queries.webhookEndpoint(nth('whk', 1)), by: roles, columns: webhookEndpoint, looksAt: 1 },
  webhookEndpoints: { ask: queries.webhookEndpoints(page), by: ['reader'], columns: webhookEndpoint, looksAt: 51 },
  webhookDeliveries: {
    ask: queries.webhookDeliveries({ ...page, endpointId: nth('whk', 1), state: null }),
    by: ['reader'],
    columns: effect,
    looksAt: 51,
  },
  effect: { ask: queries.effect(nth('eff', 1)), by: roles, columns: effect, looksAt: 1 },
  deadEffects: { ask: queries.deadEffects(page), by: ['reader'], columns: effect, looksAt: 51 },
  programVersion: { ask: queries.programVersion('prg_1', 1), by: ['reader'], columns: { sha256: 'text', terms: 'text' }, looksAt: 1 },
  disputeGround: {
    ask: queries.disputeGround({ referralId: nth('ref', 1), workspaceId: null, fingerprint: null, programId: 'prg_1' }),
    by: ['writer'],
    columns: {
      ...{ prospect_id: 'text', fingerprint: 'text', program_id: 'text', touched_at: 'timestamptz', own_referral_id: 'text' },
      ...{
        own_status: 'text',
        winner_referral_id: 'text',
        winner_organization_id: 'text',
        earlier_dispute_id: 'text',
        earlier_status: 'text',
      },
    },
    // Its own earlier disputes among them: a hundred here.
    looksAt: 108,
  },
  dispute: {
    ask: queries.dispute(nth('dsp', 1)),
    by: ['reader'],
    columns: {
      ...dispute,
      ...{ contested_referral_id: 'text', contested_organization_id: 'text', decided_by: 'text', trace: 'jsonb' },
    },
    looksAt: 2,
  },
  disputeEvidence: {
    ask: queries.disputeEvidence(nth('dsp', 1)),
    by: ['reader'],
    columns: { evidence_id: 'text', organization_id: 'text', content: 'jsonb', created_at: 'timestamptz' },
    looksAt: 1,
  },
  disputes: { ask: queries.disputes({ ...page, status: null }), by: ['reader'], columns: dispute, looksAt: 51 },
  disputeState: { ask: queries.disputeState(nth('dsp', 1)), by: ['writer'], columns: disputeState, looksAt: 4 },
  overdueDisputes: {
    ask: queries.overdueDisputes(new Date('2026-01-01T00:00:20Z'), 10),
    by: ['writer'],
    columns: disputeState,
    looksAt: 40,
  },
  disputeFile: {
    ask: queries.disputeFile({ disputeId: nth('dsp', 1), version: 1, spans: ['2026-01', '2026', 'ever'] }),
    by: ['writer'],
    columns: {
      ...({ basis: 'jsonb', credited: 'jsonb', own: 'jsonb', terms: 'jsonb', others: 'jsonb', earning: 'jsonb' } as const),
    },
    looksAt: 30,
  },
  openHolds: { ask: queries.openHolds(nth('ref', 1)), by: roles, columns: hold, looksAt: 1 },
  hold: { ask: queries.hold(nth('hld', 1)), by: ['writer'], columns: hold, looksAt: 1 },
  referralsOfKey: {
    ask: queries.referralsOfKey({ kid: 'k', cause: 'key:k', after: '', look: 100 }),
    by: ['writer'],
    columns: { looked: 'text', seen: 'int4', found: 'jsonb' },
    looksAt: 400,
  },
  rewardFamilies: {
    ask: queries.rewardFamilies(nth('in', 1)),
    by: ['writer'],
    columns: {
      ...({
        reward_id: 'text',
        referral_id: 'text',
        currency: 'text',
        rule: 'text',
        details: 'jsonb',
        program_id: 'text',
        program_version: 'int4',
      } as const),
      ...({ terms_sha256: 'text', bases: 'jsonb', members: 'jsonb' } as const),
    },
    looksAt: 20,
  },
  reversalsOfInvoice: { ask: queries.reversalsOfInvoice(nth('in', 1)), by: ['writer'], columns: { given_back: 'jsonb' }, looksAt: 1 },
  referralsOfInvoice: {
    ask: queries.referralsOfInvoice(nth('in', 1), 'prg_1'),
    by: ['writer'],
    columns: { referral_id: 'text', organization_id: 'text', prospect_id: 'text', status: 'text', holds: 'jsonb' },
    looksAt: 20,
  },
  reversedReferral: {
    ask: queries.reversedReferral(nth('ref', 1)),
    by: ['writer'],
    columns: { before: 'text', replaced: 'bool' },
    looksAt: 5,
  },
  ...reviewLooks,
};
const every = Object.entries<Any>(looks);

interface Any {
  readonly ask: Statement;
  readonly by: readonly Role[];
  readonly columns: Readonly<Record<string, string>>;
  readonly looksAt: number;
}

const typeNames: Readonly<Record<number, string>> = {
  16: 'bool',
  20: 'int8',
  23: 'int4',
  25: 'text',
  1009: 'text[]',
  1184: 'timestamptz',
  3802: 'jsonb',
};

/** What only a writer's load may look up: it would tell an organization about others. */
const refusedToReaders: readonly string[] = [
  ...identityRefusedToReaders,
  ...claimsRefusedToReaders,
  ...['stripeCustomer', 'stripeSubject', 'eventsSeen', 'injectable', 'inOtherCurrencies', 'waitingForSubscription', 'customerHolder'],
  ...['workspacesToClaim', 'referralsOfInvoice'],
  ...['creditFacts', 'rewardFile', 'rewardFileOfEffect', 'disputeGround', 'disputeFile', 'reportSubjects', 'prospectFile'],
];

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
