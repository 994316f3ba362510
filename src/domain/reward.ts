import { type Changes, type Given, together } from './decision.ts';
import { enterMovement } from './ledger.ts';
import { atLeastZero, type Flow, least } from './money.ts';
import { invariant } from './result.ts';
import type { RewardState } from './reward-state.ts';

/** A reward as decisions see it. Amounts in the currency's smallest unit. */
export interface Reward {
  readonly rewardId: string;
  readonly referralId: string;
  readonly organizationId: string;
  readonly kind: string;
  readonly currency: string;
  readonly status: RewardState;
  readonly seq: number;
  readonly accruedMinor: bigint;
  readonly reversedMinor: bigint;
  readonly nettedMinor: bigint;
  /** What stands on `payable` for it. */
  readonly payableMinor: bigint;
}

/** What a reward has become, and what that writes. */
export interface Stepped {
  readonly reward: Reward;
  readonly changes: Changes;
}

/** The refund, credit note or dispute that a reward is reduced by, and how much had come in by then: once each. */
export interface Source {
  readonly id: string;
  readonly cumulativeMinor: bigint;
}

export interface Cause {
  readonly tenant: string;
  readonly actor: string;
  readonly because: string;
}

/**
 * Posting templates: every step of a reward moves its money by these lines and no others, so that state and money cannot part. The
 * database checks that they have not (`frontdesk.reward_in_order`).
 */
const templates = {
  accrued: (amount: bigint): readonly Flow[] => [{ from: 'expense', to: 'escrow', amountMinor: amount }],
  released: (amount: bigint, netted: bigint): readonly Flow[] => [
    { from: 'escrow', to: 'receivable', amountMinor: netted },
    { from: 'escrow', to: 'payable', amountMinor: amount - netted },
  ],
  sent: (amount: bigint): readonly Flow[] => [{ from: 'payable', to: 'clearing', amountMinor: amount }],
  failed: (amount: bigint): readonly Flow[] => [{ from: 'clearing', to: 'payable', amountMinor: amount }],
  confirmed: (amount: bigint, kind: string): readonly Flow[] => [{ from: 'clearing', to: settledAccount(kind), amountMinor: amount }],
  expired: (amount: bigint, from: 'escrow' | 'payable'): readonly Flow[] => [{ from, to: 'breakage', amountMinor: amount }],
  reduced: (amount: bigint, from: 'escrow' | 'payable' | 'receivable'): readonly Flow[] => [{ from, to: 'expense', amountMinor: amount }],
};

/** Credit on the beneficiary's own bill, or money that leaves. */
export function settledAccount(kind: string): 'credit_settled' | 'payout_settled' {
  return kind === 'stripe_transfer' || kind === 'external' ? 'payout_settled' : 'credit_settled';
}

/** What of the reward is still owed. */
export const net = (reward: Reward): bigint => reward.accruedMinor - reward.reversedMinor;

/** A discount, credits or an unlock: its steps move no money. What it comes to is entered when it is realised. */
export const isPromise = (reward: Pick<Reward, 'accruedMinor'>): boolean => reward.accruedMinor === 0n;

/** ISO 4217: no currency is involved. */
export const noCurrency = 'xxx';

/** A reward comes to be, in escrow. */
export function accrue(
  what: {
    readonly tenant: string;
    readonly referralId: string;
    readonly organizationId: string;
    readonly side: 'referrer' | 'referee';
    readonly rule: string;
    readonly occasion: string;
    readonly kind: string;
    readonly currency: string;
    /** Zero for a promise, whose `details` say of what. */
    readonly amountMinor: bigint;
    readonly details?: Readonly<Record<string, unknown>>;
    /** The payments that it is earned by, and how much of each counts. */
    readonly bases?: readonly { readonly invoiceId: string; readonly baseMinor: bigint }[];
    readonly program: { readonly id: string; readonly version: number; readonly sha256: string };
    readonly availableAt: Date;
  },
  given: Given,
): Stepped {
  const rewardId = given.newId('rwd');
  const amount = String(what.amountMinor);
  const { id, changes } = enterMovement(given, what.tenant, {
    ...{ kind: 'reward.accrued', organizationId: what.organizationId, referralId: what.referralId, rewardId, currency: what.currency },
    flows: templates.accrued(what.amountMinor),
    facts: {
      ...{
        side: what.side,
        rule: what.rule,
        occasion: what.occasion,
        fulfilment: what.kind,
        amount_minor: amount,
        currency: what.currency,
      },
      ...(what.details === undefined ? {} : { promised: what.details }),
      ...(what.bases === undefined ? {} : { bases: what.bases.map(({ invoiceId, baseMinor }) => [invoiceId, String(baseMinor)]) }),
      ...{ program: what.program.id, program_version: what.program.version, terms_sha256: what.program.sha256 },
      available_at: what.availableAt.toISOString(),
    },
  });
  const row = {
    ...{ reward_id: rewardId, referral_id: what.referralId, organization_id: what.organizationId, side: what.side, rule: what.rule },
    ...{ occasion: what.occasion, kind: what.kind, currency: what.currency, amount_minor: amount },
    ...(what.details === undefined ? {} : { details: what.details }),
    ...(what.bases === undefined
      ? {}
      : { bases: what.bases.map(({ invoiceId, baseMinor }) => ({ invoice_id: invoiceId, base_minor: String(baseMinor) })) }),
    ...{ program_id: what.program.id, program_version: what.program.version, terms_sha256: what.program.sha256 },
    ...{ available_at: what.availableAt.toISOString(), entry_id: id, created_at: given.now.toISOString() },
  };
  const reward: Reward = {
    ...{ rewardId, referralId: what.referralId, organizationId: what.organizationId, kind: what.kind, currency: what.currency },
    ...{ status: 'accrued', seq: 1, accruedMinor: what.amountMinor, reversedMinor: 0n, nettedMinor: 0n, payableMinor: 0n },
  };
  return { reward, changes: together(changes, { rewards: [row] }) };
}

/** The hold period is over: first what the organization owes in this currency is paid back, the rest becomes payable. */
export function release(reward: Reward, owedMinor: bigint, cause: Cause, given: Given): Stepped {
  invariant(reward.status === 'accrued', 'only what is accrued is released');
  const amount = net(reward);
  const netted = least(amount, atLeastZero(owedMinor));
  const rest = amount - netted;
  const next = { ...reward, nettedMinor: reward.nettedMinor + netted, payableMinor: rest };
  const flows = templates.released(amount, netted);
  const isSpent = rest === 0n && !isPromise(reward);
  return step(next, isSpent ? 'fulfilled' : 'available', { kind: 'reward.available', flows, netted }, cause, given);
}

/** Marks as sent, and claims the one fulfilment that a reward may have. Nothing may be open against the referral: the database looks. */
export function send(
  reward: Reward,
  { attempt, target }: { readonly attempt: number; readonly target?: string },
  cause: Cause,
  given: Given,
): Stepped & { readonly fulfilmentId: string } {
  invariant(reward.status === 'available' && (reward.payableMinor > 0n || isPromise(reward)), 'only what is available is sent');
  const fulfilmentId = given.newId('ful');
  const amount = reward.payableMinor;
  const flows = templates.sent(amount);
  const stepped = step(
    { ...reward, payableMinor: 0n },
    'fulfilling',
    { kind: 'reward.sent', flows, facts: { fulfilment: fulfilmentId, ...(target === undefined ? {} : { target }) } },
    cause,
    given,
  );
  const row = {
    ...{ fulfilment_id: fulfilmentId, reward_id: reward.rewardId, referral_id: reward.referralId, organization_id: reward.organizationId },
    ...{ attempt, kind: reward.kind, currency: reward.currency, amount_minor: String(amount), sent_at: given.now.toISOString() },
    ...(target === undefined ? {} : { target }),
  };
  return { ...stepped, fulfilmentId, changes: together(stepped.changes, { fulfilments: [row] }) };
}

/** An attempt at handing over whose outcome is awaited. */
export interface Sent {
  readonly fulfilmentId: string;
  readonly amountMinor: bigint;
}

/** The provider says that it arrived. */
export function confirm(reward: Reward, sent: Sent, reference: string | null, cause: Cause, given: Given): Stepped {
  const flows = templates.confirmed(sent.amountMinor, reward.kind);
  const movement = { kind: 'reward.fulfilled', flows, facts: { fulfilment: sent.fulfilmentId } };
  const stepped = step(reward, 'fulfilled', movement, cause, given);
  const settled = { fulfilment_id: sent.fulfilmentId, status: 'confirmed' as const, reference, settled_at: given.now.toISOString() };
  const done = { ...stepped, changes: together(stepped.changes, { settled_fulfilments: [settled] }) };
  // Everything was taken back while it was on its way.
  return net(reward) === 0n && !isPromise(reward)
    ? followed(done, step(done.reward, 'reversed', { kind: 'reward.reversed', flows: [] }, cause, given))
    : done;
}

/**
 * The provider says that it will never arrive: the amount is payable again. What was taken back meanwhile became a debt, which is paid
 * back from it at once, as far as the organization still owes it (`owedMinor`): a later reward may have paid it back already.
 */
export function fail(reward: Reward, sent: Sent, owedMinor: bigint, reference: string | null, cause: Cause, given: Given): Stepped {
  const excess = atLeastZero(sent.amountMinor - atLeastZero(net(reward) - reward.nettedMinor));
  const netted = least(excess, atLeastZero(owedMinor));
  const payableMinor = sent.amountMinor - netted;
  const flows: Flow[] = [...templates.failed(sent.amountMinor), { from: 'payable', to: 'receivable', amountMinor: netted }];
  const next = { ...reward, payableMinor, nettedMinor: reward.nettedMinor + netted };
  const movement = { kind: 'reward.failed', flows, netted, facts: { fulfilment: sent.fulfilmentId } };
  const stepped = step(next, 'available', movement, cause, given);
  const settled = { fulfilment_id: sent.fulfilmentId, status: 'failed' as const, reference, settled_at: given.now.toISOString() };
  const done = { ...stepped, changes: together(stepped.changes, { settled_fulfilments: [settled] }) };
  if (isOver(done.reward)) return followed(done, step(done.reward, 'reversed', { kind: 'reward.reversed', flows: [] }, cause, given));
  return endIfSpent(done, cause, given);
}

/** The referral's time ran out, or the program ended, before anything was sent. */
export function expire(reward: Reward, cause: Cause, given: Given): Stepped {
  invariant(reward.status === 'accrued' || reward.status === 'available', 'only what was not sent expires');
  const [amount, from] = reward.status === 'accrued' ? [net(reward), 'escrow' as const] : [reward.payableMinor, 'payable' as const];
  return step({ ...reward, payableMinor: 0n }, 'expired', { kind: 'reward.expired', flows: templates.expired(amount, from) }, cause, given);
}

/**
 * Takes back what is no longer earned, up to `targetMinor` in all: first what is in escrow or still payable, the rest is owed by the
 * organization. Null when nothing is left to take. While it is on its way the step to `reversed` waits for the outcome.
 */
export function reduce(reward: Reward, targetMinor: bigint, source: Source | null, cause: Cause, given: Given): Stepped | null {
  const target = least(targetMinor, reward.accruedMinor);
  const delta = target - reward.reversedMinor;
  if (delta <= 0n || reward.status === 'expired' || reward.status === 'reversed') return null;
  const fromEscrow = reward.status === 'accrued' ? delta : 0n;
  const fromPayable = reward.status === 'available' ? least(delta, reward.payableMinor) : 0n;
  const flows = [
    ...templates.reduced(fromEscrow, 'escrow'),
    ...templates.reduced(fromPayable, 'payable'),
    ...templates.reduced(delta - fromEscrow - fromPayable, 'receivable'),
  ];
  const next = { ...reward, reversedMinor: target, payableMinor: reward.payableMinor - fromPayable };
  const reductions = [reduction(reward, target, given)];
  const facts = { because: cause.because, reversed_minor: String(target) };
  const movement = { kind: 'reward.reversed', flows, facts, ...(source ? { source } : {}) };
  if (isOver(next) && reward.status !== 'fulfilling') {
    const stepped = step(next, 'reversed', movement, cause, given);
    return { ...stepped, changes: together(stepped.changes, { reductions }) };
  }
  const { changes } = enterMovement(given, cause.tenant, { ...aboutReward(reward), ...movement });
  return endIfSpent({ reward: next, changes: together(changes, { reductions }) }, cause, given);
}

/** What is available without anything left to be sent went into an earlier debt: it is fulfilled, without a fulfilment. */
function endIfSpent(stepped: Stepped, cause: Cause, given: Given): Stepped {
  const { reward } = stepped;
  if (reward.status !== 'available' || reward.payableMinor > 0n || net(reward) === 0n) return stepped;
  return followed(stepped, step(reward, 'fulfilled', { kind: 'reward.fulfilled', flows: [] }, cause, given));
}

/** A promise is not kept any more, or not kept at all. Null while it is on its way, and where it is over already. */
export function withdraw(reward: Reward, source: Source | null, cause: Cause, given: Given): Stepped | null {
  invariant(isPromise(reward), 'money is taken back by amounts');
  if (reward.status === 'fulfilling' || reward.status === 'reversed' || reward.status === 'expired') return null;
  return step(reward, 'reversed', { kind: 'reward.reversed', flows: [], ...(source ? { source } : {}) }, cause, given);
}

/** A refund that failed gives back what it took: what that comes to, and what it cannot give back in the same place. */
export interface Restored extends Stepped {
  /** The debt that it left was paid back meanwhile, so that this much is earned anew. */
  readonly remainderMinor: bigint;
}

/**
 * The inverse of a reduction, down to `targetMinor` reversed in all (03: failed refund). `before`: where the reward stood before it was
 * reversed whole. `owedMinor`: what the organization owes. Null when nothing is left to give back.
 */
export function restore(
  reward: Reward,
  what: { readonly targetMinor: bigint; readonly before: RewardState; readonly owedMinor: bigint; readonly source: Source },
  cause: Cause,
  given: Given,
): Restored | null {
  const back = reward.reversedMinor - what.targetMinor;
  if (back <= 0n || reward.status === 'expired') return null;
  const place = reward.status === 'reversed' ? what.before : reward.status;
  const relieved = place === 'accrued' ? 0n : least(back, atLeastZero(what.owedMinor));
  const inEscrow = place === 'accrued' ? back : 0n;
  const inPayable = place === 'available' ? back - relieved : 0n;
  const remainderMinor = back - relieved - inEscrow - inPayable;
  const target = what.targetMinor + remainderMinor;
  if (target === reward.reversedMinor) return { reward, changes: {}, remainderMinor };
  const flows: readonly Flow[] = [
    { from: 'expense', to: 'escrow', amountMinor: inEscrow },
    { from: 'expense', to: 'payable', amountMinor: inPayable },
    { from: 'expense', to: 'receivable', amountMinor: relieved },
  ];
  const next = { ...reward, reversedMinor: target, payableMinor: reward.payableMinor + inPayable };
  const reductions = [reduction(reward, target, given)];
  const movement = { kind: 'reward.restored', flows, facts: { reversed_minor: String(target) }, source: what.source };
  if (reward.status === 'reversed') {
    const to = place === 'accrued' || place === 'available' ? place : 'fulfilled';
    const stepped = step(next, to, movement, { ...cause, because: 'refund_failed' }, given);
    return { ...stepped, changes: together(stepped.changes, { reductions }), remainderMinor };
  }
  const { changes } = enterMovement(given, cause.tenant, { ...aboutReward(reward), ...movement });
  return { reward: next, changes: together(changes, { reductions }), remainderMinor };
}

const reduction = (reward: Reward, targetMinor: bigint, { now }: Given) => ({
  ...{ reward_id: reward.rewardId, seq: reward.seq, reversed_before_minor: String(reward.reversedMinor) },
  reversed_minor: String(targetMinor),
  at: now.toISOString(),
});

/** Nothing of it is earned any more, and nothing of it is left to be handed over. */
const isOver = (reward: Reward): boolean => net(reward) === 0n && reward.payableMinor === 0n && !isPromise(reward);

function followed(first: Stepped, second: Stepped): Stepped {
  return { reward: second.reward, changes: together(first.changes, second.changes) };
}

const aboutReward = (reward: Reward) => ({
  organizationId: reward.organizationId,
  referralId: reward.referralId,
  rewardId: reward.rewardId,
  currency: reward.currency,
});

function step(
  reward: Reward,
  to: RewardState,
  movement: {
    readonly kind: string;
    readonly flows: readonly Flow[];
    readonly netted?: bigint;
    readonly facts?: Readonly<Record<string, unknown>>;
    readonly source?: Source;
  },
  cause: Cause,
  given: Given,
): Stepped {
  const seq = reward.seq + 1;
  const { netted = 0n, facts, ...rest } = movement;
  const { id, changes } = enterMovement(given, cause.tenant, {
    ...aboutReward(reward),
    ...rest,
    facts: { from: reward.status, to, seq, because: cause.because, ...facts },
  });
  const move = {
    ...{ reward_id: reward.rewardId, referral_id: reward.referralId, organization_id: reward.organizationId, seq },
    ...{ from_state: reward.status, to_state: to, because: cause.because, actor: cause.actor, netted_minor: String(netted) },
    reversed_minor: String(reward.reversedMinor),
    ...{ entry_id: id, at: given.now.toISOString() },
  };
  return { reward: { ...reward, status: to, seq }, changes: together(changes, { reward_moves: [move] }) };
}
