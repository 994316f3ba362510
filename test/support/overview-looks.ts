/** Looks at sums, in the big tenant of `many-rows.ts`: of stretches of time that hold few of its rows. */
import { queries } from '../../src/db/queries.ts';
import type { Look } from './query-looks.ts';

const at = (day: string): Date => new Date(`${day}T00:00:00Z`);
/** Its rows are a second apart; its ids, read as those of a moment, lie in the seventies. */
const recently = { days: [at('2026-01-01'), new Date('2026-01-01T00:00:20Z')], before: [at('2025-12-01'), at('2025-12-02')] } as const;
const longAgo = { days: [at('1970-01-01'), at('1970-01-02')], before: [at('1970-01-02'), at('1970-01-03')] } as const;
const filter = { organizationId: null, agentId: null, campaign: null, status: null };

export const overviewLooks = {
  overviewReferrals: {
    ask: queries.overviewReferrals({ ...recently, filter }),
    by: ['reader'],
    columns: { days: 'jsonb', agents: 'jsonb', organizations: 'jsonb' },
    looksAt: 50,
  },
  overviewPace: {
    ask: queries.overviewPace({ ...recently, filter }),
    by: ['reader'],
    columns: { referrals: 'int4', qualified: 'int4', rewarded: 'int4', seconds: 'int4', since: 'timestamptz' },
    looksAt: 2,
  },
  overviewRewards: {
    ask: queries.overviewRewards({ ...longAgo, filter }),
    by: ['reader'],
    columns: { is_now: 'bool', currency: 'text', accrued_minor: 'int8', settled_minor: 'int8', reversed_minor: 'int8' },
    // Two days of ids.
    looksAt: 60,
  },
  overviewOpen: {
    ask: queries.overviewOpen({ ...longAgo, filter }),
    by: ['reader'],
    columns: { provisioned: 'int4', claimed: 'int4', claimed_before: 'int4', visits: 'int4', disputes: 'int4', held: 'int4' },
    // As many open disputes as are counted.
    looksAt: 200,
  },
} as const satisfies { readonly [K in 'overviewReferrals' | 'overviewPace' | 'overviewRewards' | 'overviewOpen']: Look<K> };
