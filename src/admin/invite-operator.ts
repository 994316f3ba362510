import type { Statement } from '../db/batch.ts';
import { together } from '../domain/decision.ts';
import { invariant, ok, type Result, refuse } from '../domain/result.ts';
import { normaliseEmail } from '../domain/sign-in.ts';
import { linkSeconds, linkUrl, makeLink } from '../domain/sign-in-link.ts';
import { type AdminDeps, attempts, givenFor } from './admin-deps.ts';

export interface OperatorInvited {
  readonly personId: string;
  /** Signs its holder in as the operator, once. Only its hash is stored: this is the one time it can be seen. */
  readonly url: string;
  readonly expiresAt: string;
}

export type InvitationRefusal = 'tenant.unknown' | 'request.invalid' | 'resource.conflict' | 'ledger.busy';

/**
 * A link for an operator, for whoever has a shell where the data is: how the first person gets in. The operator is made where nobody is
 * known by the address. Refuses `resource.conflict` where somebody else is.
 */
export async function inviteOperator(
  deps: AdminDeps,
  wanted: { readonly host: string; readonly email: string },
): Promise<Result<OperatorInvited, InvitationRefusal>> {
  const email = normaliseEmail(wanted.email);
  if (email === null) {
    return refuse('request.invalid', { issues: [{ pointer: '/email', code: 'email', message: 'Expected an e-mail address.' }] });
  }
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const [, tenant, known] = await deps.db.batch({ role: 'writer' }, [enterTenant(wanted.host), enteredTenant, personAt(email)]);
    if (tenant === null) return refuse('tenant.unknown');
    if (known !== null && (known.role !== 'operator' || known.state !== 'active')) {
      return refuse('resource.conflict', { detail: 'Somebody who is not an operator is known by this address.' });
    }
    const given = givenFor(deps, tenant.tenant_id, deps.now());
    const at = given.now.toISOString();
    const personId = known?.person_id ?? given.newId('psn');
    const link = makeLink({ personId, purpose: 'bootstrap' }, given);
    const person = {
      ...{ person_id: personId, email, name: null, role: 'operator' as const, state: 'active' as const, version: 1 },
      ...{ oidc_issuer: null, oidc_subject: null, created_at: at },
    };
    const changes = together(link.changes, known === null ? { people: [person] } : {});
    const written = await deps.memory.commit(tenant.tenant_id, changes);
    invariant(written !== 'over', 'inviting an operator counts against no quota');
    const expiresAt = new Date(given.now.getTime() + linkSeconds.bootstrap * 1000).toISOString();
    if (written === 'done') return ok({ personId, url: linkUrl(tenant.origin, link.token), expiresAt });
  }
  return refuse('ledger.busy', { retryAfterS: 1 });
}

/** Host → tenant, left as the context of what follows in the same batch. */
const enterTenant = (host: string): Statement<void> => ({
  name: 'tenant.enter_by_host',
  text: `select set_config('frontdesk.tenant', coalesce((select h.tenant_id from frontdesk.tenant_hosts h where h.host = $1), ''), true)`,
  values: [host],
  read: () => undefined,
});

const enteredTenant: Statement<{ tenant_id: string; origin: string } | null> = {
  name: 'tenants.entered',
  text: 'select t.tenant_id, t.origin from frontdesk.tenants t',
  values: [],
  read: (rows) => (rows[0] as { tenant_id: string; origin: string } | undefined) ?? null,
};

const personAt = (email: string): Statement<{ person_id: string; role: string; state: string } | null> => ({
  name: 'people.by_email',
  text: 'select p.person_id, p.role, p.state from frontdesk.people p where p.email = $1',
  values: [email],
  read: (rows) => (rows[0] as { person_id: string; role: string; state: string } | undefined) ?? null,
});
