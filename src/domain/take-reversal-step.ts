import { type Changes, type Given, together } from './decision.ts';
import type { ReferralState } from './referral-state.ts';
import { stepReferral } from './referral-step.ts';
import { invariant } from './result.ts';
import { anewOccasion, type ReversalStep, type RewardFamily } from './reverse-payment.ts';
import { accrue, type Cause, reduce, restore, withdraw } from './reward.ts';
import type { RewardFile } from './reward-file.ts';
import { withReferral } from './settle-reward.ts';
import { undoEffect } from './take-back.ts';

/** What else decides how a step on a reward is taken, read together with the reward's own file. */
export interface ReversalScene {
  readonly family: RewardFamily;
  readonly file: RewardFile;
  /** The terms that it was earned under, for what is earned anew in its place. */
  readonly earnedUnder: {
    readonly rule: string;
    readonly details: Readonly<Record<string, unknown>>;
    readonly program: { readonly id: string; readonly version: number; readonly sha256: string };
  };
  /** What the referral was before it was reversed; null where it is not, or where its organization has another open one by now. */
  readonly referralBefore: ReferralState | null;
  /** What at the provider it was sent to; null where nothing was. */
  readonly target: string | null;
}

type Step = Exclude<ReversalStep, { readonly kind: 'wait' }>;
type Restore = Extract<ReversalStep, { readonly kind: 'restore' }>;

/** Takes one step between what a reward stands at and what its payments are still worth; the referral goes along. */
export function takeReversalStep(step: Step, scene: ReversalScene, cause: Cause, given: Given): Changes {
  const { file } = scene;
  switch (step.kind) {
    case 'reduce': {
      const reduced = reduce(file.reward, step.totalMinor, step.source, cause, given);
      invariant(reduced, 'there is something left to take');
      return together(withReferral(file, reduced, cause, given).changes, undone(scene, given));
    }
    case 'withdraw': {
      const withdrawn = withdraw(file.reward, step.source, cause, given);
      invariant(withdrawn, 'what is not over and not on its way can be withdrawn');
      return together(withReferral(file, withdrawn, cause, given).changes, undone(scene, given));
    }
    case 'restore':
      return restored(step, scene, cause, given);
    case 'renew':
      return together(earnedAnew(scene, 0n, cause, given), referralBack(scene, cause, given));
  }
}

function restored(step: Restore, scene: ReversalScene, cause: Cause, given: Given): Changes {
  const { reward, owedMinor } = scene.file;
  const before = step.reward.before ?? reward.status;
  const back = restore(reward, { targetMinor: step.totalMinor, before, owedMinor, source: step.source }, cause, given);
  invariant(back, 'there is something to give back');
  const { remainderMinor } = back;
  return together(
    back.changes,
    remainderMinor > 0n ? earnedAnew(scene, remainderMinor, cause, given) : {},
    referralBack(scene, cause, given),
    // What stands in escrow again was looked at by the schedule long ago.
    { due: [{ kind: 'qualify', at: given.now.toISOString() }] },
  );
}

/** What cannot be given back where it was taken is earned once more, without another hold period. */
function earnedAnew({ family, file, earnedUnder }: ReversalScene, amountMinor: bigint, cause: Cause, given: Given): Changes {
  const { reward, side } = file;
  const { rule, details, program } = earnedUnder;
  const what = {
    ...{ tenant: cause.tenant, referralId: reward.referralId, organizationId: reward.organizationId, side, rule, program },
    ...{ occasion: anewOccasion(family.first.rewardId, family.anew.length + 1), kind: reward.kind, currency: reward.currency, amountMinor },
    ...(amountMinor === 0n ? { details } : {}),
    availableAt: given.now,
  };
  return accrue(what, given).changes;
}

/** Something of what was earned stands again: so does the referral, as what it was. */
function referralBack({ file, referralBefore }: ReversalScene, cause: Cause, given: Given): Changes {
  if (file.referral.status !== 'reversed' || referralBefore === null) return {};
  return stepReferral(file.referral, referralBefore, { ...cause, because: 'refund_failed' }, given).changes;
}

/** What has to be done at the provider about a reward that arrived there. One that is on its way is looked at when it arrives. */
function undone({ file, target }: ReversalScene, given: Given): Changes {
  const undo = file.reward.status === 'fulfilled' && target !== null ? undoEffect(file.reward, target, given) : null;
  return undo ? { effects: [undo] } : {};
}
