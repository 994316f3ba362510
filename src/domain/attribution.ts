import type { Principal } from './actor.ts';

/** A referral token or code that was found to be ours, live, and issued to this organization. */
export interface PresentedToken {
  readonly tokenId: string;
  readonly organizationId: string;
  readonly organizationDomain: string | null;
  readonly agentId: string | null;
  readonly campaign: string | null;
  readonly presentedAs: 'referral_token' | 'referral_code' | 'affiliate_attribution' | 'attribution';
}

export type Attribution =
  | {
      readonly outcome: 'attributed';
      readonly rule: string;
      readonly organizationId: string;
      readonly agentId: string | null;
      readonly token: PresentedToken | null;
    }
  | { readonly outcome: 'unattributed' | 'own_organization' | 'self_referral' | 'ignored'; readonly rule: string };

/**
 * Who is credited when an agent provisions or records: a valid token names the organization, whoever is calling; else the caller's
 * own organization, unless it is the prospect, or anonymous: that is nobody in particular, and is recorded without a credit. Whether the prospect knows of it is judged later, at qualification.
 */
export function attribute(facts: {
  readonly principal: Principal;
  readonly token: PresentedToken | null;
  /** Whether a shape of another protocol was given that names nobody we know. */
  readonly unusable: boolean;
  readonly prospectDomain: string;
}): Attribution {
  const { principal, token, prospectDomain } = facts;
  if (token) {
    if (isOwnOfAnonymous(principal, token)) return anonymous;
    if (token.organizationDomain === prospectDomain) return { outcome: 'self_referral', rule: 'token_organization_is_prospect' };
    return { outcome: 'attributed', rule: token.presentedAs, organizationId: token.organizationId, agentId: token.agentId, token };
  }
  if (principal.organizationId !== null) {
    if (principal.tier === 'anonymous') return anonymous;
    if (principal.domain === prospectDomain) return { outcome: 'own_organization', rule: 'caller_is_prospect' };
    return { outcome: 'attributed', rule: 'caller', organizationId: principal.organizationId, agentId: principal.agentId, token: null };
  }
  return facts.unusable ? { outcome: 'ignored', rule: 'protocol_attribution_unknown' } : { outcome: 'unattributed', rule: 'nobody_named' };
}

const anonymous: Attribution = { outcome: 'unattributed', rule: 'anonymous_identity' };

/** Whoever can make itself up as often as it likes cannot send itself either. */
const isOwnOfAnonymous = ({ tier, organizationId }: Principal, token: PresentedToken): boolean =>
  tier === 'anonymous' && token.organizationId === organizationId;
