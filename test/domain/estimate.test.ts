import { describe, expect, it } from 'vitest';
import { estimateReward } from '../../src/domain/estimate.ts';
import { ProgramTerms } from '../../src/domain/program.ts';
import { type Scenario, simulateProgram } from '../../src/domain/simulate-program.ts';

const start = new Date('2026-01-31T00:00:00.000Z');
const flat = { id: 'flat', side: 'referrer', model: 'flat', kind: 'external', amount_minor: 5_000, currency: 'usd' };
const share = {
  ...{ id: 'share', side: 'referrer', model: 'recurring_percent', kind: 'external', percent_bps: 1_000, periods: 6 },
  ...{ currency: null, cap_minor: null },
};
const termsOf = (rules: readonly object[], caps: readonly object[] = [], count = 1): ProgramTerms =>
  ProgramTerms.parse({
    ...{ program_id: 'prg_00000000000000000000000001', version: 1, vendor: { id: 'v', name: 'V' }, slug: 's', name: 'N' },
    reward: { rules, caps },
    qualification: [{ id: 'paid', kind: 'invoice_paid', count, min_amount_minor: 5_000, currency: 'usd' }],
    ...{ hold_days: 14, referral_ttl_days: 60, exclusions: [], max_open_declared_per_organization: 5, disclosure: 'It pays.' },
    attribution: { model: 'last_touch', window_days: 30, grace_days: 4, declared_alone_qualifies: false },
    self_referral: { allow_resellers: false },
  });
const monthly = (months: number, amountMinor = 10_000) => Array.from({ length: months }, () => ({ amountMinor, currency: 'usd' }));
const estimate = (terms: ProgramTerms, payments = monthly(12), qualifiedBefore = 0) =>
  estimateReward(terms, { payments, qualifiedBefore }, start);

describe('an estimate', () => {
  it('says of each rule what it comes to, and from when it is available', () => {
    expect(estimate(termsOf([flat, share]))).toMatchObject({
      qualifiesBy: 1,
      rewards: [
        { rule: 'flat', times: 1, currency: 'usd', amountMinor: 5_000, firstAvailableDay: 14, lastAvailableDay: 14 },
        { rule: 'share', times: 6, currency: 'usd', amountMinor: 6_000, firstAvailableDay: 14, lastAvailableDay: 164 },
      ],
    });
  });

  it('qualifies by the payment that the conditions need, and shares from that one on', () => {
    const { qualifiesBy, rewards } = estimate(termsOf([share], [], 3), monthly(5));
    expect([qualifiesBy, rewards[0]?.times]).toEqual([3, 3]);
  });

  it('earns nothing where the payments do not suffice, and still names every rule', () => {
    const { qualifiesBy, rewards } = estimate(termsOf([flat, share]), monthly(12, 4_999));
    expect([qualifiesBy, ...rewards.map(({ rule, times }) => `${rule} ${times}`)]).toEqual([null, 'flat 0', 'share 0']);
  });

  it('applies caps, and says what it would be without them', () => {
    const caps = [{ per: 'referral', period: 'all_time', amount_minor: 7_500, currency: 'usd' }];
    expect(estimate(termsOf([flat, share], caps)).rewards).toMatchObject([
      { amountMinor: 5_000, beforeCapsMinor: 5_000 },
      { amountMinor: 2_500, beforeCapsMinor: 6_000, times: 3 },
    ]);
  });

  it('counts a monthly cap anew each month', () => {
    const caps = [{ per: 'organization', period: 'month', amount_minor: 600, currency: 'usd' }];
    expect(estimate(termsOf([share], caps)).rewards).toMatchObject([{ amountMinor: 3_600, times: 6 }]);
  });

  it('knows how many referrals were there before', () => {
    const steps = [
      { from_referrals: 1, amount_minor: 100 },
      { from_referrals: 3, amount_minor: 300 },
    ];
    const terms = termsOf([{ id: 'tiered', side: 'referrer', model: 'tiered', kind: 'external', currency: 'usd', steps }]);
    expect([0, 1, 2].map((before) => estimate(terms, monthly(1), before).rewards[0]?.amountMinor)).toEqual([100, 100, 300]);
  });
});

describe('a simulation', () => {
  const scenario: Scenario = {
    ...{ months: 12, referralsPerMonth: 4, organizations: 2, invoiceMinor: 10_000, currency: 'usd', churn: 0, refunds: 0, seed: 7 },
  };
  const all = (terms: ProgramTerms, more: Partial<Scenario> = {}) => {
    const months = simulateProgram(terms, { ...scenario, ...more }, start);
    const sum = (of: (month: (typeof months)[number]) => bigint | number) => months.reduce((total, each) => total + BigInt(of(each)), 0n);
    return {
      ...{ qualified: sum(({ qualified }) => qualified), accrued: sum(({ accruedMinor }) => accruedMinor) },
      ...{ reversed: sum(({ reversedMinor }) => reversedMinor), cut: sum(({ cutMinor }) => cutMinor) },
      released: sum(({ releasedMinor }) => releasedMinor),
    };
  };

  it('of a program where nothing goes wrong comes to the sum of its estimates', () => {
    const each = estimate(termsOf([flat]), monthly(1)).rewards[0]?.amountMinor ?? 0;
    expect(all(termsOf([flat]))).toMatchObject({ qualified: 48n, accrued: BigInt(48 * each), reversed: 0n, cut: 0n });
  });

  it('comes to the same figures for the same seed, and to others for another', () => {
    const unlucky = { churn: 0.2, refunds: 0.1 };
    expect(all(termsOf([share]), unlucky)).toEqual(all(termsOf([share]), unlucky));
    expect(all(termsOf([share]), unlucky)).not.toEqual(all(termsOf([share]), { ...unlucky, seed: 8 }));
  });

  it('takes back what a refund takes, and never more than was earned', () => {
    const { accrued, reversed, released } = all(termsOf([flat, share]), { refunds: 0.5 });
    expect(reversed).toBeGreaterThan(0n);
    expect(released + reversed).toBeLessThanOrEqual(accrued + reversed);
    expect(reversed).toBeLessThan(accrued);
  });

  it('keeps within a cap of the program, and says what it cut off', () => {
    const caps = [{ per: 'program', period: 'year', amount_minor: 100_000, currency: 'usd' }];
    const terms = termsOf([flat], caps);
    const { accrued, cut } = all(terms, { months: 11 });
    expect([accrued, accrued + cut]).toEqual([100_000n, 220_000n]);
  });
});
