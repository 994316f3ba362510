/** What the tables about one prospect would hold and refuse, in memory: decisions are applied to it under the database's own constraints. */
import { type Changes, type Given, together } from '../../src/domain/decision.ts';
import type { Posting } from '../../src/domain/ledger-changes.ts';
import { ProgramTerms } from '../../src/domain/program.ts';
import type { ReferralState } from '../../src/domain/referral-state.ts';
import type { Reward } from '../../src/domain/reward.ts';
import type { RewardState } from '../../src/domain/reward-state.ts';

export const hour = 3_600_000;
export const day = 24 * hour;

export const orgs = ['org_1', 'org_2', 'org_3'] as const;
/** Declared referrals of an organization to other prospects. */
const elsewhere = 3;

const flat = { side: 'referrer', model: 'flat', kind: 'external', currency: 'usd' };
export const terms: ProgramTerms = ProgramTerms.parse({
  ...{ program_id: 'prg_00000000000000000000000001', version: 1, vendor: { id: 'beacon', name: 'Beacon' }, slug: 'beacon', name: 'Beacon' },
  reward: {
    rules: [
      { ...flat, id: 'bounty', amount_minor: 50 },
      { ...flat, id: 'bonus', amount_minor: 20 },
    ],
    caps: [{ per: 'organization', period: 'all_time', amount_minor: 100, currency: 'usd' }],
  },
  qualification: [{ id: 'signed-up', kind: 'event_received', event_type: 'signup.completed', count: 1 }],
  ...{ hold_days: 14, referral_ttl_days: 60, exclusions: [], max_open_declared_per_organization: 5, disclosure: 'It pays.' },
  attribution: { model: 'last_touch', window_days: 30, grace_days: 4, declared_alone_qualifies: false },
  self_referral: { allow_resellers: false },
});
export const program = {
  ...{ id: terms.program_id, version: 1, sha256: 'f'.repeat(64), url: 'https://beacon.test/terms', terms },
  ...{ referralTtlDays: terms.referral_ttl_days, maxOpenDeclared: terms.max_open_declared_per_organization },
};

export interface BookedReferral {
  readonly id: string;
  readonly org: string;
  status: ReferralState;
  seq: number;
  evidenced: boolean;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly touches: { touchId: string; at: Date; evidenced: boolean; tokenId: string | null }[];
  readonly evidence: { kind: string; source: string; at: Date }[];
}

export interface BookedReward {
  readonly row: NonNullable<Changes['rewards']>[number];
  status: RewardState;
  seq: number;
  reversed: bigint;
  netted: bigint;
  changedAt: string;
}

export interface BookedDispute {
  readonly row: NonNullable<Changes['disputes']>[number];
  status: 'open' | 'upheld' | 'denied' | 'withdrawn';
}

type Hold = NonNullable<Changes['holds']>[number];
type Fulfilment = NonNullable<Changes['fulfilments']>[number] & {
  status: 'sent' | 'confirmed' | 'failed';
  reference: string | null;
  at: string;
};

const pairs = (text: string) => new Set(text.split(' '));
const referralSteps = pairs(
  'pending>qualified pending>rejected pending>expired qualified>rewarded qualified>rejected qualified>reversed rewarded>reversed',
);
const rewardSteps = pairs(
  'accrued>available accrued>fulfilled available>fulfilling available>fulfilled fulfilling>fulfilled fulfilling>available accrued>expired ' +
    'available>expired accrued>reversed available>reversed fulfilled>reversed',
);
const opens: readonly ReferralState[] = ['pending', 'qualified', 'rewarded'];

export class JudgementBooks {
  readonly referrals = new Map<string, BookedReferral>();
  readonly rewards = new Map<string, BookedReward>();
  readonly attributions: NonNullable<Changes['attributions']>[number][] = [];
  readonly disputes = new Map<string, BookedDispute>();
  readonly holds = new Map<string, Hold>();
  readonly fulfilments: Fulfilment[] = [];
  /** Every organization has some open declared referrals to others. */
  readonly counters = new Map(orgs.map((org) => [`referrals.open_declared ${org}`, elsewhere]));
  private readonly events = new Map<string, string>();
  private readonly posted = new Map<string, bigint>();
  now = Date.parse('2026-03-01T00:00:00Z');
  private made = 0;

  get given(): Given {
    return {
      now: new Date(this.now),
      newId: (prefix) => `${prefix}_${String(++this.made).padStart(26, '0')}`,
      random: (bytes) => new Uint8Array(bytes),
      derive: () => new Uint8Array(32),
    };
  }

  on(org: string, account: string): bigint {
    return this.posted.get(`${org} ${account}`) ?? 0n;
  }

  holdsOf(referralId: string): readonly Hold[] {
    return [...this.holds.values()].filter(({ referral_id }) => referral_id === referralId);
  }

  reward({ row, status, seq, reversed, netted }: BookedReward): Reward {
    return {
      ...{ rewardId: row.reward_id, referralId: row.referral_id, organizationId: row.organization_id, kind: row.kind },
      ...{ currency: row.currency, status, seq, accruedMinor: BigInt(row.amount_minor), reversedMinor: reversed, nettedMinor: netted },
      payableMinor: this.on(row.reward_id, 'payable'),
    };
  }

  /** Writes a decision, or throws what the database would refuse it for. Then nothing may be out of order. */
  commit(...parts: readonly Changes[]): void {
    const changes = together(...parts);
    for (const { event_id, kind } of changes.ledger_events ?? []) {
      refuse(this.events.has(event_id), 'an event is written once');
      this.events.set(event_id, kind);
    }
    this.judgement(changes);
    this.money(changes);
    this.count(changes.counters ?? []);
    this.inOrder();
  }

  private judgement(changes: Changes): void {
    for (const row of changes.referrals ?? []) {
      const [createdAt, expiresAt] = [new Date(row.created_at), new Date(row.expires_at)];
      const born = { status: 'pending' as const, seq: 1, evidenced: false, createdAt, expiresAt, touches: [], evidence: [] };
      this.referrals.set(row.referral_id, { id: row.referral_id, org: row.organization_id, ...born });
    }
    for (const row of changes.touches ?? []) {
      const touch = { touchId: row.touch_id, at: new Date(row.created_at), evidenced: row.kind === 'evidenced', tokenId: row.token_id };
      this.referral(row.referral_id).touches.push(touch);
    }
    for (const { dispute_id, ...row } of changes.disputes ?? [])
      this.disputes.set(dispute_id, { row: { dispute_id, ...row }, status: 'open' });
    for (const { dispute_id, status } of changes.decided_disputes ?? []) {
      const dispute = this.disputes.get(dispute_id);
      refuse(dispute?.status !== 'open', 'a dispute is decided once');
      if (dispute) dispute.status = status;
    }
    for (const hold of changes.holds ?? []) {
      const same = this.holdsOf(hold.referral_id).some(({ kind, cause }) => kind === hold.kind && cause === hold.cause);
      refuse(same, 'a hold is open once for each cause');
      this.holds.set(hold.hold_id, hold);
    }
    for (const { hold_id } of changes.closed_holds ?? []) refuse(!this.holds.delete(hold_id), 'a hold is closed once');
    for (const row of changes.evidence ?? []) {
      const { evidence } = this.referral(row.referral_id);
      refuse(
        evidence.some(({ kind, source }) => kind === row.kind && source === row.source),
        'evidence is recorded once',
      );
      evidence.push({ kind: row.kind, source: row.source, at: new Date(row.occurred_at) });
    }
    for (const { referral_id } of changes.evidenced ?? []) {
      const referral = this.referral(referral_id);
      refuse(referral.evidenced, 'a referral is marked once');
      referral.evidenced = true;
    }
    for (const row of changes.attributions ?? []) {
      refuse(row.seq !== this.attributions.length + 1, 'attributions are numbered');
      refuse(row.seq > 1 && row.dispute_id === null, 'only a dispute decides again');
      this.attributions.push(row);
    }
    for (const move of changes.referral_moves ?? []) {
      const referral = this.referral(move.referral_id);
      const isAllowed = referralSteps.has(`${move.from_state}>${move.to_state}`);
      const byDispute = move.from_state === 'rejected' && move.to_state === 'qualified' && move.dispute_id !== null;
      refuse(!isAllowed && !byDispute, `no way from ${move.from_state} to ${move.to_state}`);
      refuse(move.from_state !== referral.status || move.seq !== referral.seq + 1, 'steps follow one another');
      refuse(this.events.get(move.entry_id) !== `referral.${move.to_state}`, 'a step is in the ledger');
      Object.assign(referral, { status: move.to_state, seq: move.seq });
    }
  }

  private money(changes: Changes): void {
    for (const row of changes.rewards ?? []) {
      const same = [...this.rewards.values()].some(({ row: known }) => known.referral_id === row.referral_id && known.rule === row.rule);
      refuse(same, 'a rule is earned once by a referral');
      this.rewards.set(row.reward_id, { row, status: 'accrued', seq: 1, reversed: 0n, netted: 0n, changedAt: row.created_at });
    }
    for (const move of changes.reward_moves ?? []) {
      const reward = this.booked(move.reward_id);
      refuse(!rewardSteps.has(`${move.from_state}>${move.to_state}`), `no way from ${move.from_state} to ${move.to_state}`);
      refuse(move.from_state !== reward.status || move.seq !== reward.seq + 1, 'steps follow one another');
      const leaves =
        move.to_state === 'fulfilling' || (move.from_state === 'accrued' && ['available', 'fulfilled'].includes(move.to_state));
      refuse(leaves && this.holdsOf(move.referral_id).length > 0, 'what is held is not released or sent');
      Object.assign(reward, { status: move.to_state, seq: move.seq, netted: reward.netted + BigInt(move.netted_minor) });
    }
    for (const row of changes.reductions ?? []) {
      const reward = this.booked(row.reward_id);
      refuse(reward.reversed !== BigInt(row.reversed_before_minor), 'a reduction follows what was there');
      reward.reversed = BigInt(row.reversed_minor);
    }
    for (const row of changes.fulfilments ?? []) {
      const standing = this.fulfilments.some(({ reward_id, status }) => reward_id === row.reward_id && status !== 'failed');
      refuse(standing, 'a reward has one fulfilment');
      this.fulfilments.push({ ...row, status: 'sent', reference: null, at: row.sent_at });
    }
    for (const row of changes.settled_fulfilments ?? []) {
      const sent = this.fulfilments.find(({ fulfilment_id, status }) => fulfilment_id === row.fulfilment_id && status === 'sent');
      refuse(!sent, 'only what was sent is settled');
      if (sent) Object.assign(sent, { status: row.status, reference: row.reference, at: row.settled_at });
    }
    for (const { reward_id, postings } of changes.entries ?? []) this.post(reward_id, postings);
  }

  private post(reward: string | null, postings: readonly Posting[]): void {
    refuse(postings.reduce((sum, { amount_minor }) => sum + BigInt(amount_minor), 0n) !== 0n, 'an entry balances');
    for (const { account, organization, amount_minor } of postings) {
      for (const whose of [reward, organization]) {
        if (whose !== null) this.posted.set(`${whose} ${account}`, this.on(whose, account) + BigInt(amount_minor));
      }
    }
  }

  private count(rows: NonNullable<Changes['counters']>): void {
    const sums = new Map<string, { by: number; limit: number }>();
    for (const { name, subject, by, limit } of rows) {
      const before = sums.get(`${name} ${subject}`) ?? { by: 0, limit: 0 };
      sums.set(`${name} ${subject}`, { by: before.by + by, limit: Math.max(before.limit, limit) });
    }
    for (const [name, { by, limit }] of sums) {
      const value = Math.max(0, (this.counters.get(name) ?? 0) + by);
      refuse(by > 0 && value > limit, `over the limit: ${name}`);
      this.counters.set(name, value);
    }
  }

  private inOrder(): void {
    const all = [...this.referrals.values()];
    const credited = all.filter(({ status }) => status === 'qualified' || status === 'rewarded');
    refuse(credited.length > 1, 'one is credited at most');
    refuse(
      credited.some(({ id }) => id !== this.attributions.at(-1)?.referral_id),
      'whoever is credited is whom the newest attribution names',
    );
    for (const org of new Set(all.map((referral) => referral.org))) {
      const mine = all.filter((referral) => referral.org === org);
      refuse(mine.filter(({ status }) => opens.includes(status)).length > 1, 'an organization has one referral open');
      const declared = mine.filter(({ status, evidenced }) => status === 'pending' && !evidenced).length;
      refuse(
        this.counters.get(`referrals.open_declared ${org}`) !== declared + elsewhere,
        'the counter of open declared referrals counts them',
      );
      for (const account of ['escrow', 'payable', 'clearing', 'payout_settled'])
        refuse(this.on(org, account) < 0n, `${account} is not below zero`);
      refuse(this.on(org, 'receivable') > 0n, 'nobody pays back more than is owed');
    }
    for (const [id, { kind, cause }] of this.holds)
      refuse(kind === 'dispute' && this.disputes.get(cause)?.status !== 'open', `hold ${id} ended with its dispute`);
    for (const reward of this.rewards.values()) this.rewardInOrder(reward);
  }

  /** As `frontdesk.reward_in_order` says it. */
  private rewardInOrder({ row, status, reversed, netted }: BookedReward): void {
    const at = (account: string) => this.on(row.reward_id, account);
    const accrued = BigInt(row.amount_minor);
    refuse(reversed < 0n || reversed > accrued || netted < 0n || netted > accrued, 'no more is taken back than was earned');
    refuse(at('expense') !== reversed - accrued, 'expense is what is earned');
    refuse(at('escrow') !== (status === 'accrued' ? accrued - reversed : 0n), 'escrow is what is held');
    refuse(status !== 'available' && at('payable') !== 0n, 'payable is what is available');
    refuse((status === 'fulfilling') !== at('clearing') > 0n, 'clearing is what is on its way');
    refuse(status === 'reversed' && reversed !== accrued, 'what is reversed is reversed whole');
  }

  referral(id: string): BookedReferral {
    const found = this.referrals.get(id);
    if (!found) throw new Error('there is such a referral');
    return found;
  }

  private booked(id: string): BookedReward {
    const found = this.rewards.get(id);
    if (!found) throw new Error('there is such a reward');
    return found;
  }
}

function refuse(is: boolean, what: string): void {
  if (is) throw new Error(`it does not hold that ${what}`);
}
