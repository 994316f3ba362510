import { listBalances } from './balances/list.ts';
import { listCapabilitiesVersions } from './capabilities/list-versions.ts';
import { verifyCapabilities } from './capabilities/verify.ts';
import { redeemClaimAssertion } from './claims/redeem-assertion.ts';
import { getDisputeFile } from './disputes/get-file.ts';
import { getLedgerStatus } from './ledger/get-status.ts';
import type { Operation } from './operation.ts';
import { getOrganizationFile } from './organizations/get-file.ts';
import { listOrganizations } from './organizations/list.ts';
import { getOverview } from './overviews/get.ts';
import { exportReferrals } from './referrals/export.ts';
import { getReferralFile } from './referrals/get-file.ts';
import { searchReferrals } from './referrals/search.ts';
import { listReviews } from './reviews/list.ts';
import { searchRewards } from './rewards/search.ts';
import { searchWorkspaces } from './workspaces/search.ts';

/** What people ask of the whole ledger: sums and lists that no agent needs for its work. Over REST only, and behind the pages. */
export const ledgerOperations: readonly Operation[] = [
  listCapabilitiesVersions,
  verifyCapabilities,
  getOverview,
  searchWorkspaces,
  getLedgerStatus,
  searchRewards,
  listBalances,
  searchReferrals,
  exportReferrals,
  listOrganizations,
  getOrganizationFile,
  getReferralFile,
  listReviews,
  getDisputeFile,
  redeemClaimAssertion,
];
