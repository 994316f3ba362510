/** Who is calling, and what such a caller may do. */
export const tiers = ['anonymous', 'key_bound', 'domain_verified', 'payout_bound', 'attested'] as const;
export type Tier = (typeof tiers)[number];

/** Whether a tier is at least another. */
export function reaches(tier: Tier, needed: Tier): boolean {
  return tiers.indexOf(tier) >= tiers.indexOf(needed);
}

/** Whether its holder made itself up: quotas then count where it cannot choose, at its network. */
export const isNewcomer = (tier: Tier): boolean => !reaches(tier, 'domain_verified');

/**
 * Whether a caller made itself up: its quotas are those of its network. An API key of a newcomer is no way out, since it can make its own.
 * What an operator gives out is known by the domain that the operator named, or by having no agent. The database's `enter` says the same.
 */
export function isCountedByNetwork({ kind, tier, via, domain, agentId }: Principal): boolean {
  if (kind !== 'agent') return kind === 'anonymous';
  const isWithKey = via !== undefined && (via.kind === 'api_key' || via.keyId !== null);
  return isNewcomer(tier) && via !== undefined && (!isWithKey || (domain === null && agentId !== null));
}

/** What a person is to the vendor. */
export const roles = ['operator', 'channel_manager', 'partner', 'auditor'] as const;
export type Role = (typeof roles)[number];

export interface Principal {
  readonly kind: 'anonymous' | 'agent' | 'backend' | 'workspace' | 'claimant' | 'person';
  /** Whom idempotency and quotas are counted for: an organization, a back end's key, a workspace, a person, or a keyed hash of an address. */
  readonly id: string;
  /** The organization it acts for. */
  readonly organizationId: string | null;
  readonly agentId: string | null;
  readonly workspaceId: string | null;
  /** Registrable domain of the organization, when it has one. */
  readonly domain: string | null;
  readonly scopes: readonly string[];
  readonly tier: Tier;
  /** What it called with. `keyId`: the API key itself, or the one that its token was got with. */
  readonly via?: {
    readonly kind: 'none' | 'api_key' | 'workspace_key' | 'claim_token' | 'session' | 'access_token' | 'agent';
    readonly keyId: string | null;
  };
  /** People only. */
  readonly person?: {
    readonly role: Role;
    /** Of a partner or channel manager: whom it reaches. */
    readonly organizationIds: readonly string[];
    /** When it last proved presence with a passkey in this session. */
    readonly steppedUpAt: Date | null;
    /** An operator who looks as somebody of this role would see it; changes nothing. */
    readonly viewing?: true;
  };
}
