import type { RewardFileRow } from '../../db/reward-queries.ts';
import type { Principal } from '../../domain/actor.ts';
import type { Decision, Given } from '../../domain/decision.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import type { Cause } from '../../domain/reward.ts';
import { type RewardFile, readRewardFile } from '../../domain/reward-file.ts';
import type { Settled } from '../../domain/settle-reward.ts';
import { owns } from '../../domain/visibility.ts';
import type { Desk } from '../desk.ts';
import { type RewardView, showReward } from './schemas.ts';

/** What somebody decides about a stored reward, and the answer: the reward as it has become. Foreign means not found. */
export function decideReward(
  stored: RewardFileRow | null,
  { principal, desk }: { readonly principal: Principal; readonly desk: Desk },
  because: string,
  given: Given,
  settle: (file: RewardFile, cause: Cause) => Result<Settled>,
): Result<Decision<RewardView>> {
  if (!stored || !owns(principal, { organizationId: stored.organization_id })) return refuse('resource.not_found');
  const settled = settle(readRewardFile(stored), { tenant: desk.tenant, actor: principal.agentId ?? principal.id, because });
  if (!settled.ok) return settled;
  const { changes, reward } = settled.value;
  return ok({ subjectId: stored.reward_id, changes, result: showReward(stored, stored.tier, desk, given.now, reward) });
}
