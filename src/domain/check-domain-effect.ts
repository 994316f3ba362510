import type { Given } from './decision.ts';
import type { Brought } from './domain-owner.ts';
import type { DomainProof } from './domain-proof.ts';
import { stageEffect } from './stage.ts';
import type { StagedEffect } from './work-changes.ts';

/** The effect that looks for a proof at its domain, and stages the next look. */
export const checkDomainKind = 'organization.domain.check';

/**
 * Looks at a proof as it stands at this version: one that was written since has a look of its own. `brought`: what the proof gave its
 * organization once it is verified, until then nothing.
 */
export function checkDomainEffect(
  { proof_id, version, organization_id }: DomainProof,
  brought: Brought,
  dueAt: Date,
  given: Pick<Given, 'now' | 'newId'>,
): StagedEffect {
  return stageEffect(given, {
    ...{ kind: checkDomainKind, aggregate: `${proof_id}:${version}`, organization_id, due_at: dueAt.toISOString() },
    payload: { proof_id, version, brought },
  });
}

/** The next regular look at a proof that was found now. */
export const weeklyCheck = (proof: DomainProof, brought: Brought, given: Pick<Given, 'now' | 'newId'>): StagedEffect =>
  checkDomainEffect(proof, brought, new Date(given.now.getTime() + weekMs), given);

const weekMs = 7 * 86_400_000;
