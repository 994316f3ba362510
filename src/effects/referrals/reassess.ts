import { queries } from '../../db/queries.ts';
import type { ConcernedReferralRow, RewardFamilyRow, StoredGivenBack } from '../../db/reversal-queries.ts';
import { type Changes, together } from '../../domain/decision.ts';
import type { GivenBack } from '../../domain/given-back.ts';
import { judgeEffect } from '../../domain/judge-effect.ts';
import { type ConcernedReferral, closeDecided, holdForDisputes } from '../../domain/payment-dispute-hold.ts';
import { reassessEffect, reassessTimer } from '../../domain/reassess-effect.ts';
import { invariant } from '../../domain/result.ts';
import { type Earned, nextReversalStep, type ReversalStep, type RewardFamily, reasonOf } from '../../domain/reverse-payment.ts';
import type { Cause } from '../../domain/reward.ts';
import { readRewardFile } from '../../domain/reward-file.ts';
import { takeReversalStep } from '../../domain/take-reversal-step.ts';
import type { Performer, Scene } from '../effect.ts';

/**
 * `rewards.reassess`: holds what an invoice earned against what was given back of it. One reward a commit, because the referral goes along
 * with the last of its rewards; what is left is an effect of its own, staged with it. Doing it again changes nothing.
 */
export const reassess: Performer = async ({ payload }, scene) => {
  const invoiceId = readPayload(payload);
  return invoiceId === null ? { kind: 'dead', error: 'payload_unreadable' } : { kind: 'done', changes: await reassessed(invoiceId, scene) };
};

/** What reassessing the invoice now would write. */
export async function reassessed(invoiceId: string, scene: Scene): Promise<Changes> {
  const { desk, given, now, consult } = scene;
  const [rows, reversals, concerned] = await consult([
    queries.rewardFamilies(invoiceId),
    queries.reversalsOfInvoice(invoiceId),
    queries.referralsOfInvoice(invoiceId, desk.program.id),
  ]);
  const givenBack = (reversals?.given_back ?? []).map(readGivenBack);
  const disputes = givenBack.filter(({ kind }) => kind === 'dispute');
  const referrals = concerned.map(readConcerned);
  const cause = { tenant: desk.tenant, actor: 'system:stripe', because: 'payment.disputed' };
  const held = holdForDisputes(disputes, referrals, cause, given);
  const steps = rows.map((row) => ({ row, family: familyOf(row) })).map((one) => ({ ...one, step: nextReversalStep(one.family) }));
  for (const { row, family, step } of steps) {
    if (step === null || step.kind === 'wait') continue;
    const taken = await take(step, row, family, scene);
    return together(held, taken, { effects: [reassessEffect(invoiceId, given)] });
  }
  const isWaiting = steps.some(({ step }) => step?.kind === 'wait');
  const timer = isWaiting ? [reassessTimer(invoiceId, new Date(now.getTime() + lookAgainMs), given)] : [];
  const judged = givenBack.some(({ state }) => state === 'void') ? prospectsOf(concerned).map((id) => judgeEffect(id, given)) : [];
  const effects = [...timer, ...judged];
  return together(held, closeDecided(disputes, referrals, cause, given), effects.length > 0 ? { effects } : {});
}

const lookAgainMs = 10 * 60_000;

/** Nothing where the reward has moved since: it is looked at again. */
async function take(
  step: Exclude<ReversalStep, { kind: 'wait' }>,
  row: RewardFamilyRow,
  family: RewardFamily,
  { desk, given, consult }: Scene,
): Promise<Changes> {
  const { rewardId } = step.reward;
  const [stored, referral] = await consult([queries.rewardFile(rewardId), queries.reversedReferral(row.referral_id)]);
  invariant(stored, 'a reward that was found stays');
  const file = readRewardFile(stored);
  if (file.reward.seq !== step.reward.seq || file.reward.reversedMinor !== step.reward.reversedMinor) return {};
  const cause: Cause = { tenant: desk.tenant, actor: 'system:stripe', because: reasonOf(family, step.source) };
  const program = { id: row.program_id, version: row.program_version, sha256: row.terms_sha256 };
  const target = row.members.find(({ reward_id }) => reward_id === rewardId)?.target ?? null;
  const scene = {
    ...{ family, file, target, earnedUnder: { rule: row.rule, details: row.details, program } },
    referralBefore: referral?.replaced ? null : (referral?.before ?? null),
  };
  return takeReversalStep(step, scene, cause, given);
}

/** What was given back and is not any more may make up for what a prospect lacked. */
const prospectsOf = (concerned: readonly ConcernedReferralRow[]): readonly string[] => [
  ...new Set(concerned.filter(({ status }) => status === 'pending').map(({ prospect_id }) => prospect_id)),
];

function familyOf({ currency, bases, members }: RewardFamilyRow): RewardFamily {
  const [first, ...anew] = members.map(readEarned);
  invariant(first, 'a family has a first reward');
  return {
    ...{ first, anew, currency },
    bases: bases.map((base) => ({
      ...{ invoiceId: base.invoice_id, baseMinor: BigInt(base.base_minor), paidMinor: BigInt(base.paid_minor) },
      ...{ currency: base.currency, status: base.status, givenBack: base.given_back.map(readGivenBack) },
    })),
  };
}

function readEarned(stored: RewardFamilyRow['members'][number]): Earned {
  return {
    ...{ rewardId: stored.reward_id, status: stored.status, seq: stored.seq, before: stored.before },
    ...{ accruedMinor: BigInt(stored.accrued_minor), reversedMinor: BigInt(stored.reversed_minor) },
    takings: stored.takings.map(({ source, cumulative_minor, taken_minor }) => ({
      ...{ source, cumulativeMinor: cumulative_minor === null ? null : BigInt(cumulative_minor), takenMinor: BigInt(taken_minor) },
    })),
  };
}

function readGivenBack(stored: StoredGivenBack): GivenBack {
  const { source_id, kind, currency, amount_minor, state, at } = stored;
  return { sourceId: source_id, kind, currency, amountMinor: BigInt(amount_minor), state, at: new Date(at) };
}

function readConcerned({ referral_id, organization_id, status, holds }: ConcernedReferralRow): ConcernedReferral {
  const open = holds.filter(({ kind }) => kind === 'payment_dispute').map(({ hold_id, cause }) => ({ holdId: hold_id, cause }));
  return { referralId: referral_id, organizationId: organization_id, status, open };
}

function readPayload(payload: unknown): string | null {
  if (typeof payload !== 'object' || payload === null || !('invoice_id' in payload)) return null;
  return typeof payload.invoice_id === 'string' ? payload.invoice_id : null;
}
