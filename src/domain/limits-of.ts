import { isCountedByNetwork, type Principal } from './actor.ts';

/** The names of the limits that a caller's calls count against, as the database's `enter` chooses them. */
export function limitsOf(principal: Principal): readonly string[] {
  const { kind, tier, via } = principal;
  switch (kind) {
    case 'anonymous':
      return ['anonymous', 'strangers'];
    case 'backend':
      return ['api_key'];
    case 'person':
      return ['person'];
    case 'workspace':
      return ['workspace'];
    case 'claimant':
      return [];
    case 'agent':
      if (isCountedByNetwork(principal)) return tier === 'anonymous' ? ['anonymous'] : ['key_bound', 'newcomers'];
      return via?.kind === 'api_key' || via?.keyId ? ['api_key'] : ['agent', 'organization'];
  }
}
