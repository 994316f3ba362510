import type { LedgerAction, LedgerPage } from './definition.ts';
import { keysActions, keysPages } from './keys.tsx';
import { membersActions, membersPages } from './members.tsx';
import { organizationsActions, organizationsPages } from './organizations.tsx';
import { rewardsActions, rewardsPages } from './rewards.tsx';
import { settingsActions, settingsPages } from './settings.tsx';
import { webhooksActions, webhooksPages } from './webhooks.tsx';

/** Where people see what is owed to whom and who may act: rewards, organizations, members, keys, webhooks, settings. What is listed later is matched later. */
export const officePages: readonly LedgerPage[] = [
  ...rewardsPages,
  ...organizationsPages,
  ...membersPages,
  ...keysPages,
  ...webhooksPages,
  ...settingsPages,
];

/** What can be done there. */
export const officeActions: readonly LedgerAction[] = [
  ...rewardsActions,
  ...organizationsActions,
  ...membersActions,
  ...keysActions,
  ...webhooksActions,
  ...settingsActions,
];
