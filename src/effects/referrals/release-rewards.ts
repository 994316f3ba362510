import { DatabaseError, type Statement } from '../../db/batch.ts';
import { dueTenants } from '../../db/due-work.ts';
import { rewardQueries } from '../../db/reward-queries.ts';
import { tiers } from '../../domain/actor.ts';
import { sentAtOnce } from '../../domain/hand-over.ts';
import { isPayable } from '../../domain/release.ts';
import { Unavailable } from '../../domain/result.ts';
import { readRewardFile } from '../../domain/reward-file.ts';
import { releaseOrSend } from '../../domain/settle-reward.ts';
import type { Desk } from '../../operations/desk.ts';
import type { RoundDeps } from '../tenant-rounds.ts';

/** What one round came to. */
export interface Released {
  readonly tenants: number;
  /** Rewards that were released, sent or both. */
  readonly rewards: number;
  /** Rewards or tenants at which the database said no or nothing; they stay due. */
  readonly failed: number;
}

/**
 * Releases what is due now, tenant by tenant, as far as one round goes (100 tenants, 1,000 rewards each); the rest stays due. Safe to
 * run twice at once: each reward is one commit, which only one of two can make. Rejects only when the list of due tenants cannot be read.
 */
export async function releaseDue(deps: RoundDeps): Promise<Released> {
  const now = deps.now();
  const [tenants] = await deps.db.batch({ role: 'writer' }, [dueTenants('qualify', now)]);
  const total = { tenants: tenants.length, rewards: 0, failed: 0 };
  for (const { tenant_id: tenant } of tenants) {
    try {
      const desk = await deps.deskOf(tenant);
      if (!desk) continue;
      const done = await releaseOf(deps, desk, now);
      total.rewards += done.rewards;
      total.failed += done.failed;
    } catch (error) {
      // One tenant's trouble must not keep the others waiting.
      total.failed += 1;
      if (!(error instanceof Unavailable || error instanceof DatabaseError)) deps.report(error, 'schedule:qualify');
    }
  }
  return total;
}

async function releaseOf(deps: RoundDeps, desk: Desk, now: Date): Promise<{ rewards: number; failed: number }> {
  const total = { rewards: 0, failed: 0 };
  for (let round = 1; round <= mostRounds; round++) {
    const [accrued, unsent] = await deps.db.batch({ role: 'writer', tenant: desk.tenant }, [dueAccrued(now), dueUnsent(now)]);
    const due = [...accrued, ...unsent];
    let moved = 0;
    for (const rewardId of due) {
      const came = await releaseOne(deps, desk, rewardId, now);
      if (came === 'moved') moved += 1;
      if (came === 'overtaken') total.failed += 1;
    }
    total.rewards += moved;
    if (due.length < batchSize) {
      if (total.failed === 0) await deps.db.batch({ role: 'writer', tenant: desk.tenant }, [lookAgain(now)]);
      return total;
    }
    if (moved === 0) return total;
  }
  return total;
}

/** One reward, from a fresh look to a commit. `still`: there is nothing to do any more; `overtaken`: others were faster again and again. */
async function releaseOne(deps: RoundDeps, desk: Desk, rewardId: string, now: Date): Promise<'moved' | 'still' | 'overtaken'> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    if (attempt > 1) await deps.pause(attempt);
    const [row] = await deps.db.batch({ role: 'writer', tenant: desk.tenant }, [rewardQueries.rewardFile(rewardId)]);
    if (!row) return 'still';
    const cause = { tenant: desk.tenant, actor: 'system:schedule', because: 'hold_period_over' };
    const released = releaseOrSend(readRewardFile(row), cause, deps.given(desk, now));
    if (!released) return 'still';
    if ((await deps.memory.commit(desk.tenant, released.changes)) === 'done') return 'moved';
  }
  return 'overtaken';
}

const mostRounds = 20;
const batchSize = 50;
const attempts = 8;

const payableTo = (kind: string): readonly string[] => tiers.filter((tier) => isPayable(kind, tier));
const ids = (rows: readonly { readonly [key: string]: unknown }[]): readonly string[] => rows.map(({ id }) => String(id));

/** Accrued, the hold period over, and nothing in the way, as `mayRelease` says it; the longest due first. */
const dueAccrued = (now: Date): Statement<readonly string[]> => ({
  name: 'rewards.due_accrued',
  text: `select s.reward_id as id from frontdesk.reward_states s ${andAbout}
    where s.status = 'accrued' and s.available_at <= $1 and ${isClear}
    order by s.available_at, s.reward_id limit $4`,
  values: [now, payableTo('external'), payableTo('stripe_transfer'), batchSize],
  read: ids,
});

/**
 * Available, of a kind that need not wait for a bill, and nothing in the way; what failed before, once it is time again. The index of what
 * is available begins with the kind, so that credit which waits for its bill is not read.
 */
const dueUnsent = (now: Date): Statement<readonly string[]> => ({
  name: 'rewards.due_unsent',
  text: `select s.reward_id as id from frontdesk.reward_states s ${andAbout}
    cross join lateral (${lastAttempt}) f
    where s.kind = any($5::text[]) and s.status = 'available' and ${isClear}
      and (coalesce(f.again_at, $1) <= $1 or (s.kind <> 'external' and s.obstacle is null))
    order by s.available_at, s.reward_id limit $4`,
  values: [now, payableTo('external'), payableTo('stripe_transfer'), batchSize, sentAtOnce],
  read: ids,
});

/** Looked up for each reward, as everywhere: joined freely, the planner may read the whole tenant. */
const andAbout = `
    cross join lateral (select * from frontdesk.referral_states h where h.referral_id = s.referral_id limit 1) h
    cross join lateral (select * from frontdesk.organizations o where o.organization_id = s.organization_id limit 1) o
    cross join lateral (select r.side from frontdesk.rewards r where r.reward_id = s.reward_id limit 1) r
    left join lateral (
      (select p.organization_id, p.frozen_until, p.obstacle from frontdesk.payees p
        where p.organization_id = s.organization_id and r.side = 'referrer'
          and p.kind = case s.kind when 'stripe_transfer' then 'account' else 'customer' end limit 1)
      union all
      (select o.organization_id, null, null from frontdesk.customers c
        where c.prospect_id = h.prospect_id and r.side = 'referee' and s.kind <> 'stripe_transfer' limit 1)
      limit 1) y on true`;

const isClear = `h.risk_holds + h.dispute_holds + h.other_holds = 0 and h.status in ('qualified', 'rewarded')
      and o.frozen_at is null and o.tier = any(case when s.kind = 'external' then $2::text[] else $3::text[] end)
      and (s.kind = 'external' or (y.organization_id is not null and coalesce(y.frozen_until, $1) <= $1 and y.obstacle is null))`;

/** As `triedAgainAt` says it. */
const lastAttempt = `select max(f.settled_at) + make_interval(hours => least(24, 2 ^ least(5, count(*) - 1))::int) as again_at
  from frontdesk.fulfilments f where f.reward_id = s.reward_id`;

/**
 * The next time something is due, within the hour: what is blocked now, and what is committed at this very moment and was not seen, is
 * found then.
 */
const lookAgain = (now: Date): Statement<void> => ({
  name: 'due_work.qualify_again',
  text: `update frontdesk.due_work d set at = least($1::timestamptz + interval '1 hour', (
      select min(s.available_at) from frontdesk.reward_states s where s.status = 'accrued' and s.available_at > $1))
    where d.tenant_id = (select current_setting('frontdesk.tenant')) and d.kind = 'qualify' and d.at <= $1`,
  values: [now],
  read: () => undefined,
});
