import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { takenBackMinor } from '../../src/domain/given-back.ts';
import { reduce } from '../../src/domain/reward.ts';
import { writeOff } from '../../src/domain/write-off.ts';
import { type Payment, PaymentBooks } from '../support/payment-books.ts';
import { cause, testGiven } from '../support/reward-books.ts';

/** 20 % of an invoice of 49.00 with 19 % tax in it: 41.17 collected net of tax. */
const invoice: Payment = { invoiceId: 'in_1', baseMinor: 4117n, paidMinor: 4900n };
const earned = () => new PaymentBooks([invoice], 823n);
const paidOut = () => {
  const books = earned();
  return books.bring(books.first, 'release', 'send', 'confirm');
};
const shown = ({ first, referral }: PaymentBooks) => [first.reward.status, first.reward.reversedMinor, referral.status];

const permutations = <T>(of: readonly T[]): readonly (readonly T[])[] =>
  of.length < 2 ? [of] : of.flatMap((one, i) => permutations(of.toSpliced(i, 1)).map((rest) => [one, ...rest]));

describe('what a refund takes back', () => {
  it.each([
    ['a third in three parts that do not divide', [1633n, 1633n, 1634n], 823n],
    ['parts that leave a cent', [1n, 2n, 4896n], 822n],
    ['single cents', [1n, 1n, 1n, 1n], 0n],
    ['halves', [2450n, 2450n], 823n],
  ] as const)('%s: the same cent in any order, before and after it was handed over', (_, parts, total) => {
    for (const order of permutations(parts.map((amount, n) => ({ amount, id: `re_${n}` })))) {
      const [before, after] = [earned(), paidOut()];
      for (const { id, amount } of order) for (const books of [before, after]) books.show(id, 'effective', amount).reassess();
      expect([before, after].map(({ first }) => first.reward.reversedMinor)).toEqual([total, total]);
      expect([before.owed(), after.owed(), before.offence(), after.offence()]).toEqual([0n, total, null, null]);
    }
  });

  it('is in proportion to what was collected of each payment, where several earned it, and is rounded once', () => {
    const payments = [
      { invoiceId: 'in_1', baseMinor: 100n, paidMinor: 119n },
      { invoiceId: 'in_2', baseMinor: 200n, paidMinor: 238n },
    ];
    const books = new PaymentBooks(payments, 100n);
    books.show('re_1', 'effective', 119n, { invoiceId: 'in_2' }).reassess();
    expect(books.first.reward.reversedMinor).toBe(33n);
    books.show('re_2', 'effective', 60n, { invoiceId: 'in_1' }).reassess();
    // 100 × (100 × 60/119 + 200 × 119/238) / 300 = 50.14
    expect(books.first.reward.reversedMinor).toBe(50n);
  });

  it.each([
    ['refunds that come to more than was paid', [3000n, 3000n], 'usd', 823n],
    ['another currency, whose part nobody can tell', [1n], 'eur', 823n],
    ['nothing', [0n], 'eur', 0n],
  ] as const)('%s: never more than was earned', (_, amounts, currency, taken) => {
    const books = earned();
    for (const [n, amount] of amounts.entries()) books.show(`re_${n}`, 'effective', amount, { currency });
    expect(books.reassess().first.reward.reversedMinor).toBe(taken);
  });

  it('is exact where numbers of JSON are not', () => {
    const huge = 2n ** 62n;
    const base = { invoiceId: 'in_1', baseMinor: huge, paidMinor: huge, currency: 'usd', status: 'paid' as const };
    const refund = { sourceId: 're_1', kind: 'refund' as const, currency: 'usd', state: 'effective' as const, at: new Date(0) };
    expect(takenBackMinor(huge, 'usd', [{ ...base, givenBack: [{ ...refund, amountMinor: huge - 1n }] }])).toBe(huge - 1n);
  });

  it.each([
    ['kwd', 0n, 0n],
    ['kwd', 1n, 0n],
    ['kwd', 48n, 0n],
    ['kwd', 49n, 10n],
    ['kwd', 2450n, 500n],
    ['kwd', 4899n, 990n],
    ['kwd', 4900n, 1000n],
    ['usd', 48n, 9n],
    ['usd', 4899n, 999n],
  ] as const)('leaves in %s, with %s of 4900 given back, what Stripe can move: %s of 1000 is taken', (currency, amountMinor, taken) => {
    const refund = {
      sourceId: 're_1',
      kind: 'refund' as const,
      currency: 'eur',
      state: 'effective' as const,
      at: new Date(0),
      amountMinor,
    };
    const base = { ...invoice, currency: 'eur', status: 'paid' as const, givenBack: [refund] };
    expect(takenBackMinor(1000n, currency, [base])).toBe(taken);
  });

  it('is earned anew, and taken again, in amounts that Stripe can move', () => {
    const books = new PaymentBooks([invoice], 820n, 'stripe_balance_credit', 'kwd');
    books.bring(books.first, 'release', 'send', 'confirm');
    books.show('re_1', 'effective', 3333n).reassess();
    expect(books.first.reward.reversedMinor).toBe(550n);
    books.payDebtBack(300n).show('re_1', 'void', 3333n).reassess();
    expect(books.family.map(({ reward }) => [reward.accruedMinor, reward.reversedMinor])).toEqual([
      [820n, 300n],
      [300n, 0n],
    ]);
    books.show('re_2', 'effective', 1111n).reassess();
    expect([books.standing(), books.family[1]?.reward.reversedMinor, books.offence()]).toEqual([640n, 180n, null]);
  });

  it('counts a voided invoice as given back whole', () => {
    const books = earned().void('in_1').reassess();
    expect(shown(books)).toEqual(['reversed', 823n, 'reversed']);
  });

  it('waits for nothing while it is on its way: what was taken is owed, and it is reversed once it arrived', () => {
    const books = earned();
    books.bring(books.first, 'release', 'send').show('re_1', 'effective', 4900n).reassess();
    expect([...shown(books), books.owed()]).toEqual(['fulfilling', 823n, 'qualified', 823n]);
    books.bring(books.first, 'confirm').reassess();
    expect([books.first.reward.status, books.owed(), books.offence()]).toEqual(['reversed', 823n, null]);
  });

  it('has what was handed over looked after at the provider, and nothing else', () => {
    expect(earned().show('re_1', 'effective', 100n).reassess().effects).toEqual([]);
    expect(paidOut().show('re_1', 'effective', 100n).reassess().effects).toEqual(['stripe.balance.take_back']);
  });

  it('leaves what a person took where it is: a refund takes its part beside it', () => {
    const books = earned();
    const byHand = reduce(books.first.reward, 100n, null, cause, books.given);
    if (!byHand) throw new Error('nothing to take');
    books.take(byHand.changes).reassess();
    expect(books.first.reward.reversedMinor).toBe(100n);
    books.show('re_1', 'effective', 2450n).reassess();
    expect(books.first.reward.reversedMinor).toBe(511n);
    books.show('re_1', 'void', 2450n).reassess();
    expect(books.first.reward.reversedMinor).toBe(100n);
  });

  it('does not give back what a person took whole', () => {
    const books = earned().show('re_1', 'effective', 2450n).reassess();
    const byHand = reduce(books.first.reward, 823n, null, cause, books.given);
    if (!byHand) throw new Error('nothing to take');
    books.take(byHand.changes).show('re_1', 'void', 2450n).reassess();
    expect(books.first.reward).toMatchObject({ status: 'reversed', reversedMinor: 823n });
  });
});

describe('a refund that fails', () => {
  it.each([
    ['in escrow', [] as const, 'accrued', 'escrow', 'qualified'],
    ['payable', ['release'] as const, 'available', 'payable', 'qualified'],
    ['handed over', ['release', 'send', 'confirm'] as const, 'fulfilled', 'credit_settled', 'rewarded'],
  ])('gives back what it took, %s, and the referral is what it was', (_, way, status, account, referral) => {
    for (const amount of [2450n, 4900n]) {
      const books = earned();
      books.bring(books.first, ...way);
      books.show('re_1', 'effective', amount).reassess().show('re_1', 'void', amount).reassess();
      expect([...shown(books), books.on(account), books.owed(), books.offence()]).toEqual([status, 0n, referral, 823n, 0n, null]);
      expect(books.family).toHaveLength(1);
    }
  });

  it('earns anew what another reward has paid back meanwhile, without a hold period, and it falls with the next refund', () => {
    const books = paidOut().show('re_1', 'effective', 4900n).reassess().payDebtBack(500n);
    books.show('re_1', 'void', 4900n).reassess();
    expect(books.family.map(({ reward }) => [reward.status, reward.accruedMinor, reward.reversedMinor])).toEqual([
      ['fulfilled', 823n, 500n],
      ['accrued', 500n, 0n],
    ]);
    books.show('re_2', 'effective', 2450n).reassess();
    expect([books.standing(), books.family[1]?.reward.reversedMinor, books.offence()]).toEqual([412n, 411n, null]);
    books.show('re_3', 'effective', 2450n).reassess();
    expect([books.standing(), books.referral.status, books.offence()]).toEqual([0n, 'reversed', null]);
  });

  it('may be taken and given back by the same dispute more than once', () => {
    const books = paidOut();
    for (let times = 0; times < 3; times++) {
      books.show('dp_1', 'effective', 4900n, { kind: 'dispute' }).reassess();
      expect(books.standing()).toBe(0n);
      books.show('dp_1', 'void', 4900n, { kind: 'dispute' }).reassess();
      expect(books.standing()).toBe(823n);
    }
    expect(books.offence()).toBeNull();
  });
});

describe('a dispute that is lost after a partial refund', () => {
  it('takes what is left, and no more than was paid', () => {
    const books = paidOut().show('re_1', 'effective', 1000n).reassess();
    expect(books.first.reward.reversedMinor).toBe(167n);
    books.show('dp_1', 'open', 4900n, { kind: 'dispute' }).reassess();
    expect(books.first.reward.reversedMinor).toBe(167n);
    books.show('dp_1', 'effective', 4900n, { kind: 'dispute' }).reassess();
    expect([...shown(books), books.owed(), books.offence()]).toEqual(['reversed', 823n, 'reversed', 823n, null]);
  });
});

describe('a promise', () => {
  const promised = () => new PaymentBooks([invoice], 0n, 'stripe_subscription_discount');

  it('is kept while anything of the payment is left, and withdrawn with the rest', () => {
    const books = promised().show('re_1', 'effective', 4899n).reassess();
    expect(books.first.reward.status).toBe('accrued');
    books.show('re_2', 'effective', 1n).reassess();
    expect([books.first.reward.status, books.referral.status, books.effects]).toEqual(['reversed', 'reversed', []]);
  });

  it('is ended at the provider where it has arrived, and only then', () => {
    const books = promised();
    books.bring(books.first, 'release', 'send').show('re_1', 'effective', 4900n).reassess();
    expect(books.first.reward.status).toBe('fulfilling');
    books.bring(books.first, 'confirm').reassess();
    expect([books.first.reward.status, books.effects]).toEqual(['reversed', ['stripe.discount.end']]);
  });

  it('is made again once the refund fails', () => {
    const books = promised().show('re_1', 'effective', 4900n).reassess().show('re_1', 'void', 4900n).reassess();
    expect(books.family.map(({ reward }) => reward.status)).toEqual(['reversed', 'accrued']);
    expect(books.referral.status).toBe('qualified');
  });
});

describe('any order of everything', () => {
  const payments: readonly Payment[] = [invoice, { invoiceId: 'in_2', baseMinor: 1000n, paidMinor: 1190n }];
  const steps = fc.array(
    fc.record({
      what: fc.constantFrom('show', 'show', 'show', 'bring', 'bring', 'debt'),
      source: fc.nat(4),
      state: fc.constantFrom('open', 'effective', 'effective', 'void'),
      amount: fc.integer({ min: 1, max: 2000 }),
      step: fc.constantFrom('release', 'send', 'confirm', 'fail'),
      which: fc.nat(3),
    }),
    { minLength: 1, maxLength: 25, size: 'max' },
  );

  it('ends at what the payments are still worth, with books that are in order', () => {
    const property = fc.property(steps, fc.integer({ min: 1, max: 3000 }), (sequence, accrued) => {
      const books = new PaymentBooks(payments, BigInt(accrued));
      for (const { what, source, state, amount, step, which } of sequence) {
        const kept = books.family[which % books.family.length];
        if (what === 'bring' && kept) books.bring(kept, step);
        if (what === 'debt') books.payDebtBack(BigInt(amount));
        if (what === 'show')
          books.show(`s_${source}`, state as 'open', BigInt(amount), { invoiceId: payments[source % 2]?.invoiceId ?? '', kind: 'dispute' });
        books.reassess();
        const lost = books.bases().reduce(
          ([over, under], { baseMinor, paidMinor, givenBack }) => {
            const back = givenBack.filter((one) => one.state === 'effective').reduce((sum, one) => sum + one.amountMinor, 0n);
            const part = back < paidMinor ? back : paidMinor;
            return [over * paidMinor + baseMinor * part * under, under * paidMinor] as [bigint, bigint];
          },
          [0n, 1n] as [bigint, bigint],
        );
        const taken = (BigInt(accrued) * lost[0]) / (lost[1] * 5117n);
        expect(books.standing()).toBe(BigInt(accrued) - taken);
        expect(books.offence()).toBeNull();
        expect(books.referral.status === 'reversed').toBe(books.family.every(({ reward }) => reward.status === 'reversed'));
      }
    });
    fc.assert(property, { numRuns: 100 });
  });
});

describe('a debt that is written off', () => {
  const owes = { organizationId: 'org_1', currency: 'usd', owedMinor: 500n };

  it('is owed no more, and the tenant bears it', () => {
    const done = writeOff({ ...owes, amountMinor: null }, cause, testGiven());
    if (!done.ok) throw new Error(done.code);
    expect(done.value.changes.entries?.[0]?.postings).toEqual([
      { account: 'write_off', organization: null, currency: 'usd', amount_minor: '-500' },
      { account: 'receivable', organization: 'org_1', currency: 'usd', amount_minor: '500' },
    ]);
    expect(done.value.owedMinor).toBe(0n);
  });

  it.each([
    ['more than is owed', 501n, 500n, 'request.invalid'],
    ['what is not owed', null, 0n, 'state.forbidden'],
  ] as const)('is refused for %s', (_, amountMinor, owedMinor, code) => {
    expect(writeOff({ ...owes, owedMinor, amountMinor }, cause, testGiven())).toMatchObject({ ok: false, code });
  });
});
