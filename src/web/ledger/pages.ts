import { capabilitiesActions, capabilitiesPages } from './capabilities.tsx';
import type { LedgerAction, LedgerPage } from './definition.ts';
import { keysActions, keysPages } from './keys.tsx';
import { membersActions, membersPages } from './members.tsx';
import { organizationsActions, organizationsPages } from './organizations.tsx';
import { overviewActions, overviewPages } from './overview.tsx';
import { proofActions, proofPages } from './proof.tsx';
import { referralActions, referralPages } from './referral.tsx';
import { referralsActions, referralsPages } from './referrals.tsx';
import { reviewActions, reviewPages } from './review.tsx';
import { rewardsActions, rewardsPages } from './rewards.tsx';
import { settingsActions, settingsPages } from './settings.tsx';
import { webhooksActions, webhooksPages } from './webhooks.tsx';
import { workspacesActions, workspacesPages } from './workspaces.tsx';

/** Every page of the ledger. What is listed later is matched later. */
export const ledgerPages: readonly LedgerPage[] = [
  ...overviewPages,
  ...referralsPages,
  ...referralPages,
  ...reviewPages,
  ...rewardsPages,
  ...organizationsPages,
  ...workspacesPages,
  ...capabilitiesPages,
  ...proofPages,
  ...membersPages,
  ...keysPages,
  ...webhooksPages,
  ...settingsPages,
];

/** Everything that can be done on them. */
export const ledgerActions: readonly LedgerAction[] = [
  ...overviewActions,
  ...referralsActions,
  ...referralActions,
  ...reviewActions,
  ...rewardsActions,
  ...organizationsActions,
  ...workspacesActions,
  ...capabilitiesActions,
  ...proofActions,
  ...membersActions,
  ...keysActions,
  ...webhooksActions,
  ...settingsActions,
];
