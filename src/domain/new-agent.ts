import { reaches, type Tier } from './actor.ts';
import { weeklyCheck } from './check-domain-effect.ts';
import type { Changes, Given } from './decision.ts';
import type { DomainProof } from './domain-proof.ts';
import type { Grantee } from './grant.ts';
import { requestJoin } from './join.ts';
import { invariant } from './result.ts';

/** An agent that is seen for the first time. */
export interface Newcomer {
  readonly kind: 'registered' | 'document' | 'attested';
  readonly clientId: string;
  readonly name: string;
  /** Whose agent it is. */
  readonly organization: Membership;
}

export type Membership =
  /** One that is known already and has this tier. */
  | { readonly known: string; readonly tier: Tier }
  /** One of its own, of which nothing is proven. `asks`: the organization that it asks to take it in. */
  | { readonly own: string; readonly tier: Tier; readonly asks?: Holder }
  /** That of a domain, by the vendor's word. `holder`: who has the domain now. */
  | { readonly domain: string; readonly tier: Tier; readonly holder: Holder | null }
  /** The first of a domain that nobody has. */
  | { readonly proven: string; readonly tier: Tier; readonly proof: Published };

/** The organization of a domain, as it stands. */
export interface Holder {
  readonly organization_id: string;
  readonly domain: string;
  readonly tier: Tier;
  readonly frozen_at: string | null;
  /** How many requests to join it wait. */
  readonly open_joins: number;
}

/** A document with keys, by the address that speaks for a domain. */
interface Published {
  readonly method: 'metadata_document' | 'signature_directory';
  readonly url: string;
}

/**
 * Whose agent somebody is who showed the keys of a document. `domain`: what a document at its address proves; null: nothing but its keys.
 * A domain that nobody has it brings an organization. Whoever has it already is asked: publishing there is no approval.
 */
export function membershipByDocument(published: Published, domain: string | null, holder: Holder | null): Membership {
  const own = { own: new URL(published.url).hostname, tier: 'key_bound' } as const;
  if (domain === null) return own;
  if (holder === null) return { proven: domain, tier: 'domain_verified', proof: published };
  invariant(holder.domain === domain, 'the organization of the proven domain was looked up');
  return { ...own, asks: holder };
}

/** Makes the agent and, where it is missing, its organization. */
export function newAgent(newcomer: Newcomer, given: Given): { readonly grantee: Grantee; readonly changes: Changes } {
  const { organizationId, tier, changes } = organizationOf(newcomer.organization, given);
  const agentId = given.newId('agt');
  const asks = 'asks' in newcomer.organization ? newcomer.organization.asks : undefined;
  const joining = asks && { organizationId: asks.organization_id, open: asks.open_joins, earlier: null };
  const created_at = given.now.toISOString();
  const { kind, clientId, name } = newcomer;
  return {
    grantee: { agentId, organizationId, clientId, tier, epoch: 1 },
    changes: {
      ...changes,
      ...(joining ? requestJoin(joining, { agentId, organizationId }, given).changes : {}),
      agents: [{ agent_id: agentId, organization_id: organizationId, name, kind, client_id: clientId, created_at }],
    },
  };
}

interface Placed {
  readonly organizationId: string;
  readonly tier: Tier;
  readonly changes: Changes;
}

function organizationOf(membership: Membership, given: Given): Placed {
  const { tier } = membership;
  if ('known' in membership) return { organizationId: membership.known, tier, changes: {} };
  if ('own' in membership) return made({ name: membership.own, domain: null, tier }, given);
  if ('proven' in membership) {
    const { proven: domain, proof } = membership;
    const { changes, ...placed } = made({ name: domain, domain, tier }, given);
    return { ...placed, changes: { ...changes, ...proofOf(domain, proof, placed.organizationId, given) } };
  }
  const { domain, holder } = membership;
  return holder === null ? made({ name: domain, domain, tier }, given) : raised(tier, holder);
}

function made(organization: { readonly name: string; readonly domain: string | null; readonly tier: Tier }, given: Given): Placed {
  const organization_id = given.newId('org');
  const row = { organization_id, ...organization, created_at: given.now.toISOString() };
  return { organizationId: organization_id, tier: organization.tier, changes: { organizations: [row] } };
}

/** The vendor's word raises the organization that has the domain, and never lowers it. */
function raised(tier: Tier, { organization_id, domain, frozen_at, tier: from_tier }: Holder): Placed {
  if (reaches(from_tier, 'domain_verified')) return { organizationId: organization_id, tier: from_tier, changes: {} };
  const change = { organization_id, from_tier, from_domain: domain, from_frozen_at: frozen_at, tier, domain, frozen_at };
  return { organizationId: organization_id, tier, changes: { changed_organizations: [change] } };
}

/** What is kept of a proof that needs no waiting. It is looked at again with every token that is got by it, and every week. */
function proofOf(domain: string, { method, url }: Published, organizationId: string, given: Given): Changes {
  const at = given.now.toISOString();
  const expiresAt = new Date(given.now.getTime() + 7 * 86_400_000).toISOString();
  const verified: DomainProof = {
    ...{ proof_id: given.newId('dpf'), organization_id: organizationId, domain, method, token: url },
    ...{ state: 'verified', version: 1, failures: 0, created_at: at, expires_at: expiresAt, verified_at: at, checked_at: at },
  };
  return { domain_proofs: [verified], effects: [weeklyCheck(verified, 'domain', given)] };
}
