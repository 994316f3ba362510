import type { Principal, Role, Tier } from './actor.ts';

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
export type AgentScope = (typeof agentScopes)[number];

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

export type Scope = AgentScope | (typeof staffScopes)[number] | typeof claimScope;

const newcomers: readonly AgentScope[] = [
  'workspaces:provision',
  'workspaces:read',
  'workspaces:write',
  'referrals:create',
  'referrals:read',
];
const keyBound: readonly AgentScope[] = [...newcomers, 'rewards:read', 'ledger:read', 'agents:manage', 'organizations:verify'];

/** The most that an agent's access token may carry at each tier. What an operator put into an API key is the operator's word. */
export const scopesOfTier: Readonly<Record<Tier, readonly AgentScope[]>> = {
  anonymous: newcomers,
  key_bound: keyBound,
  domain_verified: agentScopes,
  payout_bound: agentScopes,
  attested: agentScopes,
};

/** What an agent gets that asks for nothing in particular, and what protected-resource metadata names (RFC 9728 §2). */
export const baselineScopes: readonly AgentScope[] = ['workspaces:provision', 'referrals:create'];

/** What people may do. A channel manager sees the organizations given to it and moves no money; an auditor reads. */
export const scopesOfRole: Readonly<Record<Role, readonly Scope[]>> = {
  operator: [...agentScopes, ...staffScopes],
  auditor: ['workspaces:read', 'referrals:read', 'rewards:read', 'ledger:read', 'partners:read'],
  channel_manager: ['workspaces:read', 'referrals:read', 'rewards:read', 'ledger:read'],
  partner: [
    'workspaces:read',
    'referrals:read',
    'referrals:create',
    'disputes:create',
    'rewards:read',
    'ledger:read',
    'agents:manage',
    'organizations:verify',
    'webhooks:manage',
  ],
};

/** What keeps a caller from giving somebody this role: the first scope of it that the caller has not. Null: it may. */
export function lackedFor(role: Role, { scopes }: Pick<Principal, 'scopes'>): Scope | null {
  return scopesOfRole[role].find((scope) => !scopes.includes(scope)) ?? null;
}

/** The scope that a credential needs, and those that together reach what an operation asks for are named in one challenge (RFC 6750 §3.1). */
export function grantable(asked: readonly string[], tier: Tier): readonly AgentScope[] {
  const most = scopesOfTier[tier];
  return most.filter((scope) => asked.includes(scope));
}
