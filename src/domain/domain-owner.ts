import { reaches, type Tier } from './actor.ts';
import type { IdentityChanges } from './identity-changes.ts';

/** An organization as far as its domain is concerned, as it stands now. */
export interface DomainOwner {
  readonly organization_id: string;
  readonly tier: Tier;
  readonly domain: string | null;
  /** Since when nothing is paid out to it, because somebody else proved its domain as well. */
  readonly frozen_at: string | null;
}

/** What a verified proof gave the organization, and its end takes away again: what an operator said outlives it. */
export type Brought = 'domain' | 'tier' | 'nothing';

type Changed = NonNullable<IdentityChanges['changed_organizations']>[number];

/** An organization's row with another domain, tier or freeze; the commit conflicts where it is not as the decision saw it. */
export function changed(owner: DomainOwner, to: Partial<Omit<DomainOwner, 'organization_id'>>): Changed {
  const { organization_id, tier, domain, frozen_at } = owner;
  return { organization_id, from_tier: tier, from_domain: domain, from_frozen_at: frozen_at, tier, domain, frozen_at, ...to };
}

/** The organization with its domain, and what that gave it. A tier is never lowered; who is payable already need not become so again. */
export function raised(owner: DomainOwner, domain: string, hasPayee: boolean): { readonly row: Changed; readonly brought: Brought } {
  const earned = hasPayee ? 'payout_bound' : 'domain_verified';
  const tier = reaches(owner.tier, earned) ? owner.tier : earned;
  const brought = owner.domain === null ? 'domain' : tier === owner.tier ? 'nothing' : 'tier';
  return { row: changed(owner, { tier, domain }), brought };
}

/**
 * The organization once its proof has lapsed. Whoever attests it, or linked a payee, said more than the proof, and that stays;
 * `isPayeeNamed`: not where the organization said itself where it is paid, which it could because of the proof.
 */
export function lowered(owner: DomainOwner, brought: Brought, isPayeeNamed: boolean): Changed {
  const rests = owner.tier === 'domain_verified' || (owner.tier === 'payout_bound' && !isPayeeNamed);
  return changed(owner, {
    tier: rests && brought !== 'nothing' ? 'key_bound' : owner.tier,
    domain: brought === 'domain' ? null : owner.domain,
  });
}
