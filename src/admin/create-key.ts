import type { Statement } from '../db/batch.ts';
import type { Tier } from '../domain/actor.ts';
import type { Changes } from '../domain/decision.ts';
import { registrableDomain } from '../domain/prospect.ts';
import { type Issue, invariant, ok, type Result, refuse } from '../domain/result.ts';
import { agentScopes, type Scope, staffScopes } from '../domain/scopes.ts';
import { formatSecret, secretHash } from '../domain/secret.ts';
import { cleanText } from '../domain/untrusted-text.ts';
import { type AdminDeps, attempts } from './admin-deps.ts';

export interface KeyWanted {
  /** Any host of the tenant, as stored. */
  readonly host: string;
  /** Whose key it is; without one it is a back end's key, which reaches the whole tenant. */
  readonly organization?: { readonly domain: string; readonly name?: string };
  /** Who uses the key. */
  readonly agentName: string;
  /** Otherwise `grantedScopes`. */
  readonly scopes?: readonly string[];
  /** Of an organization that is not known yet; otherwise `key_bound`. */
  readonly tier?: Tier;
  readonly expiresAt?: Date;
}

export interface KeyCreated {
  /** The key itself. Only its hash is stored: this is the one time it can be seen. */
  readonly key: string;
  readonly keyId: string;
  readonly tenant: string;
  readonly organizationId: string | null;
  readonly agentId: string;
  readonly tier: Tier;
  readonly scopes: readonly Scope[];
  readonly expiresAt: string | null;
}

export type KeyRefusal = 'tenant.unknown' | 'request.invalid' | 'resource.conflict' | 'ledger.busy';

/** The scopes that a key carries if nothing else is asked for, and that the capabilities document names. */
export const grantedScopes = [
  'workspaces:provision',
  'workspaces:read',
  'workspaces:write',
  'referrals:create',
  'referrals:read',
  'disputes:create',
  'rewards:read',
  'ledger:read',
] as const satisfies readonly Scope[];

/**
 * Makes an API key, together with its organization (known by its registrable domain) and its agent (known by its name) where they are
 * missing. Scopes for back ends and people are refused to a key with an organization.
 */
export async function createKey(deps: AdminDeps, wanted: KeyWanted): Promise<Result<KeyCreated, KeyRefusal>> {
  const now = deps.now();
  const checked = check(wanted, now);
  if (!checked.ok) return checked;
  const asked = checked.value;
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const [tenant, known] = await deps.db.batch({ role: 'writer' }, [enterTenant(wanted.host), holder(asked.domain, asked.agentName)]);
    if (tenant === null) return refuse('tenant.unknown');
    if (known.tier !== null && wanted.tier !== undefined && wanted.tier !== known.tier) {
      return refuse('resource.conflict', { detail: 'The organization exists already, with another tier.' });
    }
    const { changes, created } = decide(deps, asked, { tenant, known, now });
    const written = await deps.memory.commit(tenant, changes);
    invariant(written !== 'over', 'making a key counts against no quota');
    if (written === 'done') return ok(created);
  }
  return refuse('ledger.busy', { retryAfterS: 1 });
}

interface Asked {
  readonly domain: string | null;
  readonly organizationName: string;
  readonly agentName: string;
  readonly scopes: readonly Scope[];
  readonly tier: Tier;
  readonly expiresAt: string | null;
}

function check(wanted: KeyWanted, now: Date): Result<Asked, 'request.invalid'> {
  const { organization, expiresAt, tier = 'key_bound' } = wanted;
  const issues: Issue[] = [];
  const domain = organization === undefined ? null : registrableDomain(organization.domain);
  if (organization !== undefined && domain === null) {
    issues.push({ pointer: '/organization/domain', code: 'domain', message: 'A registrable domain is needed, such as example.com.' });
  }
  const agentName = cleanText(wanted.agentName, 120);
  if (agentName === '') issues.push({ pointer: '/agentName', code: 'required', message: 'Say who uses the key.' });
  if (expiresAt !== undefined && !(expiresAt > now))
    issues.push({ pointer: '/expiresAt', code: 'past', message: 'A time to come is needed.' });
  const allowed: readonly Scope[] = organization === undefined ? [...agentScopes, ...staffScopes] : agentScopes;
  const given = [...new Set(wanted.scopes ?? grantedScopes)];
  const scopes = allowed.filter((scope) => given.includes(scope));
  if (given.length === 0 || scopes.length < given.length) {
    issues.push({
      pointer: '/scopes',
      code: 'scope',
      message: `At least one scope is needed, all out of: ${allowed.join(', ')}. Scopes for staff go to back ends only, which have no organization.`,
    });
  }
  if (issues.length > 0) return refuse('request.invalid', { issues });
  const organizationName = cleanText(organization?.name ?? '', 120) || (domain ?? '');
  return ok({ domain, organizationName, agentName, scopes, tier, expiresAt: expiresAt?.toISOString() ?? null });
}

function decide(
  { environment, newId }: AdminDeps,
  asked: Asked,
  { tenant, known, now }: { tenant: string; known: Holder; now: Date },
): { readonly changes: Changes; readonly created: KeyCreated } {
  const { domain, agentName: name, scopes, expiresAt } = asked;
  const created_at = now.toISOString();
  const tier = domain === null ? 'attested' : (known.tier ?? asked.tier);
  const organizationId = domain === null ? null : (known.organizationId ?? newId('org'));
  const agentId = known.agentId ?? newId('agt');
  const keyId = newId('key');
  const key = formatSecret('key', environment, crypto.getRandomValues(new Uint8Array(32)));
  const newOrganization = organizationId !== null && known.organizationId === null;
  return {
    created: { key, keyId, tenant, organizationId, agentId, tier, scopes, expiresAt },
    changes: {
      ...(newOrganization
        ? { organizations: [{ organization_id: organizationId, name: asked.organizationName, domain, tier, created_at }] }
        : {}),
      ...(known.agentId === null ? { agents: [{ agent_id: agentId, organization_id: organizationId, name, created_at }] } : {}),
      api_keys: [
        {
          key_id: keyId,
          secret_hash: secretHash(key),
          last4: key.slice(-4),
          organization_id: organizationId,
          agent_id: agentId,
          scopes,
          created_at,
          expires_at: expiresAt,
        },
      ],
    },
  };
}

/** Host → tenant, left as the context of what follows in the same batch. */
const enterTenant = (host: string): Statement<string | null> => ({
  name: 'tenant.enter',
  text: `select nullif(set_config('frontdesk.tenant', coalesce((select h.tenant_id from frontdesk.tenant_hosts h where h.host = $1), ''), true), '')
    as tenant`,
  values: [host],
  read: (rows) => (typeof rows[0]?.tenant === 'string' ? rows[0].tenant : null),
});

interface Holder {
  readonly organizationId: string | null;
  readonly tier: Tier | null;
  readonly agentId: string | null;
}

/** The organization of this domain and its oldest agent of this name; without a domain, the back end of this name. */
const holder = (domain: string | null, agentName: string): Statement<Holder> => ({
  name: 'tenant.holder',
  text: `select o.organization_id, o.tier, (select min(a.agent_id) from frontdesk.agents a where a.name = $2
      and (a.organization_id = o.organization_id or (a.organization_id is null and $1::text is null))) as agent_id
    from (select 1) always left join frontdesk.organizations o on o.domain = $1`,
  values: [domain, agentName],
  read: (rows) => {
    const row = rows[0] as { organization_id: string | null; tier: Tier | null; agent_id: string | null } | undefined;
    return { organizationId: row?.organization_id ?? null, tier: row?.tier ?? null, agentId: row?.agent_id ?? null };
  },
});
