/** A referral's rewards that payments earned, in memory: what the tables would hold, and the round that holds them against what was given back. */
import type { Changes } from '../../src/domain/decision.ts';
import type { GivenBack, PaidBase } from '../../src/domain/given-back.ts';
import { type Earned, nextReversalStep, type RewardFamily, type Taking } from '../../src/domain/reverse-payment.ts';
import { accrue, confirm, fail, isPromise, net, type Reward, release, type Sent, type Stepped, send } from '../../src/domain/reward.ts';
import type { RewardFile } from '../../src/domain/reward-file.ts';
import type { RewardState } from '../../src/domain/reward-state.ts';
import { withReferral } from '../../src/domain/settle-reward.ts';
import { takeReversalStep } from '../../src/domain/take-reversal-step.ts';
import { cause, testGiven } from './reward-books.ts';

interface Kept {
  reward: Reward;
  before: RewardState | null;
  readonly takings: Taking[];
  sent: Sent | null;
  attempts: number;
}

const program = { id: 'prg_1', version: 1, sha256: 'f'.repeat(64) };
const at = new Date('2026-03-01T00:00:00Z');

export interface Payment {
  readonly invoiceId: string;
  readonly baseMinor: bigint;
  readonly paidMinor: bigint;
}

/** One reward of one referral, earned by the payments given, and whatever is earned anew in its place. */
export class PaymentBooks {
  readonly given = testGiven(at);
  readonly family: Kept[] = [];
  /** Rewards of other referrals of the same organization: what they pay back is owed no more. */
  readonly others: Kept[] = [];
  readonly effects: string[] = [];
  referral: RewardFile['referral'] = { referralId: 'ref_1', organizationId: 'org_1', status: 'qualified', seq: 2, evidenced: true };
  private referralBefore: 'qualified' | 'rewarded' = 'qualified';
  private readonly sums = new Map<string, bigint>();
  private readonly sources = new Set<string>();
  private readonly back = new Map<string, GivenBack & { readonly invoiceId: string }>();
  private readonly voided = new Set<string>();
  private wrong: string | null = null;

  constructor(
    readonly payments: readonly Payment[],
    readonly accruedMinor: bigint,
    readonly kind = 'stripe_balance_credit',
    readonly currency = 'usd',
  ) {
    this.accrue(this.family, accruedMinor);
  }

  get first(): Kept {
    const [first] = this.family;
    if (!first) throw new Error('no reward');
    return first;
  }

  /** A refund, credit note or dispute as it is shown now. */
  show(sourceId: string, state: GivenBack['state'], amountMinor: bigint, more: Partial<GivenBack & { invoiceId: string }> = {}): this {
    const invoiceId = more.invoiceId ?? this.payments[0]?.invoiceId ?? '';
    const shownAt = this.back.get(sourceId)?.at ?? new Date(at.getTime() + this.back.size * 1000);
    this.back.set(sourceId, { kind: 'refund', currency: 'usd', ...more, sourceId, invoiceId, state, amountMinor, at: shownAt });
    return this;
  }

  void(invoiceId: string): this {
    this.voided.add(invoiceId);
    return this;
  }

  /** Takes steps until there is none. */
  reassess(): this {
    for (let steps = 0; steps < 30; steps++) {
      const family = this.asFamily();
      const step = nextReversalStep(family);
      if (step === null || step.kind === 'wait') return this;
      const kept = this.family.find(({ reward }) => reward.rewardId === step.reward.rewardId);
      if (!kept) throw new Error('an unknown reward');
      const scene = {
        ...{ family, file: this.fileOf(kept), target: kept.attempts > 0 ? 'cus_1' : null },
        earnedUnder: { rule: 'share', details: { percent_bps: 2000 }, program },
        referralBefore: this.referral.status === 'reversed' ? this.referralBefore : null,
      };
      this.apply(takeReversalStep(step, scene, cause, this.given));
    }
    throw new Error('it never comes to an end');
  }

  /** Brings a reward of the family along as far as it goes. */
  bring(kept: Kept, ...steps: readonly ('release' | 'send' | 'confirm' | 'fail')[]): this {
    for (const name of steps) this.step(kept, name);
    return this;
  }

  /** What somebody else decided. */
  take(changes: Changes): this {
    this.apply(changes);
    return this;
  }

  /** Another reward of the organization is released: it pays back what is owed first. */
  payDebtBack(amountMinor: bigint): this {
    const kept = this.accrue(this.others, amountMinor);
    this.apply(release(kept.reward, this.owed(), cause, this.given).changes);
    return this;
  }

  on(account: string): bigint {
    return this.sums.get(account) ?? 0n;
  }

  owed(): bigint {
    return -this.on('receivable');
  }

  /** What the family stands at. */
  standing(): bigint {
    return this.family.reduce((sum, { reward }) => sum + net(reward), 0n);
  }

  bases(): readonly PaidBase[] {
    return this.payments.map((payment) => ({
      ...{ ...payment, currency: 'usd', status: this.voided.has(payment.invoiceId) ? ('void' as const) : ('paid' as const) },
      givenBack: [...this.back.values()].filter(({ invoiceId }) => invoiceId === payment.invoiceId),
    }));
  }

  /** The first thing that is wrong, or null. */
  offence(): string | null {
    if (this.wrong) return this.wrong;
    for (const account of ['escrow', 'payable', 'clearing', 'credit_settled', 'payout_settled'])
      if (this.on(account) < 0n) return `${account} is below zero`;
    if (this.owed() < 0n) return 'more was paid back than was owed';
    for (const { reward } of [...this.family, ...this.others]) {
      const payable = this.sums.get(`payable ${reward.rewardId}`) ?? 0n;
      const expense = this.sums.get(`expense ${reward.rewardId}`) ?? 0n;
      if (expense !== reward.reversedMinor - reward.accruedMinor) return `expense of ${reward.rewardId} is not what is earned`;
      if (payable !== reward.payableMinor || payable < 0n) return `payable of ${reward.rewardId} is not what it believes`;
      if (reward.status === 'reversed' && !isPromise(reward) && net(reward) !== 0n) return 'reversed, and something is left';
    }
    return null;
  }

  private asFamily(): RewardFamily {
    const [first, ...anew] = this.family.map(
      ({ reward, before, takings }): Earned => ({
        ...{ rewardId: reward.rewardId, status: reward.status, seq: reward.seq, before, takings: [...takings] },
        ...{ accruedMinor: reward.accruedMinor, reversedMinor: reward.reversedMinor },
      }),
    );
    if (!first) throw new Error('no reward');
    return { first, anew, currency: this.first.reward.currency, bases: this.bases() };
  }

  private fileOf({ reward, sent }: Kept): RewardFile {
    const others = this.family.filter((one) => one.reward.rewardId !== reward.rewardId);
    return {
      isDomainDisputed: false,
      ...{ reward, rule: 'share', sent, side: 'referrer', availableAt: at, tier: 'payout_bound', holds: [], obstacle: null, details: {} },
      ...{ payee: null, invoiceIds: this.payments.map(({ invoiceId }) => invoiceId), owedMinor: this.owed(), settled: [] },
      referral: this.referral,
      siblings: others.map((one) => ({
        ...{ rewardId: one.reward.rewardId, status: one.reward.status, reversedMinor: one.reward.reversedMinor, changedAt: '' },
      })),
    };
  }

  private accrue(shelf: Kept[], amountMinor: bigint): Kept {
    const made = accrue(
      {
        ...{ tenant: 'ten_1', referralId: 'ref_1', organizationId: 'org_1', side: 'referrer', rule: 'share', occasion: 'once' },
        ...{ kind: this.kind, currency: this.currency, amountMinor, program, availableAt: at },
      },
      this.given,
    );
    const kept: Kept = { reward: made.reward, before: null, takings: [], sent: null, attempts: 0 };
    shelf.push(kept);
    this.apply({ ...made.changes, rewards: [] });
    return kept;
  }

  private step(kept: Kept, name: 'release' | 'send' | 'confirm' | 'fail'): void {
    const { reward, sent } = kept;
    const isSendable = reward.status === 'available' && (reward.payableMinor > 0n || isPromise(reward));
    const along = (stepped: Stepped): void => this.apply(withReferral(this.fileOf(kept), stepped, cause, this.given).changes);
    if (name === 'release' && reward.status === 'accrued') along(release(reward, this.owed(), cause, this.given));
    if (name === 'send' && isSendable) {
      kept.attempts += 1;
      const done = send(reward, { attempt: kept.attempts }, cause, this.given);
      kept.sent = { fulfilmentId: done.fulfilmentId, amountMinor: reward.payableMinor };
      this.apply(done.changes);
    }
    if (sent === null || (name !== 'confirm' && name !== 'fail')) return;
    kept.sent = null;
    along(name === 'confirm' ? confirm(reward, sent, 'r', cause, this.given) : fail(reward, sent, this.owed(), 'r', cause, this.given));
  }

  private apply(changes: Changes): void {
    for (const row of changes.rewards ?? []) {
      const reward: Reward = {
        ...{ rewardId: row.reward_id, referralId: row.referral_id, organizationId: row.organization_id, kind: row.kind },
        ...{ currency: row.currency, status: 'accrued', seq: 1, accruedMinor: BigInt(row.amount_minor) },
        ...{ reversedMinor: 0n, nettedMinor: 0n, payableMinor: 0n },
      };
      this.family.push({ reward, before: null, takings: [], sent: null, attempts: 0 });
    }
    for (const { reward_id, reversed_before_minor, reversed_minor } of changes.reductions ?? []) {
      const kept = this.kept(reward_id);
      if (kept.reward.reversedMinor !== BigInt(reversed_before_minor)) this.wrong = 'reversed from elsewhere';
      kept.reward = { ...kept.reward, reversedMinor: BigInt(reversed_minor) };
    }
    for (const move of changes.reward_moves ?? []) {
      const kept = this.kept(move.reward_id);
      const { reward } = kept;
      if (reward.status !== move.from_state || reward.seq !== move.seq - 1) this.wrong = 'a step from elsewhere';
      kept.reward = { ...reward, status: move.to_state, seq: move.seq, nettedMinor: reward.nettedMinor + BigInt(move.netted_minor) };
      kept.before = move.to_state === 'reversed' ? move.from_state : null;
    }
    for (const { from_state, to_state, seq, because } of changes.referral_moves ?? []) {
      if (to_state === 'reversed' && (from_state === 'qualified' || from_state === 'rewarded')) this.referralBefore = from_state;
      if (from_state !== this.referral.status || (from_state === 'reversed' && because !== 'refund_failed'))
        this.wrong = 'a referral from elsewhere';
      this.referral = { ...this.referral, status: to_state, seq };
    }
    for (const entry of changes.entries ?? []) this.enter(entry);
    this.effects.push(...(changes.effects ?? []).map(({ kind }) => kind));
  }

  private enter({ kind, reward_id, source, cumulative_minor, postings }: NonNullable<Changes['entries']>[number]): void {
    const rewardId = reward_id ?? '';
    let [total, takenMinor] = [0n, 0n];
    for (const { account, amount_minor } of postings) {
      total += BigInt(amount_minor);
      if (account === 'expense') takenMinor = BigInt(amount_minor);
      for (const name of [account, `${account} ${rewardId}`]) this.sums.set(name, (this.sums.get(name) ?? 0n) + BigInt(amount_minor));
    }
    if (total !== 0n) this.wrong = `${kind} does not balance`;
    const kept = [...this.family, ...this.others].find(({ reward }) => reward.rewardId === rewardId);
    if (kept) kept.reward = { ...kept.reward, payableMinor: this.sums.get(`payable ${rewardId}`) ?? 0n };
    if (source !== null) {
      const once = `${rewardId} ${source} ${cumulative_minor}`;
      if (this.sources.has(once)) this.wrong = `twice: ${once}`;
      this.sources.add(once);
    }
    if (kind !== 'reward.reversed' && kind !== 'reward.restored') return;
    kept?.takings.push({ source, cumulativeMinor: cumulative_minor === null ? null : BigInt(cumulative_minor), takenMinor });
  }

  private kept(rewardId: string): Kept {
    const kept = [...this.family, ...this.others].find(({ reward }) => reward.rewardId === rewardId);
    if (!kept) throw new Error(`no reward ${rewardId}`);
    return kept;
  }
}
