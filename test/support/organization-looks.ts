/** Looks at organizations and their money, in the big tenant of `many-rows.ts`. */
import { queries } from '../../src/db/queries.ts';
import type { Look } from './query-looks.ts';

const listed = {
  ...({
    organization_id: 'text',
    name: 'text',
    domain: 'text',
    tier: 'text',
    frozen_at: 'timestamptz',
    created_at: 'timestamptz',
  } as const),
  ...({ frozen_until: 'timestamptz', methods: 'text[]', agents: 'int4', referrals: 'int4', qualified: 'int4', rewarded: 'int4' } as const),
  busy: 'int4',
} as const;
const reward = {
  ...({
    reward_id: 'text',
    referral_id: 'text',
    organization_id: 'text',
    side: 'text',
    rule: 'text',
    occasion: 'text',
    kind: 'text',
  } as const),
  ...({ currency: 'text', status: 'text', seq: 'int4', accrued_minor: 'int8', reversed_minor: 'int8', netted_minor: 'int8' } as const),
  ...({
    available_at: 'timestamptz',
    created_at: 'timestamptz',
    program_id: 'text',
    program_version: 'int4',
    terms_sha256: 'text',
  } as const),
  ...({
    holds: 'text[]',
    details: 'jsonb',
    obstacle: 'text',
    referral_status: 'text',
    payee: 'jsonb',
    is_domain_disputed: 'bool',
  } as const),
  ...({ organization_name: 'text', organization_domain: 'text' } as const),
} as const;

/** An organization there has two balances, a payee, ten proofs and a hundred agents, referrals and workspaces. */
export const organizationLooks = {
  balanceSheets: {
    ask: queries.balanceSheets({ after: null, limit: 25 }),
    by: ['reader'],
    columns: { organization_id: 'text', name: 'text', domain: 'text', balances: 'jsonb' },
    looksAt: 135,
  },
  balanceTotals: {
    ask: queries.balanceTotals(1),
    by: ['reader'],
    columns: { currency: 'text', account: 'text', balance_minor: 'int8', balances: 'int8' },
    looksAt: 2,
  },
  organizationsListed: {
    ask: queries.organizationsListed({ after: null, limit: 0, tier: null, named: null }),
    by: ['reader'],
    columns: listed,
    // The one with its proofs, agents and referrals.
    looksAt: 214,
  },
  organizationsByReferrals: {
    ask: queries.organizationsByReferrals({ after: null, limit: 5, tier: null, hundreds: 10 }),
    by: ['reader'],
    columns: listed,
    // The newest of all, the five hundred whose they are, and six as above.
    looksAt: 1500 + 6 * 214,
  },
  agentActivity: {
    ask: queries.agentActivity('org_2'),
    by: ['reader'],
    columns: {
      ...({ agent_id: 'text', referrals: 'int4', qualified: 'int4', rewarded: 'int4', held: 'int4', workspaces: 'int4' } as const),
      ...({ first_at: 'timestamptz', last_at: 'timestamptz' } as const),
    },
    looksAt: 200,
  },
  membersOf: {
    ask: queries.membersOf('org_2', 51),
    by: ['reader'],
    columns: { person_id: 'text', email: 'text', name: 'text', role: 'text', state: 'text', granted_at: 'timestamptz' },
    looksAt: 2,
  },
  rewardsSearched: {
    ask: queries.rewardsSearched({ after: null, limit: 50, status: null, organizationId: null, currency: null, kind: null }),
    by: ['reader'],
    columns: reward,
    looksAt: 310,
  },
} satisfies Partial<{ readonly [K in keyof typeof queries]: Look<K> }>;
