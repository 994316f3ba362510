import { getCapabilities } from './capabilities/get.ts';
import { listEvents } from './events/list.ts';
import { reportEvents } from './events/report.ts';
import type { Operation } from './operation.ts';
import { getProgramTerms } from './programs/get-terms.ts';
import { createReferralToken } from './referrals/create-token.ts';
import { getReferral } from './referrals/get.ts';
import { listReferrals } from './referrals/list.ts';
import { recordReferral } from './referrals/record.ts';
import { recordReferralBatch } from './referrals/record-batch.ts';
import { revokeReferralToken } from './referrals/revoke-token.ts';
import { deleteWorkspaceRow } from './workspaces/delete-row.ts';
import { getWorkspace } from './workspaces/get.ts';
import { getWorkspaceRow } from './workspaces/get-row.ts';
import { listWorkspaces } from './workspaces/list.ts';
import { listWorkspaceRows } from './workspaces/list-rows.ts';
import { provisionWorkspace } from './workspaces/provision.ts';
import { revokeWorkspace } from './workspaces/revoke.ts';
import { rotateWorkspaceCredentials } from './workspaces/rotate-credentials.ts';
import { updateWorkspaceRow } from './workspaces/update-row.ts';
import { writeWorkspaceRows } from './workspaces/write-rows.ts';

/** What can be asked of this service, in the order in which an agent meets it. Every door is a projection of this list. */
export const catalogue: readonly Operation[] = [
  getCapabilities,
  getProgramTerms,
  provisionWorkspace,
  getWorkspace,
  listWorkspaces,
  listWorkspaceRows,
  writeWorkspaceRows,
  getWorkspaceRow,
  updateWorkspaceRow,
  deleteWorkspaceRow,
  rotateWorkspaceCredentials,
  revokeWorkspace,
  createReferralToken,
  revokeReferralToken,
  recordReferral,
  recordReferralBatch,
  getReferral,
  listReferrals,
  reportEvents,
  listEvents,
];
