import { type Changes, type Given, together } from './decision.ts';
import { handOver, sentAtOnce } from './hand-over.ts';
import { atLeastZero } from './money.ts';
import type { Obstacle } from './obstacle.ts';
import { reassessEffect } from './reassess-effect.ts';
import { stepReferral } from './referral-step.ts';
import { type HeldReason, mayRelease } from './release.ts';
import { ok, type Result, refuse } from './result.ts';
import {
  type Cause,
  confirm,
  fail,
  isPromise,
  net,
  type Reward,
  reduce,
  release,
  type Sent,
  type Stepped,
  send,
  withdraw,
} from './reward.ts';
import type { RewardFile } from './reward-file.ts';
import { tell } from './stage.ts';
import { undoEffect } from './take-back.ts';

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
  if (file.holds.length > 0) return forbidden('A hold is open. Do not pay it before the hold is closed.');
  if (file.isDomainDisputed) return forbidden('The domain of the organization is disputed. Do not pay it before that is decided.');
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
  const reduced = isPromise(reward) ? withdraw(reward, source, cause, given) : reduce(reward, target, source, cause, given);
  if (reduced === null) return ok({ reward, changes: {} });
  const undo = reward.status === 'fulfilled' ? undoEffect(reward, file.payee?.stripeId, given) : null;
  const settled = withReferral(file, reduced, cause, given);
  return ok(undo === null ? settled : { ...settled, changes: together(settled.changes, { effects: [undo] }) });
}

/** Whether it may be released or, once it is available, sent: see `mayRelease`. */
export function maySend(file: RewardFile, now: Date): 'yes' | { readonly reason: HeldReason } {
  const { reward, availableAt, holds, tier, isDomainDisputed, referral, payee } = file;
  const standing = { kind: reward.kind, availableAt, holds, tier, isDomainDisputed, referral: referral.status };
  return mayRelease({ ...standing, payee: payee ?? 'none' }, now);
}

/** Whether a person, a dispute or a freeze stands in the way: nothing of it is handed over meanwhile, though it may be sent already. */
export function isStopped({ holds, isDomainDisputed, payee }: RewardFile, now: Date): boolean {
  const frozenUntil = payee?.frozenUntil ?? null;
  return holds.length > 0 || isDomainDisputed || (frozenUntil !== null && frozenUntil > now);
}

/**
 * What the schedule does with a reward: releases it once it may be, and sends what need not wait for a bill, again after an attempt that
 * failed. Null: nothing can be done now.
 */
export function releaseOrSend(file: RewardFile, cause: Cause, given: Given): Settled | null {
  const { reward } = file;
  if (maySend(file, given.now) !== 'yes') return null;
  const isSentAtOnce = sentAtOnce.includes(reward.kind);
  if (reward.status === 'accrued') {
    const released = release(reward, file.owedMinor, cause, given);
    if (released.reward.status !== 'available' || !isSentAtOnce) return withReferral(file, released, cause, given);
    return followedBy(released, sendNow({ ...file, reward: released.reward }, cause, given));
  }
  const hasSomething = reward.payableMinor > 0n || isPromise(reward);
  if (reward.status !== 'available' || !isSentAtOnce || !hasSomething || file.sent !== null) return null;
  if (file.settled.length > 0 && isTriedLater(file) && given.now < triedAgainAt(file)) return null;
  return sendNow(file, cause, given);
}

/** What failed waits; unless what was in its way is gone, which somebody else sees. */
const isTriedLater = ({ reward, obstacle }: RewardFile): boolean => reward.kind === 'external' || obstacle !== null;

function sendNow(file: RewardFile, cause: Cause, given: Given): Settled {
  const { reward } = file;
  if (reward.kind !== 'external') return handOver(file, cause, given);
  const attempt = file.settled.length + 1;
  const sent = send(reward, { attempt }, cause, given);
  const events = attempt === 1 ? [] : [toldAgain(reward, attempt, given)];
  return { reward: sent.reward, changes: events.length === 0 ? sent.changes : together(sent.changes, { events }) };
}

/**
 * What became of a fulfilment at a payment provider: it is there, under this name; or it is not, and will not be, which is kept under the
 * obstacle's name where whoever says so has none.
 */
export type Arrival = { readonly reference: string } | { readonly obstacle: Obstacle; readonly reference?: string };

/**
 * Takes the provider's word on what was sent. What was taken back while it was on its way is then taken back from there. Null: the
 * fulfilment was settled before.
 */
export function settleSent(file: RewardFile, fulfilmentId: string, arrival: Arrival, cause: Cause, given: Given): Settled | null {
  const { sent, reward } = file;
  if (sent === null || sent.fulfilmentId !== fulfilmentId || reward.status !== 'fulfilling') return null;
  if (!('obstacle' in arrival)) {
    const settled = settle(file, reward, sent, { outcome: 'paid', reference: arrival.reference }, cause, given);
    const isTooMuch = sent.amountMinor > atLeastZero(net(settled.reward) - reward.nettedMinor);
    const back = isTooMuch && !isPromise(reward) ? undoEffect(reward, file.payee?.stripeId, given) : null;
    // A promise cannot be withdrawn while it is on its way: what came meanwhile is looked at now.
    const effects = [...(back ? [back] : []), ...(isPromise(reward) ? file.invoiceIds.map((id) => reassessEffect(id, given)) : [])];
    return effects.length === 0 ? settled : { ...settled, changes: together(settled.changes, { effects }) };
  }
  const reference = arrival.reference ?? arrival.obstacle;
  const failed = settle(file, reward, sent, { outcome: 'failed', reference }, cause, given);
  if (failed.reward.status !== 'available') return failed;
  return { ...failed, changes: together(failed.changes, { obstacles: [{ reward_id: reward.rewardId, obstacle: arrival.obstacle }] }) };
}

const followedBy = (first: Settled, second: Settled): Settled => ({
  reward: second.reward,
  changes: together(first.changes, second.changes),
});

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
  const isTriedAgain = settled.reward.status === 'available' && sentAtOnce.includes(reward.kind);
  const due = isTriedAgain ? [{ kind: 'qualify' as const, at: triedAgainAt(again).toISOString() }] : [];
  return withReferral(file, due.length > 0 ? { ...settled, changes: together(settled.changes, { due }) } : settled, cause, given);
}

/** The referral goes along: rewarded with the first reward of the referrer that is fulfilled, reversed with the last that is reversed. */
export function withReferral(file: RewardFile, settled: Settled, cause: Cause, given: Given): Settled {
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
