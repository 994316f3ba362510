import { searchReferrals } from '../../operations/referrals/search.ts';
import { referralsWords } from '../words/referrals.ts';
import { definePage, type LedgerAction, type LedgerPage } from './definition.ts';
import { referralFilterOf } from './referral-filters.ts';
import { ReferralList } from './referral-list.tsx';

const list = definePage({
  path: '/ledger/referrals',
  nav: 'referrals',
  title: (_, { locale }) => referralsWords[locale].title,
  asks: { referrals: searchReferrals },
  input: ({ url, query }) => ({
    referrals: { ...referralFilterOf(url), limit: query('limit') ?? '50', cursor: query('cursor') },
  }),
  render: ({ referrals }, scene) => <ReferralList referrals={referrals} scene={scene} />,
});

/** The list of referrals. One of them has pages of its own. */
export const referralsPages: readonly LedgerPage[] = [list];
export const referralsActions: readonly LedgerAction[] = [];
