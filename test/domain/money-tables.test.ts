import { describe, expect, it } from 'vitest';
import type { Changes, Given } from '../../src/domain/decision.ts';
import { earn, type WhatEarns } from '../../src/domain/earn.ts';
import type { Earned } from '../../src/domain/earn-amounts.ts';
import type { EarningFacts } from '../../src/domain/earn-facts.ts';
import { ProgramTerms } from '../../src/domain/program.ts';
import { type PaidInvoice, qualifyingPayments } from '../../src/domain/qualification.ts';

const now = new Date('2026-03-10T12:00:00.000Z');
const day = 86_400_000;
const given = (at = now): Given => {
  let made = 0;
  return {
    now: at,
    newId: (prefix) => `${prefix}_${String(++made).padStart(26, '0')}`,
    random: (bytes) => new Uint8Array(bytes),
    derive: () => new Uint8Array(32),
  };
};

const base = { id: 'rule', side: 'referrer', kind: 'external' };
const flat = (amount_minor: number, currency = 'usd', more: object = {}) => ({ ...base, model: 'flat', amount_minor, currency, ...more });
const percent = (percent_bps: number, more: object = {}) => ({
  ...base,
  model: 'percent',
  percent_bps,
  currency: null,
  cap_minor: null,
  ...more,
});
const recurring = (percent_bps: number, periods: number | null, more: object = {}) => ({
  ...percent(percent_bps),
  ...{ model: 'recurring_percent', periods },
  ...more,
});
const cap = (per: string, period: string, amount_minor: number, currency = 'usd') => ({ per, period, amount_minor, currency });

const termsOf = (rules: readonly object[], caps: readonly object[] = [], count = 1): ProgramTerms =>
  ProgramTerms.parse({
    ...{ program_id: 'prg_00000000000000000000000001', version: 1, vendor: { id: 'v', name: 'V' }, slug: 's', name: 'N' },
    reward: { rules, caps },
    qualification: [{ id: 'paid', kind: 'invoice_paid', count, min_amount_minor: null, currency: null }],
    ...{ hold_days: 14, referral_ttl_days: 60, exclusions: [], max_open_declared_per_organization: 5, disclosure: 'It pays.' },
    attribution: { model: 'last_touch', window_days: 30, grace_days: 4, declared_alone_qualifies: false },
    self_referral: { allow_resellers: false },
  });

const paid = (n: number, collected: bigint | number, currency = 'usd', more: Partial<PaidInvoice> = {}): PaidInvoice => ({
  ...{ invoiceId: `in_${n}`, currency, collectedMinor: BigInt(collected), paidMinor: BigInt(collected), givenBackMinor: 0n },
  paidAt: new Date(now.getTime() + (n - 1) * day),
  ...more,
});

/** What a first, or a later, look earns. */
function earned(
  terms: ProgramTerms,
  payments: readonly PaidInvoice[],
  more: Partial<Omit<WhatEarns, 'facts'>> & { before?: number; facts?: Partial<EarningFacts> } = {},
): Changes {
  const { before = 0, facts = {}, ...rest } = more;
  const what: WhatEarns = {
    ...{ tenant: 'ten_1', prospectId: 'pro_1', from: now, qualified: { before, by: qualifyingPayments(terms, payments) } },
    referral: { referralId: 'ref_1', organizationId: 'org_1', terms, termsSha256: 'f'.repeat(64) },
    ...rest,
    facts: { capUse: [], payments, earned: [], refereeId: null, freeCustomer: null, own: [], linkable: [], ...facts },
  };
  return earn(what, given());
}

const amounts = ({ rewards = [] }: Changes) => rewards.map(({ amount_minor, currency }) => `${amount_minor} ${currency}`);
const occasions = ({ rewards = [] }: Changes) => rewards.map(({ occasion }) => occasion);
const asEarned = ({ rewards = [] }: Changes): readonly Earned[] =>
  rewards.map(({ side, rule, occasion, currency, amount_minor }) => ({
    ...{ side, rule, occasion, currency, valueMinor: BigInt(amount_minor), isUnsent: true },
  }));

describe('a share of a payment is rounded down to what can be paid of its currency', () => {
  it.each([
    ['usd', 9_900, 1_000, '990 usd'],
    ['usd', 9_999, 1_000, '999 usd'],
    ['usd', 33, 3_333, '10 usd'],
    ['usd', 9, 1_000, null],
    ['jpy', 1_999, 1_000, '199 jpy'],
    ['jpy', 9, 1_000, null],
    ['kwd', 10_990, 1_000, '1090 kwd'],
    ['bhd', 12_345, 2_500, '3080 bhd'],
    ['kwd', 90, 1_000, null],
    ['usd', 1_000_000_000_000, 10_000, '1000000000000 usd'],
    // Stripe counts it in another unit, so that nothing can be promised in it.
    ['isk', 10_000, 1_000, null],
  ])('%s %d at %d hundredths of a percent: %s', (currency, collected, bps, expected) => {
    expect(amounts(earned(termsOf([percent(bps)]), [paid(1, collected, currency)]))).toEqual(expected === null ? [] : [expected]);
  });

  it('of what was collected, not of what was paid with tax', () => {
    expect(amounts(earned(termsOf([percent(1_000)]), [paid(1, 10_000, 'usd', { paidMinor: 11_900n })]))).toEqual(['1000 usd']);
  });
});

describe('percent', () => {
  it('earns by the first payment alone', () => {
    expect(occasions(earned(termsOf([percent(1_000)]), [paid(1, 9_900), paid(2, 9_900)]))).toEqual(['in_1']);
  });

  it('in one currency earns nothing by a payment in another', () => {
    const terms = termsOf([percent(1_000, { currency: 'usd' })]);
    expect(amounts(earned(terms, [paid(1, 9_900, 'eur')]))).toEqual([]);
    expect(occasions(earned(terms, [paid(1, 9_900, 'eur'), paid(2, 9_900)]))).toEqual(['in_2']);
  });

  it('earns nothing by what was given back before it was looked at', () => {
    const terms = termsOf([percent(1_000)]);
    expect(amounts(earned(terms, [paid(1, 9_900, 'usd', { givenBackMinor: 9_900n })], { qualified: { before: 0, by: [] } }))).toEqual([]);
  });

  it('of a payment of which a part went back is earned whole, and looked at again at once', () => {
    const changes = earned(termsOf([percent(1_000)]), [paid(1, 9_900, 'usd', { givenBackMinor: 4_000n })]);
    expect(amounts(changes)).toEqual(['990 usd']);
    expect(changes.effects).toMatchObject([{ kind: 'rewards.reassess', payload: { invoice_id: 'in_1' } }]);
  });
});

describe('recurring percent', () => {
  const terms = termsOf([recurring(1_000, 3)]);
  const payments = [1, 2, 3, 4, 5].map((n) => paid(n, 1_000 * n));

  it('earns by each of the first n payments, the qualifying one included', () => {
    expect(amounts(earned(terms, payments))).toEqual(['100 usd', '200 usd', '300 usd']);
  });

  it('earns each payment once, as they arrive', () => {
    const seen: string[] = [];
    let before: readonly Earned[] = [];
    for (const n of [1, 2, 2, 3, 4, 5]) {
      const changes = earned(terms, payments.slice(0, n), { ...(n === 1 ? {} : { qualified: null }), facts: { earned: before } });
      seen.push(...occasions(changes));
      before = [...before, ...asEarned(changes)];
    }
    expect(seen).toEqual(['in_1', 'in_2', 'in_3']);
  });

  it('a payment that was given back after it had earned keeps its place among the n', () => {
    const before = asEarned(earned(terms, payments.slice(0, 3)));
    const returned = payments.map((payment, n) => (n === 0 ? { ...payment, givenBackMinor: payment.paidMinor } : payment));
    expect(occasions(earned(terms, returned, { qualified: null, facts: { earned: before } }))).toEqual([]);
  });

  it('without n earns as long as the customer pays', () => {
    expect(occasions(earned(termsOf([recurring(1_000, null)]), payments))).toHaveLength(5);
  });

  it('earns by no payment from before the moment that was judged', () => {
    expect(occasions(earned(terms, payments, { from: payments[1]?.paidAt ?? now }))).toEqual(['in_2', 'in_3', 'in_4']);
  });

  it('earns within the cap of its rule, all payments together', () => {
    const capped = termsOf([recurring(1_000, null, { currency: 'usd', cap_minor: 450 })]);
    const first = earned(capped, payments.slice(0, 2));
    expect(amounts(first)).toEqual(['100 usd', '200 usd']);
    const later = earned(capped, payments, { qualified: null, facts: { earned: asEarned(first) } });
    expect(amounts(later)).toEqual(['150 usd']);
  });

  it('earns several currencies each by itself', () => {
    expect(amounts(earned(terms, [paid(1, 1_000, 'usd'), paid(2, 5_000, 'jpy'), paid(3, 10_990, 'kwd')]))).toEqual([
      ...['100 usd', '500 jpy', '1090 kwd'],
    ]);
  });

  it('takes a hundred payments at a time, and comes back for the rest', () => {
    const many = Array.from({ length: 130 }, (_, n) => paid(n + 1, 1_000));
    const changes = earned(termsOf([recurring(1_000, null)]), many);
    expect(changes.rewards).toHaveLength(100);
    expect(changes.effects?.filter(({ kind }) => kind !== 'rewards.reassess')).toMatchObject([{ kind: 'prospect.judge' }]);
    const rest = earned(termsOf([recurring(1_000, null)]), many, { qualified: null, facts: { earned: asEarned(changes) } });
    expect(rest.rewards).toHaveLength(30);
    expect(rest.effects?.filter(({ kind }) => kind !== 'rewards.reassess')).toEqual([]);
  });
});

describe('caps', () => {
  const use = (name: string, subject: string, value: bigint) => ({ capUse: [{ name, subject, value }] });
  const program = 'prg_00000000000000000000000001';

  it.each([
    ['referral', 'month', 'rewards.referral.usd.2026-03', 'ref_1'],
    ['referral', 'year', 'rewards.referral.usd.2026', 'ref_1'],
    ['referral', 'all_time', 'rewards.referral.usd.ever', 'ref_1'],
    ['organization', 'month', 'rewards.organization.usd.2026-03', 'org_1'],
    ['organization', 'year', 'rewards.organization.usd.2026', 'org_1'],
    ['organization', 'all_time', 'rewards.organization.usd.ever', 'org_1'],
    ['program', 'month', 'rewards.program.usd.2026-03', program],
    ['program', 'year', 'rewards.program.usd.2026', program],
    ['program', 'all_time', 'rewards.program.usd.ever', program],
  ])('per %s and %s: the last reward is cut to what is left, the next is none', (per, period, name, subject) => {
    const terms = termsOf([flat(5_000)], [cap(per, period, 12_000)]);
    const changes = earned(terms, [paid(1, 9_900)], { facts: use(name, subject, 10_000n) });
    expect(amounts(changes)).toEqual(['2000 usd']);
    expect(changes.counters).toEqual([{ name, subject, by: 2_000, limit: 12_000 }]);
    expect(amounts(earned(terms, [paid(1, 9_900)], { facts: use(name, subject, 12_000n) }))).toEqual([]);
  });

  it('the tightest of several binds, and all are counted', () => {
    const caps = [cap('referral', 'all_time', 4_000), cap('organization', 'month', 3_000), cap('program', 'year', 9_000)];
    const changes = earned(termsOf([flat(5_000)], caps), [paid(1, 9_900)]);
    expect(amounts(changes)).toEqual(['3000 usd']);
    expect(changes.counters?.map(({ by }) => by)).toEqual([3_000, 3_000, 3_000]);
  });

  it('bind over all rules of both sides together, in the order of the terms', () => {
    const rules = [flat(3_000), flat(2_000, 'usd', { id: 'second' }), flat(4_000, 'usd', { id: 'third', side: 'referee' })];
    expect(amounts(earned(termsOf(rules, [cap('referral', 'all_time', 6_000)]), [paid(1, 9_900)]))).toEqual([
      '3000 usd',
      '2000 usd',
      '1000 usd',
    ]);
  });

  it('of another currency do not bind', () => {
    expect(amounts(earned(termsOf([flat(5_000)], [cap('referral', 'all_time', 100, 'eur')]), [paid(1, 9_900)]))).toEqual(['5000 usd']);
  });

  it('leave what can be paid of a currency with three decimals', () => {
    expect(amounts(earned(termsOf([flat(5_000, 'kwd')], [cap('referral', 'all_time', 1_235, 'kwd')]), [paid(1, 9_900)]))).toEqual([
      '1230 kwd',
    ]);
  });

  it('count what a payment earns in the span of the payment, however late it is looked at', () => {
    const february = paid(1, 10_000, 'usd', { paidAt: new Date('2026-02-27T00:00:00.000Z') });
    const terms = termsOf([recurring(1_000, null)], [cap('organization', 'month', 1_500)]);
    const facts = use('rewards.organization.usd.2026-02', 'org_1', 1_500n);
    expect(amounts(earned(terms, [february], { from: february.paidAt, facts }))).toEqual([]);
    const march = earned(terms, [february, paid(2, 10_000)], { from: february.paidAt, facts });
    expect(occasions(march)).toEqual(['in_2']);
  });

  it('count credits by what they are worth', () => {
    const grant = flat(5_000, 'usd', { kind: 'stripe_credit_grant' });
    const changes = earned(termsOf([grant], [cap('referral', 'all_time', 2_000)]), [paid(1, 9_900)]);
    expect(changes.rewards).toMatchObject([{ amount_minor: '0', currency: 'usd', details: { value_minor: '2000', currency: 'usd' } }]);
    expect(changes.counters).toMatchObject([{ by: 2_000 }]);
  });
});

describe('tiered', () => {
  const steps = [
    { from_referrals: 1, amount_minor: 1_000 },
    { from_referrals: 5, amount_minor: 2_000 },
    { from_referrals: 10, amount_minor: 5_000 },
  ];
  const terms = termsOf([{ ...base, model: 'tiered', currency: 'usd', steps }]);

  it.each([
    ...[[0, '1000 usd'] as const, [3, '1000 usd'] as const, [4, '2000 usd'] as const, [8, '2000 usd'] as const],
    ...[[9, '5000 usd'] as const, [5_000, '5000 usd'] as const],
  ])('after %d qualified referrals this one earns %s', (before, expected) => {
    expect(amounts(earned(terms, [paid(1, 9_900)], { before }))).toEqual([expected]);
  });
});

describe('both sides', () => {
  const rules = [flat(5_000), flat(2_000, 'usd', { id: 'welcome', side: 'referee', kind: 'stripe_balance_credit' })];

  it('the referred side becomes an organization, in the same commit, in our own words', () => {
    const changes = earned(termsOf(rules), [paid(1, 9_900)], { facts: { freeCustomer: 'cus_1' } });
    const [referee] = changes.organizations ?? [];
    expect(changes.organizations).toMatchObject([{ name: 'Referred customer', domain: null, tier: 'payout_bound', prospect_id: 'pro_1' }]);
    expect(changes.rewards?.map(({ organization_id, side }) => [organization_id, side])).toEqual([
      ['org_1', 'referrer'],
      [referee?.organization_id, 'referee'],
    ]);
    expect(changes.payees).toMatchObject([{ organization_id: referee?.organization_id, kind: 'customer', stripe_id: 'cus_1' }]);
  });

  it('an organization that it is already is credited, and no other one is made', () => {
    const changes = earned(termsOf(rules), [paid(1, 9_900)], { facts: { refereeId: 'org_9' } });
    expect(changes.organizations).toBeUndefined();
    expect(changes.rewards?.at(-1)).toMatchObject({ organization_id: 'org_9', side: 'referee' });
  });

  it('what the referred side was given by one referral it is not given by another', () => {
    const before: Earned = { side: 'referee', rule: 'welcome', occasion: 'once', currency: 'usd', valueMinor: 2_000n, isUnsent: false };
    expect(earned(termsOf(rules), [paid(1, 9_900)], { facts: { refereeId: 'org_9', earned: [before] } }).rewards).toMatchObject([
      { side: 'referrer' },
    ]);
  });

  it('no organization is made where the referred side earns nothing', () => {
    expect(earned(termsOf([flat(5_000)]), [paid(1, 9_900)]).organizations).toBeUndefined();
  });
});

describe('promises', () => {
  it('a discount and an unlock move no money, and say of what', () => {
    const discount = { ...base, model: 'discount', kind: 'stripe_subscription_discount', percent_bps: 2_000, months: 1 };
    const unlock = { ...base, id: 'feature', model: 'unlock', kind: 'entitlement_unlock', feature_id: 'exports', days: 90 };
    const changes = earned(termsOf([discount, unlock]), [paid(1, 9_900)]);
    expect(changes.rewards).toMatchObject([
      { amount_minor: '0', currency: 'xxx', details: { percent_bps: 2_000, months: 1 } },
      { amount_minor: '0', currency: 'xxx', details: { feature_id: 'exports', days: 90 } },
    ]);
    expect(changes.entries?.map(({ postings }) => postings)).toEqual([[], []]);
  });

  const units = {
    ...base,
    model: 'unit_credits',
    kind: 'stripe_credit_grant',
    units: 50_000,
    unit: 'tokens',
    amount_minor: 1_000,
    currency: 'usd',
  };

  it('monthly unit credits are one reward a month, each available a month after the one before', () => {
    const changes = earned(termsOf([{ ...units, periods: 3, expires_days: 31 }]), [paid(1, 9_900)]);
    expect(changes.rewards).toMatchObject([
      { occasion: 'month:1', available_at: '2026-03-24T12:00:00.000Z', details: { units: 50_000, unit: 'tokens', value_minor: '1000' } },
      { occasion: 'month:2', available_at: '2026-04-24T12:00:00.000Z', details: { expires_days: 31 } },
      { occasion: 'month:3', available_at: '2026-05-24T12:00:00.000Z' },
    ]);
  });

  it('of monthly units a cap leaves whole months only', () => {
    const terms = termsOf([{ ...units, periods: 4, expires_days: null }], [cap('referral', 'all_time', 2_500)]);
    expect(occasions(earned(terms, [paid(1, 9_900)]))).toEqual(['month:1', 'month:2']);
  });
});

describe('bases', () => {
  it('a fixed amount is earned by all payments that qualified, a share by its own', () => {
    const terms = termsOf([flat(5_000), percent(1_000, { id: 'share' })], [], 2);
    const changes = earned(terms, [paid(1, 9_900), paid(2, 4_900)], { from: paid(2, 1).paidAt });
    expect(changes.rewards?.map(({ bases }) => bases)).toEqual([
      [
        { invoice_id: 'in_1', base_minor: '9900' },
        { invoice_id: 'in_2', base_minor: '4900' },
      ],
      [{ invoice_id: 'in_2', base_minor: '4900' }],
    ]);
  });

  it('a $50 reward is earned whole by an invoice of $29', () => {
    expect(amounts(earned(termsOf([flat(5_000)]), [paid(1, 2_900)]))).toEqual(['5000 usd']);
  });
});
