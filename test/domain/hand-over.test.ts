import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appliedTo } from '../../src/domain/credit-use.ts';
import { decimalAmount } from '../../src/domain/decimal-amount.ts';
import { promisedThing } from '../../src/domain/promise.ts';
import { rewardOfCoupon } from '../../src/domain/realised-discount.ts';
import { amountAtStripe } from '../../src/domain/stripe-amount.ts';
import { reclaimable } from '../../src/domain/take-back.ts';
import { tableOf } from '../../src/routes/table.ts';

describe('which bills consumed a credit', () => {
  const credits = [
    { rewardId: 'a', amountMinor: 5000n },
    { rewardId: 'b', amountMinor: 3000n },
  ];
  const uses = [2900n, 2900n, 2900n].map((amountMinor, n) => ({ invoiceId: `in_${n + 1}`, amountMinor }));

  it.each([
    ['a', { in_1: 2900n, in_2: 2100n }],
    ['b', { in_2: 800n, in_3: 2200n }],
    ['c', {}],
  ])('of %s: the first credit is used first, and one may span several', (rewardId, expected) =>
    expect(Object.fromEntries(appliedTo(rewardId, credits, uses).map((use) => [use.invoiceId, use.amountMinor]))).toEqual(expected),
  );

  it('gives no part of a bill to two credits, and no credit more than it is', () => {
    const amounts = fc.array(fc.bigInt(1n, 1000n), { maxLength: 8 });
    fc.assert(
      fc.property(amounts, amounts, (given, used) => {
        const all = given.map((amountMinor, n) => ({ rewardId: String(n), amountMinor }));
        const bills = used.map((amountMinor, n) => ({ invoiceId: String(n), amountMinor }));
        const applied = all.map(({ rewardId }) => appliedTo(rewardId, all, bills));
        const sum = (list: readonly { amountMinor: bigint }[]) => list.reduce((total, { amountMinor }) => total + amountMinor, 0n);
        const total = sum(applied.flat());
        expect(applied.every((uses, n) => sum(uses) <= (given[n] ?? 0n))).toBe(true);
        expect(total).toBe(sum(all) < sum(bills) ? sum(all) : sum(bills));
      }),
      { numRuns: 200 },
    );
  });
});

describe('how much can be taken back', () => {
  const handed = {
    ...{ rewardId: 'rwd_1', referralId: 'ref_1', organizationId: 'org_1', kind: 'stripe_balance_credit', currency: 'usd' },
    ...{ accruedMinor: 5000n, reversedMinor: 0n, nettedMinor: 0n, settledMinor: 5000n, owedMinor: 0n },
  };
  it.each([
    ['nothing while all of it is earned', {}, 0n],
    ['what is reversed', { reversedMinor: 2000n, owedMinor: 2000n }, 2000n],
    ['no more than is owed: a later reward has paid the rest', { reversedMinor: 2000n, owedMinor: 500n }, 500n],
    ['nothing once it is back', { reversedMinor: 2000n, owedMinor: 0n, settledMinor: 3000n }, 0n],
    ['nothing of what never was handed over', { reversedMinor: 1000n, nettedMinor: 4000n, settledMinor: 1000n, owedMinor: 9000n }, 1000n],
  ])('%s', (_, more, expected) => expect(reclaimable({ ...handed, ...more })).toBe(expected));
});

describe('amounts at Stripe', () => {
  it.each([
    [5000n, 'usd', 5000],
    [5000n, 'jpy', 5000],
    [1230n, 'kwd', 1230],
    [50n, 'isk', 5000],
    [500n, 'mga', 5],
    [501n, 'mga', null],
  ])('%s of %s is %s', (amount, currency, expected) => expect(amountAtStripe(amount, currency)).toBe(expected));

  it.each([
    [5000n, 'usd', '50.00'],
    [5n, 'usd', '0.05'],
    [5000n, 'jpy', '5000'],
    [1234n, 'kwd', '1.234'],
  ])('%s of %s is %s in its main unit', (amount, currency, expected) => expect(decimalAmount(amount, currency)).toBe(expected));
});

it('reads what is promised from the details of each kind, and money promises nothing', () => {
  const read = (kind: string, details: object, accruedMinor = 0n) => promisedThing({ kind, currency: 'usd', accruedMinor }, details);
  expect(read('stripe_subscription_discount', { percent_bps: 5000, months: null })).toEqual({
    what: 'discount',
    percentBps: 5000,
    months: null,
  });
  expect(read('stripe_credit_grant', { value_minor: '2500', currency: 'eur' })).toMatchObject({ valueMinor: 2500n, currency: 'eur' });
  expect(read('stripe_credit_grant', {}, 700n)).toMatchObject({ valueMinor: 700n, currency: 'usd', expiresDays: null });
  expect(read('entitlement_unlock', { feature_id: 'sso', days: 30 })).toEqual({ what: 'unlock', featureId: 'sso', days: 30 });
  expect(read('stripe_balance_credit', {}, 700n)).toBeNull();
  expect(() => read('entitlement_unlock', {})).toThrow('details');
});

it('knows the coupons of rewards, and no other', () => {
  const rewardId = 'rwd_01jb2m3n4p5q6r7s8t9v0w1x2y';
  expect(rewardOfCoupon(`fd-${rewardId}`)).toBe(rewardId);
  expect(['fd-referee-flat-5000-2', 'SUMMER', `fd-${rewardId}x`].map(rewardOfCoupon)).toEqual([null, null, null]);
});

it('writes a table whose cells no spreadsheet takes for formulas', () => {
  const rows = [{ name: '=1+1', note: 'a "b", c', n: -5, none: null }, { name: '+x' }];
  const expected = 'name,note,n,none\r\n\'=1+1,"a ""b"", c",-5,\r\n\'+x,,,\r\n';
  expect(tableOf(rows, ['name', 'note', 'n', 'none'], true)).toBe(expected);
});
