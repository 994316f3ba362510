import type { Tier } from '../../domain/actor.ts';
import { revokeAgent } from '../../operations/agents/revoke.ts';
import { revokeApiKey } from '../../operations/api/revoke-key.ts';
import { decideDomainConflict } from '../../operations/domains/decide-conflict.ts';
import { listDomainConflicts } from '../../operations/domains/list-conflicts.ts';
import { decideOrganizationJoin } from '../../operations/organizations/decide-join.ts';
import { getOrganizationFile } from '../../operations/organizations/get-file.ts';
import { linkOrganizationCustomer } from '../../operations/organizations/link-customer.ts';
import { listOrganizations } from '../../operations/organizations/list.ts';
import { listOrganizationJoins } from '../../operations/organizations/list-joins.ts';
import { revokeOrganizationAgents } from '../../operations/organizations/revoke-agents.ts';
import { organizationsWords } from '../words/organizations.ts';
import { shellWords } from '../words/shell.ts';
import { defineAction, definePage, type LedgerAction, type LedgerPage } from './definition.ts';
import { OrganizationFile } from './organization-file.tsx';
import { OrganizationList, usualOrder } from './organization-list.tsx';
import { WaitingOrganizations } from './waiting-organizations.tsx';

const list = definePage({
  path: '/ledger/organizations',
  nav: 'organizations',
  title: (_, { locale }) => shellWords[locale].nav_organizations,
  asks: { organizations: listOrganizations },
  besides: { joins: listOrganizationJoins },
  input: ({ query }) => ({
    organizations: {
      // What is none, the operation refuses.
      tier: query('tier') as Tier | undefined,
      q: query('q')?.trim() || undefined,
      sort: (query('sort') ?? usualOrder) as 'created' | 'referrals',
      cursor: query('cursor'),
    },
    joins: { state: 'open' as const, limit: 1 },
  }),
  render: ({ organizations, joins }, scene) => <OrganizationList organizations={organizations} joins={joins} scene={scene} />,
});

const waiting = definePage({
  path: '/ledger/organizations/waiting',
  nav: 'organizations',
  title: (_, { locale }) => organizationsWords[locale].waiting,
  asks: { joins: listOrganizationJoins },
  besides: { conflicts: listDomainConflicts },
  input: ({ query }) => ({ joins: { state: 'open' as const, cursor: query('cursor') }, conflicts: { state: 'open' as const, limit: 50 } }),
  render: ({ joins, conflicts }, scene) => <WaitingOrganizations joins={joins} conflicts={conflicts} scene={scene} />,
});

const file = definePage({
  path: '/ledger/organizations/{organization_id}',
  nav: 'organizations',
  title: ({ file: { organization } }) => organization.domain ?? organization.untrusted.name,
  asks: { file: getOrganizationFile },
  input: ({ params }) => ({ file: { organization_id: params.organization_id ?? '' } }),
  render: ({ file: shown }, scene) => <OrganizationFile file={shown} scene={scene} />,
});

const atOrganization = ({ organization_id }: Readonly<Record<string, string>>) => `/ledger/organizations/${organization_id}`;
const atWaiting = () => '/ledger/organizations/waiting';

const linkCustomer = defineAction({
  path: '/ledger/organizations/{organization_id}/customer',
  operation: linkOrganizationCustomer,
  input: (form, { organization_id }) => ({ organization_id, stripe_customer: form.get('stripe_customer')?.trim() ?? '' }),
  page: atOrganization,
});

const revokeAll = defineAction({
  path: '/ledger/organizations/{organization_id}/revoke-agents',
  operation: revokeOrganizationAgents,
  input: (_, { organization_id }) => ({ organization_id }),
  page: atOrganization,
});

const revokeOne = defineAction({
  path: '/ledger/organizations/{organization_id}/agents/{agent_id}/revoke',
  operation: revokeAgent,
  input: (_, { agent_id }) => ({ agent_id }),
  page: atOrganization,
});

const revokeKey = defineAction({
  path: '/ledger/organizations/{organization_id}/keys/{key_id}/revoke',
  operation: revokeApiKey,
  input: (_, { key_id }) => ({ key_id }),
  page: atOrganization,
});

const decideJoin = defineAction({
  path: '/ledger/organizations/joins/{join_id}',
  operation: decideOrganizationJoin,
  // Which button it was; without one nothing is decided.
  input: (form, { join_id }) => ({ join_id, approve: { yes: true, no: false }[form.get('approve') ?? ''] }),
  page: atWaiting,
});

const decideConflict = defineAction({
  path: '/ledger/organizations/conflicts',
  operation: decideDomainConflict,
  input: (form) => ({ conflict_id: form.get('conflict_id'), outcome: form.get('outcome'), reason: form.get('reason') ?? '' }),
  page: atWaiting,
});

/** Organizations and their agents. What waits is no id, and goes before what has one. */
export const organizationsPages: readonly LedgerPage[] = [list, waiting, file];
export const organizationsActions: readonly LedgerAction[] = [linkCustomer, revokeAll, revokeOne, revokeKey, decideJoin, decideConflict];
