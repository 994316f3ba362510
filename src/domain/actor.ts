/** Who is calling, and what such a caller may do. */
export const tiers = ['anonymous', 'key_bound', 'domain_verified', 'payout_bound', 'attested'] as const;
export type Tier = (typeof tiers)[number];

/** Whether a tier is at least another. */
export function reaches(tier: Tier, needed: Tier): boolean {
  return tiers.indexOf(tier) >= tiers.indexOf(needed);
}

/** Scopes an agent's credential may carry. */
export const agentScopes = [
  'workspaces:provision',
  'workspaces:read',
  'workspaces:write',
  'referrals:create',
  'referrals:read',
  'disputes:create',
  'rewards:read',
  'ledger:read',
  'agents:manage',
  'organizations:verify',
  'webhooks:manage',
] as const;

/** Scopes for back ends and people only. Those that move money are never granted to an agent. */
export const staffScopes = [
  'events:write',
  'ledger:review',
  'ledger:reverse',
  'payouts:manage',
  'policy:write',
  'keys:rotate',
  'partners:read',
] as const;

/** What a claim link lets its holder do: look. No credential can be given it. */
export const claimScope = 'workspaces:claim';

export type Scope = (typeof agentScopes)[number] | (typeof staffScopes)[number] | typeof claimScope;

export interface Principal {
  readonly kind: 'anonymous' | 'agent' | 'backend' | 'workspace' | 'claimant';
  /** Whom idempotency and quotas are counted for: an organization, a back end's key, a workspace, or a keyed hash of an address. */
  readonly id: string;
  readonly organizationId: string | null;
  readonly agentId: string | null;
  readonly workspaceId: string | null;
  /** Registrable domain of the organization, when it has one. */
  readonly domain: string | null;
  readonly scopes: readonly string[];
  readonly tier: Tier;
}

/** Whether the principal is the owner of something that belongs to this organization or is this workspace. Foreign means not found. */
export function owns(principal: Principal, thing: { organizationId: string | null; workspaceId?: string }): boolean {
  switch (principal.kind) {
    case 'backend':
      return true;
    case 'agent':
      return thing.organizationId !== null && thing.organizationId === principal.organizationId;
    case 'workspace':
    case 'claimant':
      return thing.workspaceId !== undefined && thing.workspaceId === principal.workspaceId;
    case 'anonymous':
      return false;
  }
}
