import { isNewcomer, type Principal } from './actor.ts';

/** The names of the limits that a caller's calls count against, as the database's `enter` chooses them. */
export function limitsOf({ kind, tier, via }: Principal): readonly string[] {
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
      if (via?.kind === 'api_key' || via?.keyId) return ['api_key'];
      if (tier === 'anonymous') return ['anonymous'];
      return isNewcomer(tier) ? ['key_bound', 'newcomers'] : ['agent', 'organization'];
  }
}
