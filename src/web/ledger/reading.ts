import { capabilitiesActions, capabilitiesPages } from './capabilities.tsx';
import type { LedgerAction, LedgerPage } from './definition.ts';
import { overviewActions, overviewPages } from './overview.tsx';
import { proofActions, proofPages } from './proof.tsx';
import { referralActions, referralPages } from './referral.tsx';
import { referralsActions, referralsPages } from './referrals.tsx';
import { reviewActions, reviewPages } from './review.tsx';
import { workspacesActions, workspacesPages } from './workspaces.tsx';

/** Where people read what agents brought, and decide about it. What is listed later is matched later. */
export const readingPages: readonly LedgerPage[] = [
  ...overviewPages,
  ...referralsPages,
  ...referralPages,
  ...reviewPages,
  ...workspacesPages,
  ...capabilitiesPages,
  ...proofPages,
];

/** What can be done there. */
export const readingActions: readonly LedgerAction[] = [
  ...overviewActions,
  ...referralsActions,
  ...referralActions,
  ...reviewActions,
  ...workspacesActions,
  ...capabilitiesActions,
  ...proofActions,
];
