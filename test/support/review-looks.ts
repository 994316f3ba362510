/** What the test of queries is told of those that people ask who look into something. */
import { queries } from '../../src/db/queries.ts';
import type { reviewQueries } from '../../src/db/review-queries.ts';
import { nth } from './many-rows.ts';
import type { Look } from './query-looks.ts';

const party = { name: 'text', domain: 'text', tier: 'text', touches: 'jsonb', evidence: 'jsonb' } as const;

export const reviewLooks: { readonly [K in keyof typeof reviewQueries]: Look<K> } = {
  referralHistory: {
    ask: queries.referralHistory(nth('ref', 1)),
    by: ['reader'],
    columns: {
      ...{ event_id: 'text', kind: 'text', subject_id: 'text', recorded_at: 'timestamptz', body: 'text', block: 'int4', actor: 'text' },
    },
    looksAt: 6,
  },
  referralConnections: {
    ask: queries.referralConnections(nth('ref', 1)),
    by: ['reader'],
    columns: { ...party, state: 'text', agent_name: 'text', workspaces: 'jsonb' },
    looksAt: 10,
  },
  fulfilmentsOfReferral: {
    ask: queries.fulfilmentsOfReferral(nth('ref', 1)),
    by: ['reader'],
    columns: {
      ...{ fulfilment_id: 'text', reward_id: 'text', attempt: 'int4', status: 'text', reference: 'text' },
      ...{ sent_at: 'timestamptz', settled_at: 'timestamptz' },
    },
    looksAt: 4,
  },
  referralDisputes: {
    ask: queries.referralDisputes(nth('ref', 1)),
    by: ['reader'],
    columns: { about: 'text', contested: 'bool', holds: 'bool', dispute: 'jsonb', evidence: 'jsonb' },
    looksAt: 6,
  },
  reviews: {
    ask: queries.reviews({ after: null, limit: 50, kind: null }),
    by: ['reader'],
    columns: {
      ...{ kind: 'text', id: 'text', organization_id: 'text', referral_id: 'text', held_referral_id: 'text', cause: 'text' },
      ...{ opened_at: 'timestamptz', decide_by: 'timestamptz', name: 'text', first: 'jsonb', particulars: 'jsonb' },
      ...{ rewards: 'int4', held: 'jsonb' },
    },
    // Of each of 51 disputes and 51 holds what belongs to it.
    looksAt: 520,
  },
  disputeParties: {
    ask: queries.disputeParties(nth('dsp', 1)),
    by: ['reader'],
    columns: {
      ...party,
      ...{ side: 'text', organization_id: 'text', referral_id: 'text', status: 'text', agent_id: 'text' },
      ...{ created_at: 'timestamptz', particulars: 'jsonb', rewards: 'jsonb', attribution: 'jsonb' },
    },
    looksAt: 24,
  },
};
