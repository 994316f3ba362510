import { getBalance } from './balances/get.ts';
import { writeBalanceOff } from './balances/write-off.ts';
import { getCapabilities } from './capabilities/get.ts';
import { openCheckout } from './checkouts/open.ts';
import { addDisputeEvidence } from './disputes/add-evidence.ts';
import { decideDispute } from './disputes/decide.ts';
import { getDispute } from './disputes/get.ts';
import { listDisputes } from './disputes/list.ts';
import { openDispute } from './disputes/open.ts';
import { withdrawDispute } from './disputes/withdraw.ts';
import { discardEffect } from './effects/discard.ts';
import { listEffects } from './effects/list.ts';
import { retryEffect } from './effects/retry.ts';
import { listEvents } from './events/list.ts';
import { reportEvents } from './events/report.ts';
import { exportLedger } from './ledger/export.ts';
import { getLedgerCheckpoint } from './ledger/get-checkpoint.ts';
import { getLedgerConsistency } from './ledger/get-consistency.ts';
import { listLedgerEntries } from './ledger/list-entries.ts';
import { getMyStatus } from './my/get-status.ts';
import type { Operation } from './operation.ts';
import { getOrganization } from './organizations/get.ts';
import { linkOrganizationCustomer } from './organizations/link-customer.ts';
import { createPayoutLink } from './payouts/create-link.ts';
import { listPayoutTotals } from './payouts/list-totals.ts';
import { getProgramTerms } from './programs/get-terms.ts';
import { getReceipt } from './receipts/get.ts';
import { listReconciliations } from './reconciliations/list.ts';
import { createReferralToken } from './referrals/create-token.ts';
import { getReferral } from './referrals/get.ts';
import { listReferrals } from './referrals/list.ts';
import { listReferralHolds } from './referrals/list-holds.ts';
import { openReferralHold } from './referrals/open-hold.ts';
import { recordReferral } from './referrals/record.ts';
import { recordReferralBatch } from './referrals/record-batch.ts';
import { releaseReferralHold } from './referrals/release-hold.ts';
import { revokeReferralToken } from './referrals/revoke-token.ts';
import { confirmReward } from './rewards/confirm.ts';
import { estimateReward } from './rewards/estimate.ts';
import { getReward } from './rewards/get.ts';
import { listRewards } from './rewards/list.ts';
import { reverseReward } from './rewards/reverse.ts';
import { createWebhookEndpoint } from './webhooks/create-endpoint.ts';
import { deleteWebhookEndpoint } from './webhooks/delete-endpoint.ts';
import { getWebhookEndpoint } from './webhooks/get-endpoint.ts';
import { listWebhookEndpointDeliveries } from './webhooks/list-endpoint-deliveries.ts';
import { listWebhookEndpoints } from './webhooks/list-endpoints.ts';
import { replayWebhookDelivery } from './webhooks/replay-delivery.ts';
import { rotateWebhookEndpointSecret } from './webhooks/rotate-endpoint-secret.ts';
import { updateWebhookEndpoint } from './webhooks/update-endpoint.ts';
import { claimWorkspace } from './workspaces/claim.ts';
import { deleteWorkspaceRow } from './workspaces/delete-row.ts';
import { getWorkspace } from './workspaces/get.ts';
import { getWorkspaceRow } from './workspaces/get-row.ts';
import { listWorkspaces } from './workspaces/list.ts';
import { listWorkspaceRows } from './workspaces/list-rows.ts';
import { provisionWorkspace } from './workspaces/provision.ts';
import { reissueWorkspaceClaimLink } from './workspaces/reissue-claim-link.ts';
import { revokeWorkspace } from './workspaces/revoke.ts';
import { rotateWorkspaceCredentials } from './workspaces/rotate-credentials.ts';
import { updateWorkspaceRow } from './workspaces/update-row.ts';
import { writeWorkspaceRows } from './workspaces/write-rows.ts';

/** What the desk answers: everything an agent does in the course of its work, and what the vendor's back end does with it. */
export const deskOperations: readonly Operation[] = [
  getCapabilities,
  getMyStatus,
  getProgramTerms,
  estimateReward,
  provisionWorkspace,
  getWorkspace,
  listWorkspaces,
  listWorkspaceRows,
  writeWorkspaceRows,
  getWorkspaceRow,
  updateWorkspaceRow,
  deleteWorkspaceRow,
  rotateWorkspaceCredentials,
  reissueWorkspaceClaimLink,
  claimWorkspace,
  openCheckout,
  revokeWorkspace,
  createReferralToken,
  revokeReferralToken,
  recordReferral,
  recordReferralBatch,
  getReferral,
  listReferrals,
  getReceipt,
  openDispute,
  getDispute,
  listDisputes,
  addDisputeEvidence,
  withdrawDispute,
  decideDispute,
  openReferralHold,
  listReferralHolds,
  releaseReferralHold,
  listRewards,
  getReward,
  getBalance,
  getOrganization,
  linkOrganizationCustomer,
  createPayoutLink,
  listLedgerEntries,
  confirmReward,
  reverseReward,
  listPayoutTotals,
  writeBalanceOff,
  getLedgerCheckpoint,
  getLedgerConsistency,
  exportLedger,
  reportEvents,
  listEvents,
  createWebhookEndpoint,
  listWebhookEndpoints,
  getWebhookEndpoint,
  updateWebhookEndpoint,
  deleteWebhookEndpoint,
  rotateWebhookEndpointSecret,
  listWebhookEndpointDeliveries,
  replayWebhookDelivery,
  listEffects,
  listReconciliations,
  retryEffect,
  discardEffect,
];
