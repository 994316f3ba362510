/** What the ledger's tables would hold, in memory: applies decisions about rewards and says what is wrong with the whole. Runs without a test runner. */
import fc from 'fast-check';
import type { Changes, Given } from '../../src/domain/decision.ts';
import type { Entry, RewardMove } from '../../src/domain/ledger-changes.ts';
import { owed } from '../../src/domain/money.ts';
import {
  accrue,
  confirm,
  expire,
  fail,
  net,
  type Reward,
  reduce,
  release,
  type Sent,
  type Stepped,
  send,
} from '../../src/domain/reward.ts';

/** Fixed time, and ids that count. */
export function testGiven(now = new Date('2026-03-01T12:00:00Z')): Given {
  let made = 0;
  return {
    now,
    newId: (prefix) => `${prefix}_${String(++made).padStart(26, '0')}`,
    random: (bytes) => new Uint8Array(bytes),
    derive: () => new Uint8Array(32),
  };
}

export const cause = { tenant: 'ten_1', actor: 'agt_1', because: 'test' };

interface Shelf {
  reward: Reward;
  sent: Sent | null;
  attempts: number;
}

const steps =
  'accrued>available accrued>fulfilled available>fulfilling available>fulfilled fulfilling>fulfilled fulfilling>available accrued>expired';
const ends = 'available>expired accrued>reversed available>reversed fulfilled>reversed';
const allowed = new Set(`${steps} ${ends}`.split(' '));

/** The books of one organization in one currency. */
export class Books {
  readonly shelves: Shelf[] = [];
  readonly moves: RewardMove[] = [];
  private readonly sums = new Map<string, bigint>();
  private unbalanced: string | null = null;
  readonly given = testGiven();

  add(amountMinor: bigint, kind = 'external'): Reward {
    const program = { id: 'prg_1', version: 1, sha256: 'f'.repeat(64) };
    const made = accrue(
      {
        ...{ tenant: 'ten_1', referralId: 'ref_1', organizationId: 'org_1', side: 'referrer', rule: 'flat', occasion: 'once' },
        ...{ kind, currency: 'usd', amountMinor, program, availableAt: this.given.now },
      },
      this.given,
    );
    this.shelves.push({ reward: made.reward, sent: null, attempts: 0 });
    this.post(made.changes);
    return made.reward;
  }

  /** What stands on an account, of one reward or of all. */
  on(account: string, rewardId = ''): bigint {
    return this.sums.get(`${account} ${rewardId}`) ?? 0n;
  }

  owed(): bigint {
    return owed({ receivable: this.on('receivable') });
  }

  /** Does what is asked of the shelf if it is legal there; what is not is left alone. */
  command(shelf: Shelf, name: CommandName, amountMinor: bigint): void {
    const { reward, sent } = shelf;
    const done = this.decide(shelf, name, amountMinor);
    if (!done) return;
    if (name === 'send' && 'fulfilmentId' in done) {
      shelf.sent = { fulfilmentId: String(done.fulfilmentId), amountMinor: reward.payableMinor };
      shelf.attempts += 1;
    } else if (sent && (name === 'confirm' || name === 'fail')) shelf.sent = null;
    shelf.reward = done.reward;
    this.post(done.changes);
  }

  private decide({ reward, sent, attempts }: Shelf, name: CommandName, amountMinor: bigint): Stepped | null {
    const { status, payableMinor } = reward;
    switch (name) {
      case 'release':
        return status === 'accrued' ? release(reward, this.owed(), cause, this.given) : null;
      case 'send':
        return status === 'available' && payableMinor > 0n ? send(reward, { attempt: attempts + 1 }, cause, this.given) : null;
      case 'confirm':
        return sent ? confirm(reward, sent, 'r', cause, this.given) : null;
      case 'fail':
        return sent ? fail(reward, sent, this.owed(), 'r', cause, this.given) : null;
      case 'reduce':
        return reduce(reward, amountMinor, null, cause, this.given);
      case 'expire':
        return status === 'accrued' || status === 'available' ? expire(reward, cause, this.given) : null;
    }
  }

  private post({ entries = [], reward_moves = [] }: Changes): void {
    for (const entry of entries) this.enter(entry);
    this.moves.push(...reward_moves);
  }

  private enter({ kind, reward_id, postings }: Entry): void {
    let total = 0n;
    for (const { account, amount_minor } of postings) {
      const amount = BigInt(amount_minor);
      total += amount;
      for (const key of [`${account} `, `${account} ${reward_id}`]) this.sums.set(key, (this.sums.get(key) ?? 0n) + amount);
    }
    if (total !== 0n) this.unbalanced = `${kind} does not balance: ${total}`;
  }

  /** The first thing that is wrong, or null. */
  offence(): string | null {
    if (this.unbalanced) return this.unbalanced;
    for (const account of ['escrow', 'payable', 'clearing', 'credit_settled', 'payout_settled'])
      if (this.on(account) < 0n) return `${account} is below zero`;
    if (this.on('receivable') > 0n) return 'more was paid back than was owed';
    const earned = this.shelves.reduce((sum, { reward }) => sum + net(reward), 0n);
    const paid = this.on('credit_settled') + this.on('payout_settled');
    if (paid > earned + this.owed()) return `${paid} was paid, ${earned} is earned, ${this.owed()} is owed`;
    for (const shelf of this.shelves) {
      const wrong = this.disorder(shelf);
      if (wrong) return `${shelf.reward.status} ${shelf.reward.rewardId}: ${wrong}`;
    }
    return null;
  }

  /** As `frontdesk.reward_in_order` says it, and what the tables check. */
  private disorder({ reward, sent }: Shelf): string | null {
    const { rewardId, status, accruedMinor, reversedMinor, nettedMinor } = reward;
    const at = (account: string) => this.on(account, rewardId);
    const [escrow, payable, clearing, settled] = [at('escrow'), at('payable'), at('clearing'), at('credit_settled') + at('payout_settled')];
    if (at('expense') !== reversedMinor - accruedMinor) return 'expense is not what is earned';
    if (reversedMinor < 0n || reversedMinor > accruedMinor) return 'more was taken back than was earned';
    if (nettedMinor < 0n || nettedMinor > accruedMinor) return 'more was netted than was earned';
    if (payable !== reward.payableMinor) return 'payable is not what the decision believes';
    if ((status === 'fulfilling') !== (sent !== null)) return 'what is awaited was not sent';
    const inOrder: Readonly<Record<Reward['status'], boolean>> = {
      accrued: escrow === accruedMinor - reversedMinor && payable === 0n && clearing === 0n && settled === 0n,
      available: escrow === 0n && payable >= 0n && clearing === 0n && settled === 0n,
      fulfilling: escrow === 0n && payable === 0n && clearing > 0n && settled === 0n,
      fulfilled: escrow === 0n && payable === 0n && clearing === 0n,
      reversed: escrow === 0n && payable === 0n && clearing === 0n && reversedMinor === accruedMinor,
      expired: escrow === 0n && payable === 0n && clearing === 0n,
    };
    if (!inOrder[status]) return `escrow ${escrow}, payable ${payable}, clearing ${clearing}, settled ${settled}`;
    return this.broken(reward);
  }

  private broken({ rewardId, status, seq, nettedMinor }: Reward): string | null {
    let at: { state: string; seq: number; netted: bigint } = { state: 'accrued', seq: 1, netted: 0n };
    for (const move of this.moves.filter(({ reward_id }) => reward_id === rewardId)) {
      if (move.from_state !== at.state || move.seq !== at.seq + 1) return 'a step does not begin where the one before ended';
      if (!allowed.has(`${move.from_state}>${move.to_state}`)) return `no way from ${move.from_state} to ${move.to_state}`;
      at = { state: move.to_state, seq: move.seq, netted: at.netted + BigInt(move.netted_minor) };
    }
    if (at.state !== status || at.seq !== seq || at.netted !== nettedMinor) return 'its steps lead elsewhere';
    return null;
  }
}

const commandNames = ['release', 'send', 'confirm', 'fail', 'reduce', 'expire'] as const;
export type CommandName = (typeof commandNames)[number];

/** What is done to which of the rewards; `accrue` makes one more. Amounts are small, so that they meet. */
const commands = fc.array(
  fc.record({
    name: fc.oneof(
      { arbitrary: fc.constant('accrue' as const), weight: 2 },
      { arbitrary: fc.constantFrom(...commandNames.filter((name) => name !== 'expire')), weight: 12 },
      { arbitrary: fc.constant('expire' as const), weight: 1 },
    ),
    which: fc.nat(3),
    amountMinor: fc.integer({ min: 1, max: 100 }),
    kind: fc.constantFrom('external', 'stripe_balance_credit', 'stripe_transfer'),
  }),
  { minLength: 1, maxLength: 40, size: 'max' },
);

/** Random legal commands on the rewards of one organization. Rejects with the shortest sequence after which something is wrong. */
export function soakRewards(runs: number, seed: number): { readonly runs: number; readonly steps: number } {
  let taken = 0;
  const property = fc.property(commands, (sequence) => {
    const books = new Books();
    for (const { name, which, amountMinor, kind } of sequence) {
      const shelf = books.shelves[which % Math.max(1, books.shelves.length)];
      if (name === 'accrue' || !shelf) books.add(BigInt(amountMinor), kind);
      else books.command(shelf, name, BigInt(amountMinor));
      const wrong = books.offence();
      if (wrong) throw new Error(wrong);
    }
    taken += books.moves.length;
  });
  fc.assert(property, { seed, numRuns: runs });
  return { runs, steps: taken };
}
