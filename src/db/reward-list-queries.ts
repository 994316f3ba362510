import type { RewardState, RewardStatus } from '../domain/reward-state.ts';
import { last, many, reaches } from './query.ts';
import { askedOrganizations, fromRewards, type RewardRow, rewardColumns, rewardOnPage } from './reward-queries.ts';

/** Rewards as people look for them. */
export const rewardListQueries = {
  /** Newest first, each with whose it is; one more than `limit`. */
  rewardsSearched: (page: RewardsAsked) =>
    many<RewardListed>(
      'rewards.searched',
      `select q.*, w.name as organization_name, w.domain as organization_domain from (
         (select ${rewardColumns} ${fromRewards}
           where ${reaches('tenant')} and $3::text is null and ${searched} order by s.reward_id desc limit $4)
         union all
         (select q.* from ${askedOrganizations('$3')} cross join lateral (
           select ${rewardColumns} ${fromRewards}
           where s.organization_id = o.id and ${searched} order by s.reward_id desc limit $4) q)
         order by reward_id desc limit $4) q
       cross join lateral (select w.name, w.domain from frontdesk.organizations w where w.organization_id = q.organization_id limit 1) w
       order by q.reward_id desc`,
      [page.after ?? last, page.status, page.organizationId, page.limit + 1, page.currency, page.kind, statesOf(page.status)],
    ),
} as const;

export interface RewardsAsked {
  readonly after: string | null;
  readonly limit: number;
  readonly status: RewardStatus | null;
  readonly organizationId: string | null;
  readonly currency: string | null;
  readonly kind: string | null;
}

export type RewardListed = RewardRow & { readonly organization_name: string; readonly organization_domain: string | null };

/** Under what a status is stored: what is looked up before whatever holds a reward is. */
function statesOf(status: RewardStatus | null): readonly RewardState[] | null {
  if (status === null) return null;
  return status === 'held' ? ['accrued', 'available'] : [status];
}

const searched = `($7::text[] is null or s.status = any($7)) and ($5::text is null or s.currency = $5)
  and ($6::text is null or s.kind = $6) and ${rewardOnPage}`;
