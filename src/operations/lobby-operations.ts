import { getAgent } from './agents/get.ts';
import { listAgents } from './agents/list.ts';
import { revokeAgent } from './agents/revoke.ts';
import { rotateAgentKey } from './agents/rotate-key.ts';
import { createApiKey } from './api/create-key.ts';
import { listApiKeys } from './api/list-keys.ts';
import { revokeApiKey } from './api/revoke-key.ts';
import { rotateApiKey } from './api/rotate-key.ts';
import { getChallenge } from './challenges/get.ts';
import { decideDomainConflict } from './domains/decide-conflict.ts';
import { listDomainConflicts } from './domains/list-conflicts.ts';
import type { Operation } from './operation.ts';
import { decideOrganizationJoin } from './organizations/decide-join.ts';
import { listOrganizationJoins } from './organizations/list-joins.ts';
import { requestOrganizationJoin } from './organizations/request-join.ts';
import { revokeOrganizationAgents } from './organizations/revoke-agents.ts';
import { verifyOrganization } from './organizations/verify.ts';
import { createPartnerApplication } from './partners/create-application.ts';
import { decidePartnerApplication } from './partners/decide-application.ts';
import { listPartnerApplications } from './partners/list-applications.ts';
import { invitePerson } from './people/invite.ts';
import { listPeople } from './people/list.ts';
import { removePerson } from './people/remove.ts';
import { updatePerson } from './people/update.ts';

/**
 * What the lobby answers: how somebody becomes known, and who may act for whom. Over REST only. On the platform these are not in the
 * desk's function.
 */
export const lobbyOperations: readonly Operation[] = [
  getChallenge,
  listAgents,
  getAgent,
  rotateAgentKey,
  revokeAgent,
  revokeOrganizationAgents,
  listApiKeys,
  createApiKey,
  rotateApiKey,
  revokeApiKey,
  verifyOrganization,
  requestOrganizationJoin,
  listOrganizationJoins,
  decideOrganizationJoin,
  listDomainConflicts,
  decideDomainConflict,
  listPeople,
  invitePerson,
  updatePerson,
  removePerson,
  createPartnerApplication,
  listPartnerApplications,
  decidePartnerApplication,
];
