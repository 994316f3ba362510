import type { AgentScope } from '../domain/scopes.ts';

/** What each scope of an agent lets its holder do, in a sentence. */
export const scopeWords: Readonly<Record<AgentScope, string>> = {
  'workspaces:provision': 'Open workspaces for prospects.',
  'workspaces:read': 'Read your own workspaces and their rows.',
  'workspaces:write': 'Change and end your own workspaces and their rows.',
  'referrals:create': 'Make referral tokens and record referrals for your organization.',
  'referrals:read': "Read your organization's referrals, receipts and disputes.",
  'disputes:create': 'Dispute who is credited, and add evidence.',
  'rewards:read': "Read your organization's rewards and balance.",
  'ledger:read': 'Read ledger entries and events of your organization, and export the ledger.',
  'agents:manage': "Manage your organization's agents, their keys and API keys.",
  'organizations:verify': "Prove your organization's domain, and have it say where it is paid.",
  'webhooks:manage': 'Have events posted to addresses of your organization.',
};
