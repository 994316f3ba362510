import { ConnectionLost, DatabaseError, type Statement } from '../db/batch.ts';
import { commit } from '../db/commit.ts';
import { ledgerEvent } from '../domain/ledger.ts';
import { prospectKey } from '../domain/prospect.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { type AdminDeps, attempts, givenFor } from './admin-deps.ts';

export interface ErasureWanted {
  /** Any host of the tenant, as stored. */
  readonly host: string;
  /** Of the prospect; subdomains count as their registrable domain. */
  readonly domain: string;
}

export interface ProspectErased {
  readonly tenant: string;
  readonly prospectId: string;
  /** Referrals of which the words and the salt are gone. */
  readonly forgotten: number;
  /** Workspaces, reports and dispute texts that were emptied. */
  readonly emptied: number;
}

type ErasureRefusal = 'tenant.unknown' | 'resource.not_found' | 'request.invalid' | 'ledger.busy';

/**
 * Forgets what people wrote about a prospect, and the hash by which its domain is recognised; the ledger keeps ids, amounts and times, and
 * says that it was erased. Every leaf, proof and receipt still verifies. Should the company come again, nobody knows it: it can be referred
 * and rewarded anew. Refuses `resource.not_found` when there is no such prospect, or no longer.
 */
export async function eraseProspect(deps: AdminDeps, { host, domain }: ErasureWanted): Promise<Result<ProspectErased, ErasureRefusal>> {
  const tenant = await tenantAt(deps, host);
  if (tenant === null) return refuse('tenant.unknown');
  const given = givenFor(deps, tenant, deps.now());
  const key = prospectKey(domain, given.derive);
  if (!key.ok) return key;
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const [found] = await deps.db.batch({ role: 'writer', tenant }, [prospectOf(key.value.fingerprint)]);
    if (found === null) return refuse('resource.not_found');
    const event = ledgerEvent(given, tenant, { kind: 'prospect.erased', subjectId: found, organizationId: null, facts: {} });
    const erased = await once(deps, tenant, [commit({ ledger_events: [event] }), erase(found)]);
    if (erased !== 'again') return ok({ tenant, prospectId: found, ...erased });
  }
  return refuse('ledger.busy', { retryAfterS: 1 });
}

interface Erased {
  readonly forgotten: number;
  readonly emptied: number;
}

/** `again`: a request changed the same rows, or the outcome is not known. */
async function once({ db }: AdminDeps, tenant: string, statements: [Statement<void>, Statement<Erased>]): Promise<Erased | 'again'> {
  try {
    const [, erased] = await db.batch({ role: 'writer', tenant }, statements);
    return erased;
  } catch (error) {
    const isPassing = error instanceof ConnectionLost || (error instanceof DatabaseError && ['FD001', '40P01'].includes(error.sqlState));
    if (isPassing) return 'again';
    throw error;
  }
}

async function tenantAt({ db }: AdminDeps, host: string): Promise<string | null> {
  const [tenant] = await db.batch({ role: 'reader' }, [
    {
      name: 'tenant_hosts.tenant',
      text: 'select h.tenant_id from frontdesk.tenant_hosts h where h.host = $1',
      values: [host],
      read: (rows) => (typeof rows[0]?.tenant_id === 'string' ? rows[0].tenant_id : null),
    },
  ]);
  return tenant;
}

const prospectOf = (fingerprint: string): Statement<string | null> => ({
  name: 'prospects.to_erase',
  text: "select p.prospect_id from frontdesk.prospects p where p.fingerprint = decode($1, 'hex')",
  values: [fingerprint],
  read: (rows) => (typeof rows[0]?.prospect_id === 'string' ? rows[0].prospect_id : null),
});

const erase = (prospectId: string): Statement<Erased> => ({
  name: 'erase',
  text: 'select frontdesk.erase($1) as erased',
  values: [prospectId],
  // The function answers exactly these fields (`db/migrations/0006_ledger_functions.sql`).
  read: (rows) => rows[0]?.erased as Erased,
});
