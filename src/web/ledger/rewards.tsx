import { listBalances } from '../../operations/balances/list.ts';
import { discardEffect } from '../../operations/effects/discard.ts';
import { listEffects } from '../../operations/effects/list.ts';
import { retryEffect } from '../../operations/effects/retry.ts';
import { listReconciliations } from '../../operations/reconciliations/list.ts';
import { searchRewards } from '../../operations/rewards/search.ts';
import { rewardsWords } from '../words/rewards.ts';
import { BalanceList } from './balance-list.tsx';
import { defineAction, definePage, type LedgerAction, type LedgerPage, type Place } from './definition.ts';
import { Reconciliation } from './reconciliation.tsx';
import { RewardList } from './reward-list.tsx';

type Status = 'held' | 'available' | 'fulfilling' | 'fulfilled' | 'reversed' | 'expired';

const list = definePage({
  path: '/ledger/rewards',
  nav: 'rewards',
  title: (_, { locale }) => rewardsWords[locale].list,
  asks: { rewards: searchRewards },
  // Of the balances the totals alone.
  besides: { balances: listBalances },
  input: ({ query }) => ({
    rewards: {
      // What is none, the operation refuses.
      status: query('status') as Status | undefined,
      organization_id: query('organization_id')?.trim(),
      currency: query('currency')?.toLowerCase(),
      kind: query('kind'),
      cursor: query('cursor'),
    },
    balances: query('cursor') === undefined ? { limit: 1 } : null,
  }),
  render: ({ rewards, balances }, scene) => <RewardList rewards={rewards} balances={balances} scene={scene} />,
});

const balances = definePage({
  path: '/ledger/rewards/balances',
  nav: 'rewards',
  title: (_, { locale }) => rewardsWords[locale].balances,
  asks: { sheets: listBalances },
  input: ({ query }) => ({ sheets: { cursor: query('cursor') } }),
  render: ({ sheets }, scene) => <BalanceList sheets={sheets} scene={scene} />,
});

const reconciliation = definePage({
  path: '/ledger/rewards/reconciliation',
  nav: 'rewards',
  title: (_, { locale }) => rewardsWords[locale].reconciliation,
  asks: { runs: listReconciliations },
  besides: { letters: listEffects },
  input: ({ query }: Place) => ({ runs: { limit: 10 }, letters: { cursor: query('cursor') } }),
  render: ({ runs, letters }, scene) => <Reconciliation runs={runs} letters={letters} scene={scene} />,
});

const retry = defineAction({
  path: '/ledger/rewards/dead-letters/{effect_id}/retry',
  operation: retryEffect,
  input: (_, { effect_id }) => ({ effect_id }),
  page: () => '/ledger/rewards/reconciliation',
});

const discard = defineAction({
  path: '/ledger/rewards/dead-letters/{effect_id}/discard',
  operation: discardEffect,
  input: (_, { effect_id }) => ({ effect_id }),
  page: () => '/ledger/rewards/reconciliation',
});

/** Rewards, balances, reconciliation, dead letters. */
export const rewardsPages: readonly LedgerPage[] = [list, balances, reconciliation];
export const rewardsActions: readonly LedgerAction[] = [retry, discard];
