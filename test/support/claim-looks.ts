/** Looks at who takes workspaces over, in the big tenant of `many-rows.ts`. */
import { createHash } from 'node:crypto';
import { queries } from '../../src/db/queries.ts';
import { nth } from './many-rows.ts';
import type { Look } from './query-looks.ts';

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const now = new Date('2026-01-01T00:00:00Z');
const proof = {
  ...({ proof_id: 'text', workspace_id: 'text', claim_hash: 'text', token_hash: 'text', browser_hash: 'text', email: 'text' } as const),
  ...({ via: 'text', version: 'int4', created_at: 'timestamptz', expires_at: 'timestamptz', proven_at: 'timestamptz' } as const),
  used_at: 'timestamptz',
} as const;
const linked = {
  ...({ workspace_id: 'text', organization_id: 'text', owner: 'text', prospect_id: 'text', prospect: 'text' } as const),
  ...({ referral_id: 'text', status: 'text', key_version: 'int4', expires_at: 'timestamptz' } as const),
  ...({ claim_hash: 'text', claim_version: 'int4' } as const),
} as const;

export const claimLooks = {
  workspaceOfClaim: { ask: queries.workspaceOfClaim(hashOf('l1')), by: ['writer'], columns: linked, looksAt: 2 },
  claimFacts: {
    ask: queries.claimFacts(),
    by: ['writer'],
    columns: { prospect: 'text', tier: 'text', domain: 'text' },
    looksAt: 3,
  },
  claimProof: {
    ask: queries.claimProof(hashOf('l1'), hashOf('b1'), null),
    by: ['writer'],
    columns: { ...proof, referral_id: 'text' },
    looksAt: 2,
  },
  proofOfLink: {
    ask: queries.proofOfLink(hashOf('m1')),
    by: ['writer'],
    columns: { ...proof, claim_version: 'int4' },
    looksAt: 2,
  },
  mailedProof: {
    ask: queries.mailedProof(nth('mbx', 1)),
    by: ['writer'],
    columns: { email: 'text', created_at: 'timestamptz', expires_at: 'timestamptz', proven_at: 'timestamptz' },
    looksAt: 1,
  },
  addressOfSession: { ask: queries.addressOfSession(hashOf('s1'), now), by: ['writer'], columns: { email: 'text' }, looksAt: 2 },
} satisfies Partial<{ readonly [K in keyof typeof queries]: Look<K> }>;

/** What only a writer's load may look up among them. */
export const claimsRefusedToReaders: readonly (keyof typeof claimLooks)[] = [
  ...(['workspaceOfClaim', 'claimFacts', 'claimProof', 'proofOfLink', 'mailedProof', 'addressOfSession'] as const),
];
