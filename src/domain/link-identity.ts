import { type Changes, type Given, together } from './decision.ts';
import { ledgerEvent } from './ledger.ts';
import type { RegisteredAgent, RegistrationRow, StoredRegistration } from './registration.ts';

/** What an agent brings with it. */
export interface Belongings {
  readonly workspaces: readonly { readonly workspace_id: string; readonly owner: string }[];
  readonly api_keys: readonly { readonly key_id: string; readonly expires_at: string | null }[];
}

export interface Linking {
  readonly registration: StoredRegistration;
  readonly belongings: Belongings;
  /** Who takes it in, and how many active workspaces it may have at once. */
  readonly organizationId: string;
  readonly activeLimit: number;
  /** Who says so: a person, or an issuer that the vendor trusts. */
  readonly by: { readonly person: string } | { readonly issuer: string };
  readonly tenant: string;
}

/**
 * Moves an agent that registered itself to the organization of the person who typed its code: with its keys and active workspaces, which
 * count against that organization's quota from then on. What it signed in with before is dead: tokens, assertions and API keys. Referrals
 * and referral tokens stay with whom they were recorded for.
 */
export function linkIdentity(linking: Linking, given: Given): Changes {
  const { registration, belongings, organizationId, by, tenant } = linking;
  const { agent } = registration;
  const at = given.now.toISOString();
  const event = ledgerEvent(given, tenant, {
    kind: 'agent.linked',
    subjectId: agent.agent_id,
    organizationId,
    facts: {
      agent: agent.agent_id,
      from: agent.organization_id,
      registration: registration.registration_id,
      ...by,
      workspaces: belongings.workspaces.map(({ workspace_id }) => workspace_id).toSorted(),
    },
  });
  const ended = belongings.api_keys.map(({ key_id, expires_at }) => ({ key_id, expires_at, revoked_at: at }));
  return together(
    {
      registrations: [claimed(registration, 'person' in by ? by.person : by.issuer)],
      changed_agents: [moved(agent, organizationId)],
      ledger_events: [event],
      ...(ended.length > 0 ? { ended_api_keys: ended } : {}),
    },
    adoption(linking),
  );
}

/** How many codes a person may try in a quarter of an hour before one of them was right. */
export const mostWrongCodes = 5;

/** Counts a code that somebody typed, or gives the place back once it proved right. */
export function triedCode(personId: string, by: 1 | -1, now: Date): NonNullable<Changes['counters']>[number] {
  return { name: 'link.codes', subject: `${personId}:${Math.floor(now.getTime() / 900_000)}`, by, limit: mostWrongCodes };
}

/** The row without what only a load adds. */
export function rowOf({ agent: _, stated: __, ...row }: StoredRegistration): RegistrationRow {
  return row;
}

function claimed(registration: StoredRegistration, claimedBy: string): RegistrationRow {
  const over = { code_hash: null, code_expires_at: null, state: 'claimed' as const, claimed_by: claimedBy };
  return { ...rowOf(registration), ...over, version: registration.version + 1 };
}

/** A member of an organization has its tier, whatever it had by itself. */
function moved({ agent_id, epoch, kind }: RegisteredAgent, organizationId: string) {
  return {
    agent_id,
    epoch: epoch + 1,
    status: 'active' as const,
    organization_id: organizationId,
    revoked_at: null,
    ...(kind === 'anonymous' ? { kind: 'registered' as const } : {}),
  };
}

/** Active workspaces change hands, and their places in the quotas with them. */
function adoption({ belongings, organizationId, activeLimit }: Linking): Changes {
  const { workspaces } = belongings;
  if (workspaces.length === 0) return {};
  const owners = [...new Set(workspaces.map(({ owner }) => owner))];
  const places = (owner: string) => workspaces.filter((workspace) => workspace.owner === owner).length;
  const quota = 'workspaces.active';
  return {
    adopted_workspaces: workspaces.map(({ workspace_id, owner }) => ({
      ...{ workspace_id, from_owner: owner },
      ...{ organization_id: organizationId, owner: organizationId },
    })),
    counters: [
      ...owners.map((owner) => ({ name: quota, subject: owner, by: -places(owner), limit: 0 })),
      { name: quota, subject: organizationId, by: workspaces.length, limit: activeLimit },
    ],
  };
}
