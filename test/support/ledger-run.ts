/** A seeded run of random commands over one desk, held against the oracle at every answer and against the invariants now and then. */
import { commands } from './ledger-commands.ts';
import { brokenInvariants, type See } from './ledger-invariants.ts';
import { moreCommands } from './ledger-more-commands.ts';
import { openScene, type Scene } from './ledger-scene.ts';
import type { TestWorld } from './world.ts';

export interface LedgerFigures {
  readonly seed: number;
  /** Decisions and transitions that were attempted. */
  readonly commands: number;
  readonly checks: number;
  readonly perSecond: number;
  readonly referrals: Readonly<Record<string, number>>;
  readonly rewards: Readonly<Record<string, number>>;
  readonly disputes: number;
}

/**
 * Attempts `count` commands at least, in a fresh world. Rejects at the first answer that the oracle did not expect, at the first state or
 * balance that is not what it says, and at the first invariant that is broken; the message holds the seed and the last twenty commands.
 */
export async function runLedger(t: TestWorld, count: number, seed: number, checkEvery = 250): Promise<LedgerFigures> {
  const scene = await openScene(t, seed);
  const all = Object.values({ ...commands, ...moreCommands }).flatMap(({ weight, run }) => Array.from({ length: weight }, () => run));
  const started = performance.now();
  let [attempted, checked, checks] = [0, 0, 0];
  try {
    while (attempted < count) {
      attempted += (await scene.pick(all)?.(scene)) ?? 0;
      const bug = t.reported[0];
      if (bug) throw new Error(`reported as a bug: ${String(bug)}`);
      if (attempted - checked < checkEvery) continue;
      await check(scene, false);
      checked = attempted;
      checks += 1;
    }
    await check(scene, true);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new Error(`ledger run, seed ${seed}, after ${attempted} commands: ${said}\n${scene.log.join('\n')}`, { cause: error });
  }
  const { oracle } = scene;
  return {
    ...{ seed, commands: attempted, checks: checks + 1, perSecond: Math.round((attempted * 1000) / (performance.now() - started)) },
    ...{ referrals: tally(oracle.refs.values()), rewards: tally(oracle.rewards.values()), disputes: oracle.disputes.size },
  };
}

function tally(of: Iterable<{ readonly status: string }>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of of) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** Everything that is stored is what the oracle says, and no invariant is broken. `last`: after all work was done. */
async function check(scene: Scene, last: boolean): Promise<void> {
  if (last) await quiesce(scene);
  const see: See = (text) => scene.rows(text);
  const different = [...(await differences(see, scene)), ...(await brokenInvariants(see, last ? new Date(scene.now) : undefined))];
  if (different.length > 0) throw new Error(different.slice(0, 8).join('\n'));
}

async function quiesce(scene: Scene): Promise<void> {
  await commands.drain?.run(scene);
  await commands.release?.run(scene);
  await commands.drain?.run(scene);
  await scene.t.settle();
  await commands.seal?.run(scene);
}

async function differences(see: See, { oracle, callers }: Scene): Promise<string[]> {
  const stored = async (text: string) => (await see<{ id: string; is: string }>(text)).map(({ id, is }) => [id, is] as const);
  const refs = [...oracle.refs.values()].map(({ id, status, evidenced, holds }) => [id, `${status} ${evidenced} ${holds.size}`] as const);
  const rewards = [...oracle.rewards.values()].map((each) => [each.id, `${each.status} ${each.reversed} ${each.netted}`] as const);
  const disputes = [...oracle.disputes.values()].map(({ id, status }) => [id, status] as const);
  const accounts = ['escrow', 'payable', 'clearing', 'payout_settled', 'receivable'];
  const balances = callers.flatMap(({ org }) =>
    accounts.map((account) => [`${org.id} ${account}`, String(oracle.on(org, account))] as const),
  );
  return [
    ...compared(
      refs,
      await stored(`select s.referral_id as id, s.status || ' ' || (s.evidenced_at is not null)::text || ' '
        || s.risk_holds + s.dispute_holds + s.other_holds as is from frontdesk.referral_states s`),
    ),
    ...compared(
      rewards,
      await stored(
        `select s.reward_id as id, s.status || ' ' || s.reversed_minor || ' ' || s.netted_minor as is from frontdesk.reward_states s`,
      ),
    ),
    ...compared(disputes, await stored('select d.dispute_id as id, d.status as is from frontdesk.disputes d')),
    ...compared(
      balances.filter(([, amount]) => amount !== '0'),
      await stored(`select b.organization_id || ' ' || b.account as id, b.balance_minor::text as is from frontdesk.balances b
        where b.balance_minor <> 0`),
    ),
  ];
}

function compared(right: readonly (readonly [string, string])[], found: readonly (readonly [string, string])[]): string[] {
  const is = new Map(found);
  const should = new Map(right);
  const ids = [...new Set([...is.keys(), ...should.keys()])];
  return ids.flatMap((id) => (is.get(id) === should.get(id) ? [] : `${id} is ${is.get(id)} instead of ${should.get(id)}`));
}
