import { type Changes, type Given, together } from './decision.ts';
import { stepReferral } from './referral-step.ts';
import { ok, type Result, refuse } from './result.ts';
import { type Cause, confirm, fail, type Reward, reduce, release, type Sent, type Stepped, send } from './reward.ts';
import type { RewardFile } from './reward-file.ts';
import { isPayable } from './reward-status.ts';
import { tell } from './stage.ts';

/** What the vendor says became of a payment of its own. */
export interface Outcome {
  readonly outcome: 'paid' | 'failed';
  /** The vendor's own name of the payment. */
  readonly reference: string;
}

/** What a reward has become; without changes when it was that already. */
export type Settled = Stepped;

/**
 * Takes the vendor's word on an external reward. One that was sent is settled even while it is held; one that is available and not held
 * is sent and settled at once. The same word again changes nothing. `state.forbidden` for anything else.
 */
export function confirmExternal(file: RewardFile, said: Outcome, cause: Cause, given: Given): Result<Settled, 'state.forbidden'> {
  const { reward } = file;
  if (reward.kind !== 'external') return forbidden('Rewards of this kind are settled by the payment provider, not by a confirmation.');
  const isRepeated = file.settled.some(({ outcome, reference }) => outcome === said.outcome && reference === said.reference);
  if (isRepeated) return ok({ reward, changes: {} });
  if (reward.status === 'fulfilling' && file.sent) return ok(settle(file, reward, file.sent, said, cause, given));
  if (reward.status !== 'available' || reward.payableMinor === 0n || said.outcome === 'failed')
    return forbidden('Only what is available can be paid, and only what was sent can have failed.');
  if (file.openHolds > 0) return forbidden('A hold is open. Do not pay it before the hold is closed.');
  const sent = send(reward, { attempt: file.settled.length + 1 }, cause, given);
  const settled = settle(file, sent.reward, { fulfilmentId: sent.fulfilmentId, amountMinor: reward.payableMinor }, said, cause, given);
  return ok({ reward: settled.reward, changes: together(sent.changes, settled.changes) });
}

/**
 * Takes back what is no longer earned, up to `totalMinor` of it in all; null: everything. `source`: the refund or credit note. What is
 * taken back already changes nothing. `state.forbidden` for what expired, `request.invalid` for more than was earned.
 */
export function reverse(
  file: RewardFile,
  wanted: { readonly totalMinor: bigint | null; readonly source: string | null },
  cause: Cause,
  given: Given,
): Result<Settled, 'state.forbidden' | 'request.invalid'> {
  const { reward } = file;
  const target = wanted.totalMinor ?? reward.accruedMinor;
  if (reward.status === 'expired') return forbidden('It expired: nothing of it is left.');
  if (target > reward.accruedMinor) return refuse('request.invalid', { issues: [tooMuch] });
  const source = wanted.source === null ? null : { id: wanted.source, cumulativeMinor: target };
  const reduced = reduce(reward, target, source, cause, given);
  return ok(reduced ? withReferral(file, reduced, cause, given) : { reward, changes: {} });
}

/**
 * What the schedule does with a reward: releases it once its hold period is over, and sends what the vendor pays by itself, again after
 * an attempt that failed. Null: nothing can be done now.
 */
export function releaseOrSend(file: RewardFile, cause: Cause, given: Given): Settled | null {
  const { reward } = file;
  if (file.openHolds > 0 || !isPayable(reward.kind, file.tier)) return null;
  if (reward.status === 'accrued' && file.availableAt <= given.now) {
    const released = release(reward, file.owedMinor, cause, given);
    if (released.reward.status !== 'available' || reward.kind !== 'external') return withReferral(file, released, cause, given);
    const sent = send(released.reward, { attempt: 1 }, cause, given);
    return { reward: sent.reward, changes: together(released.changes, sent.changes) };
  }
  const last = file.settled.at(-1);
  const isWaiting = reward.status === 'available' && reward.kind === 'external' && reward.payableMinor > 0n && file.sent === null;
  if (!isWaiting || (last && given.now < triedAgainAt(file))) return null;
  const attempt = file.settled.length + 1;
  const sent = send(reward, { attempt }, cause, given);
  return { reward: sent.reward, changes: together(sent.changes, { events: [toldAgain(reward, attempt, given)] }) };
}

/** When a payment that failed is asked for again: after an hour, then two, four and so on, at most a day. */
export function triedAgainAt({ settled }: Pick<RewardFile, 'settled'>): Date {
  const hours = Math.min(24, 2 ** Math.min(5, settled.length - 1));
  return new Date((settled.at(-1)?.at.getTime() ?? 0) + hours * 3_600_000);
}

/** Its release was told once, by the ledger: another attempt is told beside it. */
function toldAgain(reward: Reward, attempt: number, given: Given) {
  const { rewardId, referralId, organizationId, currency, payableMinor } = reward;
  const data = { reward: rewardId, referral: referralId, attempt, amount_minor: String(payableMinor), currency };
  return tell(given, { type: 'reward.available', organization_id: organizationId, subject_id: rewardId, data });
}

function settle(file: RewardFile, reward: Reward, sent: Sent, { outcome, reference }: Outcome, cause: Cause, given: Given): Settled {
  const settled =
    outcome === 'paid' ? confirm(reward, sent, reference, cause, given) : fail(reward, sent, file.owedMinor, reference, cause, given);
  const again = { settled: [...file.settled, { outcome, reference, at: given.now }] };
  const due = settled.reward.status === 'available' ? [{ kind: 'qualify' as const, at: triedAgainAt(again).toISOString() }] : [];
  return withReferral(file, due.length > 0 ? { ...settled, changes: together(settled.changes, { due }) } : settled, cause, given);
}

/** The referral goes along: rewarded with the first reward of the referrer that is fulfilled, reversed with the last that is reversed. */
function withReferral(file: RewardFile, settled: Settled, cause: Cause, given: Given): Settled {
  const { referral, siblings, side } = file;
  const stepsTo = (to: 'rewarded' | 'reversed', because: string) =>
    stepReferral(referral, to, { tenant: cause.tenant, actor: cause.actor, because }, given).changes;
  const parts: Changes[] = [];
  if (settled.reward.status === 'fulfilled' && side === 'referrer' && referral.status === 'qualified')
    parts.push(stepsTo('rewarded', 'reward.fulfilled'));
  if (settled.reward.status === 'reversed' && (referral.status === 'qualified' || referral.status === 'rewarded')) {
    const standing = siblings.filter(({ status }) => status !== 'reversed' && status !== 'expired');
    parts.push(standing.length === 0 ? stepsTo('reversed', 'rewards.reversed') : { reductions: standing.map(unchanged) });
  }
  return { reward: settled.reward, changes: together(settled.changes, ...parts) };
}

/**
 * The commit fails if somebody takes back something of a sibling meanwhile: of two that are reversed at the same moment, one has to see
 * that it is the last.
 */
const unchanged = ({ rewardId, reversedMinor, changedAt }: RewardFile['siblings'][number]) => ({
  ...{ reward_id: rewardId, reversed_before_minor: String(reversedMinor), reversed_minor: String(reversedMinor), at: changedAt },
});

const tooMuch = { pointer: '/amount_minor', code: 'too_big', message: 'This must not be above the amount of the reward.' };
const forbidden = (detail: string) => refuse('state.forbidden', { detail });
