/** Does what schedules and effects do about referrals and rewards, at one vendor, at once: stories about disputes begin where they end. */
import { queries } from '../../src/db/queries.ts';
import type { Changes } from '../../src/domain/decision.ts';
import { readRewardFile } from '../../src/domain/reward-file.ts';
import { releaseOrSend } from '../../src/domain/settle-reward.ts';
import type { Performer, Scene } from '../../src/effects/effect.ts';
import { judgement } from '../../src/effects/referrals/judge.ts';
import type { Step } from '../../src/effects/tenant-rounds.ts';
import { sql } from './sql.ts';
import type { TestWorld } from './world.ts';

/** What performers and schedules see of the vendor at `host`. */
export async function sceneAt(t: TestWorld, host: string): Promise<Scene> {
  const { desks, given, now } = t.world.deps;
  const desk = await desks.find(host);
  if (!desk) throw new Error(`no tenant at ${host}`);
  const at = now();
  return {
    desk,
    now: at,
    given: given(desk, at),
    consult: (statements) => t.db.batch({ role: 'writer', tenant: desk.tenant }, statements),
  };
}

/** Commits what something wants written; anything but success is a mistake of the test. */
export async function commitAt(t: TestWorld, host: string, changes: Changes): Promise<void> {
  const { desk } = await sceneAt(t, host);
  const written = await t.world.deps.memory.commit(desk.tenant, changes);
  if (written !== 'done') throw new Error(`not committed: ${written}`);
}

/** Judges the prospect of a referral. */
export async function judgeReferral(t: TestWorld, host: string, referralId: string): Promise<void> {
  const rows = await sql(t, 'select s.prospect_id from frontdesk.referral_states s where s.referral_id = $1', [referralId], host);
  await commitAt(t, host, await judgement(String(rows[0]?.prospect_id), await sceneAt(t, host)));
}

/** Performs an effect that a commit left for later, until none of its kind is left; how often that took. */
export async function performAll(t: TestWorld, host: string, kind: string, perform: Performer): Promise<number> {
  for (let rounds = 0; rounds < 50; rounds++) {
    const [row] = await sql(
      t,
      `update frontdesk.outbox o set state = 'done', settled_at = o.due_at where o.effect_id = (
         select min(x.effect_id) from frontdesk.outbox x where x.kind = $1 and x.state = 'waiting') returning o.payload`,
      [kind],
      host,
    );
    if (!row) return rounds;
    const claimed = { effect_id: 'eff_test', kind, aggregate: '', destination: null, organization_id: null, payload: row.payload };
    const settlement = await perform({ ...claimed, attempts: 1, lease: 1, created_at: '' }, await sceneAt(t, host));
    await commitAt(t, host, settlement.changes ?? {});
  }
  throw new Error('there is always something left to be done');
}

/** Takes a step until nothing is left; how many things that settled. */
export async function takeSteps(t: TestWorld, host: string, step: Step): Promise<number> {
  for (let done = 0; ; ) {
    const taken = await step(await sceneAt(t, host));
    if (taken === null) return done;
    await commitAt(t, host, taken.changes);
    done += taken.count;
  }
}

/** The rewards of a referral as they stand. */
export async function rewardsOf(t: TestWorld, host: string, referralId: string) {
  const rows = await sql(
    t,
    `select s.reward_id, s.status, s.accrued_minor, s.reversed_minor, s.netted_minor from frontdesk.reward_states s
     where s.referral_id = $1 order by s.reward_id`,
    [referralId],
    host,
  );
  return rows.map((row) => ({
    id: String(row.reward_id),
    status: String(row.status),
    accrued: Number(row.accrued_minor),
    reversed: Number(row.reversed_minor),
    netted: Number(row.netted_minor),
  }));
}

/** What the schedule does with a reward now: releases it, or sends it. False: nothing. */
export async function releaseReward(t: TestWorld, host: string, rewardId: string): Promise<boolean> {
  const scene = await sceneAt(t, host);
  const [row] = await scene.consult([queries.rewardFile(rewardId)]);
  if (!row) throw new Error('no such reward');
  const cause = { tenant: scene.desk.tenant, actor: 'system:schedule', because: 'hold_period_over' };
  const released = releaseOrSend(readRewardFile(row), cause, scene.given);
  if (released) await commitAt(t, host, released.changes);
  return released !== null;
}
