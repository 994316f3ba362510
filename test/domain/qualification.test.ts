import { describe, expect, it } from 'vitest';
import type { ProgramTerms } from '../../src/domain/program.ts';
import {
  allSince,
  type Conduct,
  decidedAt,
  type PaidInvoice,
  qualifyingPayments,
  rewardsMode,
  standings,
} from '../../src/domain/qualification.ts';

type Condition = ProgramTerms['qualification'][number];

const start = Date.parse('2026-03-01T00:00:00.000Z');
const at = (day: number) => new Date(start + day * 86_400_000);
const now = at(100);
const paid = (day: number, collected: number, currency = 'usd', more: Partial<PaidInvoice> = {}): PaidInvoice => ({
  ...{ invoiceId: `in_${day}`, currency, collectedMinor: BigInt(collected), paidMinor: BigInt(collected), givenBackMinor: 0n },
  paidAt: at(day),
  ...more,
});
const invoices = (count: number, min: number | null = null, currency: string | null = null): Condition => ({
  ...{ id: `paid-${count}-${currency}`, kind: 'invoice_paid', count, min_amount_minor: min, currency },
});
const conduct = (payments: readonly PaidInvoice[], more: Partial<Conduct> = {}): Conduct => ({
  reports: [],
  workspaces: [],
  payments,
  ...more,
});
const standing = (qualification: Condition[], payments: readonly PaidInvoice[], more: Partial<Conduct> = {}) =>
  standings({ qualification }, conduct(payments, more), now);
const since = (condition: Condition, payments: readonly PaidInvoice[]) => standing([condition], payments)[0]?.since ?? null;

describe('invoices are paid', () => {
  it.each<[string, Condition, readonly PaidInvoice[], number | null]>([
    ['nothing was paid', invoices(1), [], null],
    ['once, when the first was paid', invoices(1), [paid(3, 100), paid(1, 100)], 1],
    ['three times, when the third was paid', invoices(3), [paid(1, 100), paid(2, 100), paid(7, 100), paid(9, 100)], 7],
    ['too few times', invoices(3), [paid(1, 100), paid(2, 100)], null],
    ['nothing but balance and credits', invoices(1), [paid(1, 0)], null],
    ['less than the least amount', invoices(1, 9_900, 'usd'), [paid(1, 9_899)], null],
    ['the least amount itself', invoices(1, 9_900, 'usd'), [paid(1, 9_899), paid(4, 9_900)], 4],
    ['enough with tax, too little without', invoices(1, 9_900, 'usd'), [paid(1, 9_000, 'usd', { paidMinor: 10_710n })], null],
    ['in another currency', invoices(1, 9_900, 'usd'), [paid(1, 20_000, 'eur')], null],
    ['in any currency', invoices(1), [paid(1, 1, 'jpy')], 1],
    ['given back whole', invoices(1), [paid(1, 100, 'usd', { givenBackMinor: 100n })], null],
    ['given back in part', invoices(1), [paid(1, 100, 'usd', { givenBackMinor: 99n })], 1],
    ['given back whole, then paid again', invoices(1), [paid(1, 100, 'usd', { givenBackMinor: 100n }), paid(5, 100)], 5],
    ['several times, but never often enough in one currency', invoices(2), [paid(1, 100, 'usd'), paid(2, 100, 'eur')], null],
    ['often enough in one currency of two', invoices(2), [paid(1, 100, 'usd'), paid(2, 100, 'eur'), paid(4, 100, 'eur')], 4],
  ])('%s', (_, condition, payments, day) => {
    expect(since(condition, payments)).toEqual(day === null ? null : at(day));
  });

  it('the payments that count are the first so many that are large enough, in one currency', () => {
    const payments = [paid(1, 50), paid(2, 9_900, 'eur'), paid(3, 100), paid(4, 9_900, 'eur'), paid(5, 100)];
    const counted = (conditions: Condition[]) =>
      qualifyingPayments({ qualification: conditions }, payments).map(({ invoiceId }) => invoiceId);
    expect(counted([invoices(2)])).toEqual(['in_1', 'in_3']);
    expect(counted([invoices(2, 9_900, 'eur'), invoices(1)])).toEqual(['in_2', 'in_4']);
    expect(counted([{ id: 'claimed', kind: 'workspace_claimed' }])).toEqual([]);
  });
});

describe('when all conditions hold', () => {
  const claimed: Condition = { id: 'claimed', kind: 'workspace_claimed' };
  const reported = (claimedAt: Date | null) => ({
    reports: claimedAt === null ? [] : [{ type: 'workspace.claimed', occurredAt: claimedAt }],
  });

  it('a workspace counts as claimed from the moment that the vendor took the human in', () => {
    expect(allSince(standing([claimed], [], reported(at(9))))).toEqual(at(9));
    expect(allSince(standing([claimed], [], reported(null)))).toBeNull();
  });

  it('touches are judged at the time of the payment, though another condition came true later', () => {
    const both = standing([invoices(1), claimed], [paid(2, 100)], reported(at(20)));
    expect([allSince(both), decidedAt(both)]).toEqual([at(20), at(2)]);
  });

  it('touches are judged when all conditions hold, where payment is none of them', () => {
    expect(decidedAt(standing([claimed], [paid(2, 100)], reported(at(20))))).toEqual(at(20));
  });

  it('nothing is judged while a condition is missing, whatever was paid', () => {
    expect(decidedAt(standing([invoices(1), claimed], [paid(2, 100)], reported(null)))).toBeNull();
  });
});

describe('what a program’s rewards really come to', () => {
  type Terms = Pick<ProgramTerms, 'qualification' | 'reward'>;
  const flat = { id: 'flat', side: 'referrer', model: 'flat', kind: 'external', amount_minor: 1, currency: 'usd' } as const;
  const share = { ...flat, model: 'percent', percent_bps: 100, currency: null, cap_minor: null } as const;
  const event: Condition = { id: 'signed', kind: 'event_received', event_type: 'signup.completed', count: 1 };
  const terms = (condition: Condition, ...rules: Terms['reward']['rules']): Terms => ({
    qualification: [condition],
    reward: { rules, caps: [] },
  });

  it.each<[string, Terms, boolean, string]>([
    ['payments are needed and nobody reports them', terms(invoices(1), flat), false, 'disabled'],
    ['payments are needed and a provider reports them', terms(invoices(1), flat), true, 'live'],
    ['the vendor pays by itself, by its own reports', terms(event, flat), false, 'live'],
    ['credit needs a provider', terms(event, { ...flat, kind: 'stripe_balance_credit' }), false, 'escrow'],
    ['credit with a provider', terms(event, { ...flat, kind: 'stripe_balance_credit' }), true, 'live'],
    ['shares of payments that nobody reports', terms(event, share), false, 'disabled'],
    ['some of the rules need payments', terms(event, flat, share), false, 'escrow'],
  ])('%s: %s', (_, what, provider, mode) => {
    expect(rewardsMode(what, { provider })).toBe(mode);
  });
});
