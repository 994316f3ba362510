import type { Role } from './actor.ts';
import { type Changes, type Given, together } from './decision.ts';
import type { IdentityChanges } from './identity-changes.ts';
import { ledgerEvent } from './ledger.ts';
import { ok, type Result, refuse } from './result.ts';
import { linkSeconds, mailEffect, makeLink } from './sign-in-link.ts';

/** Somebody who signs in, as stored and written. */
export type Person = NonNullable<IdentityChanges['people']>[number];

/** A person with all that decides what may become of them. */
export interface PersonFile {
  readonly person: Person;
  readonly organizationIds: readonly string[];
  /** One who stays an operator whatever becomes of this person; always the same one, whoever asks. Null: there is no other. */
  readonly otherOperator: Person | null;
}

/** Who decides, where. */
export interface Decider {
  readonly by: string;
  readonly tenant: string;
}

/** Organizations of one person at most. */
export const mostMemberships = 100;

/** Whether people of this role reach organizations by membership; the others reach the whole vendor. */
const isMember = (role: Role): boolean => role === 'partner' || role === 'channel_manager';

/** A partner or channel manager is somebody's; an operator or auditor is the vendor's own. */
export function fittingPlaces(role: Role, organizationIds: readonly string[]): Result<readonly string[], 'request.invalid'> {
  const places = [...new Set(organizationIds)].sort();
  if (isMember(role) === places.length > 0) return ok(places);
  const message = isMember(role)
    ? 'This role needs at least one organization.'
    : 'This role reaches the whole vendor: name no organization.';
  return refuse('request.invalid', { issues: [{ pointer: '/organization_ids', code: 'role', message }] });
}

/** Makes a person with their memberships and the link that lets them in, once, within a week. What is mailed is an id. */
export function newPerson(
  wanted: { readonly email: string; readonly name: string | null; readonly role: Role; readonly organizationIds: readonly string[] },
  { by, tenant }: Decider,
  given: Given,
): { readonly person: Person; readonly expiresAt: string; readonly changes: Changes } {
  const { email, name, role, organizationIds } = wanted;
  const [personId, at] = [given.newId('psn'), given.now.toISOString()];
  const person: Person = {
    ...{ person_id: personId, email, name, role, state: 'active', version: 1 },
    ...{ oidc_issuer: null, oidc_subject: null, created_at: at },
  };
  const link = makeLink({ personId, purpose: 'invitation' }, given);
  const mail = mailEffect({ mail: 'invitation', person_id: personId, link_id: link.linkId }, given);
  const invited = ledgerEvent(given, tenant, {
    ...{ kind: 'person.invited', subjectId: personId, organizationId: null },
    facts: { person: personId, role, organizations: organizationIds, actor: by },
  });
  return {
    person,
    expiresAt: new Date(given.now.getTime() + linkSeconds.invitation * 1000).toISOString(),
    changes: together(
      { people: [person], effects: [mail], ledger_events: [invited] },
      joined(personId, organizationIds, by, at),
      link.changes,
    ),
  };
}

/**
 * Gives a person another role, other organizations, or both. Another role ends every session. `state.forbidden`: they are the last
 * operator.
 */
export function changePerson(
  file: PersonFile,
  wanted: { readonly role?: Role | undefined; readonly organizationIds?: readonly string[] | undefined },
  { by, tenant }: Decider,
  given: Given,
): Result<
  { readonly role: Role; readonly organizationIds: readonly string[]; readonly changes: Changes },
  'request.invalid' | 'state.forbidden'
> {
  const { person, organizationIds: before } = file;
  const role = wanted.role ?? person.role;
  // Who becomes the vendor's own leaves what they were a member of.
  const places = fittingPlaces(role, wanted.organizationIds ?? (isMember(role) ? before : []));
  if (!places.ok) return places;
  const organizationIds = places.value;
  const isOther = role !== person.role;
  const at = given.now.toISOString();
  const row = isOther ? replaced(file, { role }) : ok<Changes>({});
  if (!row.ok) return row;
  const came = organizationIds.filter((id) => !before.includes(id));
  const went = before.filter((id) => !organizationIds.includes(id));
  if (!isOther && came.length === 0 && went.length === 0) return ok({ role, organizationIds, changes: {} });
  const changed = ledgerEvent(given, tenant, {
    ...{ kind: 'person.changed', subjectId: person.person_id, organizationId: null },
    facts: { person: person.person_id, role, organizations: organizationIds, actor: by },
  });
  const moves = together(joined(person.person_id, came, by, at), left(person.person_id, went));
  const ended = isOther ? { ended_sessions: { person_id: person.person_id, at } } : {};
  return ok({ role, organizationIds, changes: together({ ledger_events: [changed] }, row.value, moves, ended) });
}

/**
 * Ends a person: no session, no organization, and nothing that says who it was. Whoever is invited again is somebody new.
 * `state.forbidden`: they are the last operator.
 */
export function erasePerson(file: PersonFile, { by, tenant }: Decider, given: Given): Result<Changes, 'state.forbidden'> {
  const { person_id } = file.person;
  const nobody = { name: null, email: `${person_id}@removed.invalid`, oidc_issuer: null, oidc_subject: null };
  const row = replaced(file, { ...nobody, state: 'removed' });
  if (!row.ok) return row;
  const removed = ledgerEvent(given, tenant, {
    ...{ kind: 'person.removed', subjectId: person_id, organizationId: null },
    facts: { person: person_id, actor: by },
  });
  const ended = { ended_sessions: { person_id, at: given.now.toISOString() } };
  return ok(together(row.value, left(person_id, file.organizationIds), ended, { ledger_events: [removed] }));
}

/**
 * The person's row, changed. Where an operator ceases to be one, the one who stays is written as well, unchanged: of two who remove each
 * other at once, one then finds that somebody was faster.
 */
function replaced({ person, otherOperator }: PersonFile, change: Partial<Person>): Result<Changes, 'state.forbidden'> {
  const row: Person = { ...person, ...change, version: person.version + 1 };
  if (person.role !== 'operator') return ok({ people: [row] });
  if (otherOperator === null) return refuse('state.forbidden', { detail: 'Nobody else is an operator. Invite another one first.' });
  return ok({ people: [row, { ...otherOperator, version: otherOperator.version + 1 }] });
}

function joined(personId: string, organizationIds: readonly string[], by: string, at: string): Changes {
  const memberships = organizationIds.map((organization_id) => ({ person_id: personId, organization_id, granted_by: by, granted_at: at }));
  return memberships.length > 0 ? { memberships } : {};
}

function left(personId: string, organizationIds: readonly string[]): Changes {
  const ended_memberships = organizationIds.map((organization_id) => ({ person_id: personId, organization_id }));
  return ended_memberships.length > 0 ? { ended_memberships } : {};
}
