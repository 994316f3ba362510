import { describe, expect, it } from 'vitest';
import type { Changes, Given } from '../../src/domain/decision.ts';
import type { Earned } from '../../src/domain/earn-amounts.ts';
import { ProgramTerms } from '../../src/domain/program.ts';
import type { Reward } from '../../src/domain/reward.ts';
import { type DisputeFile, upholdDispute } from '../../src/domain/uphold-dispute.ts';

const now = new Date('2026-05-01T00:00:00.000Z');
const paidAt = new Date('2026-03-10T00:00:00.000Z');
let made = 0;
const given: Given = {
  now,
  newId: (prefix) => `${prefix}_${String(++made).padStart(26, '0')}`,
  random: (bytes) => new Uint8Array(bytes),
  derive: () => new Uint8Array(32),
};

const share = { model: 'recurring_percent', kind: 'external', percent_bps: 1_000, periods: null, currency: null, cap_minor: null };
const terms = ProgramTerms.parse({
  ...{ program_id: 'prg_00000000000000000000000001', version: 1, vendor: { id: 'v', name: 'V' }, slug: 's', name: 'N' },
  reward: {
    rules: [
      { id: 'bounty', side: 'referrer', model: 'flat', kind: 'external', amount_minor: 5_000, currency: 'usd' },
      { id: 'share', side: 'referrer', ...share },
      { id: 'welcome', side: 'referee', model: 'discount', kind: 'stripe_subscription_discount', percent_bps: 2_000, months: 1 },
    ],
    caps: [],
  },
  qualification: [{ id: 'paid', kind: 'invoice_paid', count: 1, min_amount_minor: null, currency: null }],
  ...{ hold_days: 14, referral_ttl_days: 60, exclusions: [], max_open_declared_per_organization: 5, disclosure: 'It pays.' },
  attribution: { model: 'last_touch', window_days: 30, grace_days: 4, declared_alone_qualifies: false },
  self_referral: { allow_resellers: false },
});

const referral = { organizationId: 'org_a', referralId: 'ref_a', status: 'qualified', seq: 2, evidenced: true } as const;
const welcome = (status: Reward['status']): Reward => ({
  ...{ rewardId: 'rwd_1', referralId: 'ref_a', organizationId: 'org_c', kind: 'stripe_subscription_discount', currency: 'xxx', status },
  ...{ seq: 1, accruedMinor: 0n, reversedMinor: 0n, nettedMinor: 0n, payableMinor: 0n },
});

function upheld(reward: Reward): Changes {
  const earned: Earned = {
    ...{ side: 'referee', rule: 'welcome', occasion: 'once', currency: 'xxx', valueMinor: 0n },
    isUnsent: reward.status === 'accrued',
  };
  const payment = (n: number, at: Date) => ({
    ...{ invoiceId: `in_${n}`, currency: 'usd', collectedMinor: 10_000n, paidMinor: 10_000n, givenBackMinor: 0n, paidAt: at },
  });
  const file: DisputeFile = {
    ...{ tenant: 'ten_1', origin: 'https://v.example', basis: null, others: [] },
    dispute: {
      ...{ disputeId: 'dsp_1', organizationId: 'org_b', agentId: 'agt_b', programId: terms.program_id, prospectId: 'pro_1' },
      ...{ claimReferralId: 'ref_b', status: 'open', openedAt: now, decideBy: now, evidenceIds: [], holds: [] },
    },
    program: { id: terms.program_id, version: 1, sha256: 'f'.repeat(64), url: 'u', referralTtlDays: 60, maxOpenDeclared: 5, terms },
    credited: { seq: 1, referral, rewards: [reward], from: paidAt },
    own: [
      {
        ...{ referralId: 'ref_b', organizationId: 'org_b', status: 'rejected', seq: 2, evidenced: true, earned: false },
        ...{ terms, termsSha256: 'f'.repeat(64), touchedAt: paidAt },
      },
    ],
    earning: {
      ...{ capUse: [], refereeId: 'org_c', freeCustomer: null, own: [], linkable: [], earned: [earned] },
      payments: [payment(1, paidAt), payment(2, now)],
    },
  };
  return upholdDispute(file, { tenant: 'ten_1', actor: 'agt_staff', reason: 'evidence_shown' }, given).changes({});
}

const earnedIn = ({ rewards = [] }: Changes) => rewards.map(({ referral_id, rule, occasion }) => `${referral_id} ${rule} ${occasion}`);

describe('whoever a dispute credits', () => {
  it('earns what it would have earned then, by the same payments', () => {
    const changes = upheld(welcome('fulfilled'));
    expect(earnedIn(changes)).toEqual(['ref_b bounty once', 'ref_b share in_1', 'ref_b share in_2']);
    expect(changes.rewards?.[0]?.bases).toEqual([{ invoice_id: 'in_1', base_minor: '10000' }]);
  });

  it('goes on earning from where the one before it began', () => {
    expect(upheld(welcome('fulfilled')).attributions).toMatchObject([{ trace: { earns_from: paidAt.toISOString() } }]);
  });
});

describe('whoever loses by a dispute', () => {
  it('has credit that it was given already fetched back', () => {
    const money = { kind: 'stripe_balance_credit', currency: 'usd', accruedMinor: 5_000n, organizationId: 'org_a' };
    const changes = upheld({ ...welcome('fulfilled'), ...money });
    expect(changes.effects?.filter(({ kind }) => kind !== 'rewards.reassess')).toMatchObject([
      { kind: 'stripe.balance.take_back', payload: { reward_id: 'rwd_1' } },
    ]);
  });
});

describe('what the referred side was promised', () => {
  it('stays its own once it was sent', () => {
    expect(upheld(welcome('fulfilled')).reward_moves).toBeUndefined();
  });

  it('comes by the new referral if it was not sent yet, and by that alone', () => {
    const changes = upheld(welcome('accrued'));
    expect(changes.reward_moves).toMatchObject([{ reward_id: 'rwd_1', to_state: 'reversed' }]);
    expect(earnedIn(changes)).toContain('ref_b welcome once');
  });
});
