import { type Changes, type Given, together } from './decision.ts';
import { ledgerEvent } from './ledger.ts';
import { type Moving, moveAgent } from './move-agent.ts';
import type { RegistrationRow, StoredRegistration } from './registration.ts';
import { ok, type Result } from './result.ts';

/** Who takes an agent in that registered itself, and what it brings. */
export interface Linking extends Omit<Moving, 'agent'> {
  readonly registration: StoredRegistration;
  /** Who says so: a person, or an issuer that the vendor trusts. */
  readonly by: { readonly person: string } | { readonly issuer: string };
  readonly tenant: string;
}

/**
 * Moves an agent that registered itself to the organization of the person who typed its code (see `moveAgent`). It collects its new
 * credentials with its claim token.
 */
export function linkIdentity(linking: Linking, given: Given): Result<Changes, 'quota.exhausted'> {
  const { registration, by, tenant, ...moving } = linking;
  const { agent } = registration;
  const { organizationId, workspaces } = moving;
  const moved = moveAgent({ ...moving, agent }, given);
  if (!moved.ok) return moved;
  const event = ledgerEvent(given, tenant, {
    kind: 'agent.linked',
    subjectId: agent.agent_id,
    organizationId,
    facts: {
      agent: agent.agent_id,
      from: agent.organization_id,
      registration: registration.registration_id,
      ...by,
      workspaces: workspaces.map(({ workspace_id }) => workspace_id).toSorted(),
    },
  });
  const row = claimed(registration, 'person' in by ? by.person : by.issuer);
  return ok(together({ registrations: [row], ledger_events: [event] }, moved.value));
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
