import type { Tier } from './actor.ts';
import { type Changes, type Given, together } from './decision.ts';
import { isFreeMail } from './free-mail.ts';
import type { IdentityChanges } from './identity-changes.ts';
import { ledgerEvent } from './ledger.ts';
import { type Decider, newPerson } from './person.ts';
import { registrableDomain } from './prospect.ts';
import { ok, type Result, refuse } from './result.ts';
import { inItsPlace } from './sign-in.ts';
import { stageEffect } from './stage.ts';
import type { StagedEffect } from './work-changes.ts';

/** An organization that wants to be a partner, as stored and written. */
export type PartnerApplication = NonNullable<IdentityChanges['partner_applications']>[number];

/** Applications that wait for an operator at most. */
export const mostOpenApplications = 500;

/** How well an organization is known whose application is approved: by its word, or by that of the operator. */
export const approvedTiers = ['key_bound', 'attested'] as const satisfies readonly Tier[];

/**
 * Keeps an application. Whoever is known by the address, or waits already, changes nothing by applying again; the same amount is written
 * all the same, so that neither the answer nor the time that it takes tells.
 */
export function applyForPartnership(
  ground: { readonly isKnown: boolean; readonly isWaiting: boolean },
  wanted: Pick<PartnerApplication, 'email' | 'organization_name' | 'domain' | 'note'>,
  given: Given,
): Changes {
  if (ground.isKnown || ground.isWaiting) return inItsPlace(given);
  const application: PartnerApplication = {
    ...{ application_id: given.newId('app'), ...wanted, state: 'open', version: 1, created_at: given.now.toISOString() },
    ...{ decided_at: null, decided_by: null, reason: null, organization_id: null },
  };
  return { partner_applications: [application] };
}

/** What can be said of an application without asking anybody. Domains are registrable ones. */
export interface Signals {
  /** Whether anybody gets an address there. */
  readonly free_mail: boolean;
  /** Whether the address is at the domain that was named; null where none was. */
  readonly mail_at_domain: boolean | null;
  /** The organization that has the domain already: then its people should be asked. */
  readonly domain_held_by: string | null;
}

export function signalsOf({ email, domain }: Pick<PartnerApplication, 'email' | 'domain'>, holderId: string | null): Signals {
  const host = email.slice(email.lastIndexOf('@') + 1);
  const mailDomain = registrableDomain(host) ?? host;
  return {
    free_mail: isFreeMail(mailDomain),
    mail_at_domain: domain === null ? null : mailDomain === domain,
    domain_held_by: holderId,
  };
}

export interface ApplicationAnswer extends Decider {
  readonly approve: boolean;
  readonly reason: string | null;
  readonly tier: (typeof approvedTiers)[number];
}

/**
 * The operator's answer. Approved, there is an organization with one partner, who is invited; whose its domain is has still to be proven.
 * Refused, a letter says so. `state.forbidden`: it is decided already, or somebody became known by the address meanwhile.
 */
export function decideApplication(
  ground: { readonly application: PartnerApplication; readonly isKnown: boolean },
  answer: ApplicationAnswer,
  given: Given,
): Result<{ readonly application: PartnerApplication; readonly changes: Changes }, 'state.forbidden'> {
  const { application: open, isKnown } = ground;
  if (open.state !== 'open') return refuse('state.forbidden', { detail: 'It is decided already.' });
  const { approve, reason, tier, by, tenant } = answer;
  const at = given.now.toISOString();
  const decided = { ...open, version: open.version + 1, decided_at: at, decided_by: by, reason };
  if (!approve) {
    const application: PartnerApplication = { ...decided, state: 'refused' };
    return ok({ application, changes: { partner_applications: [application], effects: [refusalEffect(open.application_id, given)] } });
  }
  if (isKnown) return refuse('state.forbidden', { detail: 'Somebody is known by this address already. Refuse it, or change that person.' });
  const organizationId = given.newId('org');
  const application: PartnerApplication = { ...decided, state: 'approved', organization_id: organizationId };
  const organization = { organization_id: organizationId, name: open.organization_name, domain: null, tier, created_at: at };
  const wanted = { email: open.email, name: null, role: 'partner' as const, organizationIds: [organizationId] };
  const { person, changes } = newPerson(wanted, answer, given);
  const approved = ledgerEvent(given, tenant, {
    ...{ kind: 'organization.approved', subjectId: organizationId, organizationId },
    facts: { application: open.application_id, person: person.person_id, tier, actor: by },
  });
  const made = { partner_applications: [application], organizations: [organization], ledger_events: [approved] };
  return ok({ application, changes: together(made, changes) });
}

/** What the letter of refusal is staged with: the id of the application, which knows the address. */
export interface RefusalPayload {
  readonly application_id: string;
}

export const refusalKind = 'mail.refuse';

function refusalEffect(applicationId: string, given: Given): StagedEffect {
  const payload: RefusalPayload = { application_id: applicationId };
  return stageEffect(given, { kind: refusalKind, aggregate: `mail:${applicationId}`, destination: 'mail', payload });
}
