import { reaches, type Tier } from './actor.ts';
import { weeklyCheck } from './check-domain-effect.ts';
import type { Changes, Given } from './decision.ts';
import type { Brought } from './domain-owner.ts';
import type { DomainProof } from './domain-proof.ts';
import type { Grantee } from './grant.ts';

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
  /** One of its own, of which nothing is proven. */
  | { readonly own: string; readonly tier: Tier }
  /** That of a domain. `holder`: who has the domain now; `proof`: what is kept of how it was proven. */
  | {
      readonly domain: string;
      readonly tier: Tier;
      readonly holder: Holder | null;
      readonly proof: { readonly method: 'metadata_document' | 'signature_directory'; readonly url: string } | null;
    };

/** The organization of a domain, as it stands. */
export interface Holder {
  readonly organization_id: string;
  readonly domain: string;
  readonly tier: Tier;
  readonly frozen_at: string | null;
  readonly is_proven: boolean;
}

/** Makes the agent and, where it is missing, its organization. */
export function newAgent(newcomer: Newcomer, given: Given): { readonly grantee: Grantee; readonly changes: Changes } {
  const { organizationId, tier, changes } = organizationOf(newcomer.organization, given);
  const agentId = given.newId('agt');
  const created_at = given.now.toISOString();
  const { kind, clientId, name } = newcomer;
  return {
    grantee: { agentId, organizationId, clientId, tier, epoch: 1 },
    changes: {
      ...changes,
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
  const created_at = given.now.toISOString();
  if ('known' in membership) return { organizationId: membership.known, tier: membership.tier, changes: {} };
  if ('own' in membership) {
    const { own: name, tier } = membership;
    const organizationId = given.newId('org');
    return {
      organizationId,
      tier,
      changes: { organizations: [{ organization_id: organizationId, name, domain: null, tier, created_at }] },
    };
  }
  const { domain, tier, holder } = membership;
  if (holder === null) {
    const organizationId = given.newId('org');
    const organization = { organization_id: organizationId, name: domain, domain, tier, created_at };
    return { organizationId, tier, changes: { organizations: [organization], ...proofOf(membership, organizationId, 'domain', given) } };
  }
  return raised(membership, holder, given);
}

/** What was proven raises the organization that has the domain, and never lowers it. */
function raised(membership: Extract<Membership, { readonly domain: string }>, holder: Holder, given: Given): Placed {
  const { organization_id, domain, frozen_at } = holder;
  if (reaches(holder.tier, 'domain_verified')) return { organizationId: organization_id, tier: holder.tier, changes: {} };
  const change = {
    organization_id,
    from_tier: holder.tier,
    from_domain: domain,
    from_frozen_at: frozen_at,
    ...{ tier: membership.tier, domain, frozen_at },
  };
  const proof = holder.is_proven ? {} : proofOf(membership, organization_id, 'tier', given);
  return { organizationId: organization_id, tier: membership.tier, changes: { changed_organizations: [change], ...proof } };
}

/** What is kept of a proof that needs no waiting. It is looked at again with every token that is got by it, and every week. */
function proofOf(
  { domain, proof }: Extract<Membership, { readonly domain: string }>,
  organizationId: string,
  brought: Brought,
  given: Given,
): Changes {
  if (proof === null) return {};
  const at = given.now.toISOString();
  const expiresAt = new Date(given.now.getTime() + 7 * 86_400_000).toISOString();
  const verified: DomainProof = {
    ...{ proof_id: given.newId('dpf'), organization_id: organizationId, domain, method: proof.method, token: proof.url },
    ...{ state: 'verified', version: 1, failures: 0, created_at: at, expires_at: expiresAt, verified_at: at, checked_at: at },
  };
  return { domain_proofs: [verified], effects: [weeklyCheck(verified, brought, given)] };
}
