import { describe, expect, it } from 'vitest';
import { release, settledAccount } from '../../src/domain/reward.ts';
import { heldReason, requirements, shownStatus } from '../../src/domain/reward-status.ts';
import { confirmExternal, releaseOrSend, reverse, triedAgainAt } from '../../src/domain/settle-reward.ts';
import { Books, cause, testGiven } from '../support/reward-books.ts';

/** A reward brought along by commands; amounts of `reduce` are cumulative. */
function broughtTo(amountMinor: bigint, ...names: readonly (Parameters<Books['command']>[1] | readonly ['reduce', bigint])[]) {
  const books = new Books();
  books.add(amountMinor);
  const shelf = books.shelves[0];
  if (!shelf) throw new Error('no shelf');
  for (const name of names) {
    if (typeof name === 'string') books.command(shelf, name, 0n);
    else books.command(shelf, name[0], name[1]);
  }
  return { books, shelf };
}

describe('the flows of money', () => {
  it('accrued: expense → escrow', () => {
    const { books } = broughtTo(100n);
    expect([books.on('expense'), books.on('escrow')]).toEqual([-100n, 100n]);
  });

  it('released, sent, confirmed: escrow → payable → clearing → settled, and the state goes along', () => {
    expect(broughtTo(100n, 'release').books.on('payable')).toBe(100n);
    expect(broughtTo(100n, 'release', 'send').books.on('clearing')).toBe(100n);
    const { books, shelf } = broughtTo(100n, 'release', 'send', 'confirm');
    expect([books.on('payout_settled'), books.on('clearing'), shelf.reward.status]).toEqual([100n, 0n, 'fulfilled']);
  });

  it('a payment that failed is payable again', () => {
    const { books, shelf } = broughtTo(100n, 'release', 'send', 'fail');
    expect([books.on('payable'), shelf.reward.status]).toEqual([100n, 'available']);
  });

  it.each([
    ['in escrow', [], 'escrow'],
    ['payable', ['release'], 'payable'],
  ] as const)('reduced %s: taken from where it stands, and owed by nobody', (_, way, account) => {
    const { books, shelf } = broughtTo(100n, ...way, ['reduce', 30n]);
    expect([books.on(account), books.on('expense'), books.owed(), shelf.reward.reversedMinor]).toEqual([70n, -70n, 0n, 30n]);
  });

  it('reduced after it was paid: a debt, as large as what was taken back', () => {
    const { books, shelf } = broughtTo(100n, 'release', 'send', 'confirm', ['reduce', 30n]);
    expect([books.owed(), books.on('payout_settled'), shelf.reward.status]).toEqual([30n, 100n, 'fulfilled']);
  });

  it('reduces by what is new of a cumulative amount: the same amount again takes nothing', () => {
    const { books } = broughtTo(100n, ['reduce', 30n], ['reduce', 30n], ['reduce', 50n]);
    expect(books.on('escrow')).toBe(50n);
  });

  it('taken back whole while on its way: the outcome decides, then it is reversed and nothing is owed twice', () => {
    const paid = broughtTo(100n, 'release', 'send', ['reduce', 100n], 'confirm');
    expect([paid.shelf.reward.status, paid.books.owed()]).toEqual(['reversed', 100n]);
    const failed = broughtTo(100n, 'release', 'send', ['reduce', 100n], 'fail');
    expect([failed.shelf.reward.status, failed.books.owed(), failed.books.on('payable')]).toEqual(['reversed', 0n, 0n]);
  });

  it('what is owed is netted from the next reward, which is fulfilled without a payment when nothing is left of it', () => {
    const { books } = broughtTo(100n, 'release', 'send', 'confirm', ['reduce', 60n]);
    books.add(50n);
    books.add(50n);
    const [, second, third] = books.shelves;
    if (!second || !third) throw new Error('no shelves');
    books.command(second, 'release', 0n);
    expect([second.reward.status, second.reward.nettedMinor, books.owed()]).toEqual(['fulfilled', 50n, 10n]);
    books.command(third, 'release', 0n);
    expect([third.reward.status, third.reward.payableMinor, books.owed()]).toEqual(['available', 40n, 0n]);
  });

  it('a debt that another reward paid back meanwhile is not paid back again when the payment fails', () => {
    const { books, shelf } = broughtTo(100n, 'release', 'send', ['reduce', 30n]);
    books.add(30n);
    const [, second] = books.shelves;
    if (!second) throw new Error('no shelf');
    books.command(second, 'release', 0n);
    expect(books.owed()).toBe(0n);
    books.command(shelf, 'fail', 0n);
    expect([shelf.reward.payableMinor, books.on('receivable'), books.offence()]).toEqual([100n, 0n, null]);
    books.command(shelf, 'reduce', 100n);
    expect([shelf.reward.status, shelf.reward.payableMinor, books.offence()]).toEqual(['available', 30n, null]);
  });

  it('expired: to breakage, from wherever it stands', () => {
    expect(broughtTo(100n, 'expire').books.on('breakage')).toBe(100n);
    expect(broughtTo(100n, 'release', 'expire').books.on('breakage')).toBe(100n);
  });

  it.each([
    ['external', 'payout_settled'],
    ['stripe_transfer', 'payout_settled'],
    ['stripe_balance_credit', 'credit_settled'],
    ['stripe_credit_grant', 'credit_settled'],
  ])('%s settles on %s', (kind, account) => expect(settledAccount(kind)).toBe(account));
});

describe('what callers see', () => {
  const now = new Date('2026-03-01T00:00:00Z');
  const known = { availableAt: now, holds: [], referral: 'qualified', isDomainDisputed: false, payee: 'none', obstacle: null } as const;
  const base = { ...known, status: 'accrued', kind: 'external', tier: 'domain_verified' } as const;
  const credit = { ...base, kind: 'stripe_balance_credit', tier: 'payout_bound', payee: { frozenUntil: null, obstacle: null } } as const;
  const later = new Date(now.getTime() + 1);

  it.each([
    ['its hold period', { ...base, availableAt: later }, 'hold_period'],
    ['an organization that cannot be paid', { ...base, tier: 'key_bound' as const }, 'organization_not_payable'],
    ['time before what its organization lacks', { ...base, availableAt: later, tier: 'key_bound' as const }, 'hold_period'],
    ['an open hold before anything else', { ...base, availableAt: later, holds: ['review', 'risk'] as const }, 'risk'],
    ['a hold that came after the release', { ...base, status: 'available' as const, holds: ['dispute'] as const }, 'dispute'],
    ['a domain that somebody else proved as well', { ...base, isDomainDisputed: true }, 'domain_disputed'],
    ['such a domain after the release', { ...credit, status: 'available' as const, isDomainDisputed: true }, 'domain_disputed'],
    ['a customer that is not linked', { ...credit, payee: 'none' as const }, 'no_payee'],
    ['a customer that was changed', { ...credit, payee: { frozenUntil: later, obstacle: null } }, 'organization_frozen'],
    ['a customer that is gone', { ...credit, payee: { frozenUntil: null, obstacle: 'customer_deleted' as const } }, 'customer_deleted'],
    [
      'a bill in another currency',
      { ...credit, status: 'available' as const, obstacle: 'customer_currency_differs' as const },
      'customer_currency_differs',
    ],
    ['a referral that is rejected', { ...credit, referral: 'rejected' as const }, 'referral_not_qualified'],
    ['nothing, while it waits for a bill', { ...credit, status: 'available' as const }, null],
    ['nothing', { ...base, status: 'available' as const }, null],
    ['nothing, once it is being sent', { ...base, status: 'fulfilling' as const, holds: ['dispute'] as const }, null],
  ])('is held by %s', (_, standing, reason) => {
    expect(heldReason(standing, now)).toBe(reason);
    expect(shownStatus(standing) === 'held').toBe(reason !== null);
  });

  it.each([
    ['external', 'key_bound', ['domain_verified']],
    ['external', 'domain_verified', []],
    ['stripe_balance_credit', 'domain_verified', ['payout_bound']],
    ['stripe_transfer', 'payout_bound', []],
    ['stripe_transfer', null, ['payout_bound']],
  ] as const)('%s asks of an organization that is %s: %j', (kind, tier, needed) =>
    expect(requirements({ status: 'accrued', kind, tier })).toEqual(needed),
  );
});

describe('the schedule', () => {
  const file = (kind: string, more: object = {}) => {
    const books = new Books();
    return {
      ...{ reward: books.add(100n, kind), side: 'referrer' as const, availableAt: books.given.now, tier: 'payout_bound' as const },
      isDomainDisputed: false,
      ...{ holds: [], owedMinor: 0n, sent: null, settled: [], siblings: [], obstacle: null, details: {}, invoiceIds: [], rule: 'flat' },
      payee: { stripeId: 'cus_1', frozenUntil: null, obstacle: null },
      referral: { referralId: 'ref_1', organizationId: 'org_1', status: 'qualified' as const, seq: 2, evidenced: true },
      ...more,
    };
  };

  it('releases and sends what the vendor pays itself, in one decision', () => {
    const done = releaseOrSend(file('external'), cause, testGiven());
    expect(done?.changes.entries?.map(({ kind }) => kind)).toEqual(['reward.available', 'reward.sent']);
    expect(done?.reward.status).toBe('fulfilling');
  });

  it('releases credit on a bill, and lets it wait for one', () => {
    expect(releaseOrSend(file('stripe_balance_credit'), cause, testGiven())?.reward.status).toBe('available');
  });

  it('releases what a payment provider pays out, and sends it at once with everything frozen', () => {
    const done = releaseOrSend(file('stripe_transfer'), cause, testGiven());
    expect(done?.reward.status).toBe('fulfilling');
    expect(done?.changes.fulfilments).toMatchObject([{ attempt: 1, target: 'cus_1', amount_minor: '100' }]);
    const payload = { target: 'cus_1', amount_minor: '100', currency: 'usd', referral_id: 'ref_1' };
    expect(done?.changes.effects).toMatchObject([{ kind: 'stripe.transfer.create', aggregate: 'stripe:cus_1', payload }]);
  });

  it.each([
    ['while a hold is open', { holds: ['risk' as const] }, false],
    ['while the domain of its organization is disputed', { isDomainDisputed: true }, false],
    ['otherwise', {}, true],
  ])('takes a word of a payment that was never sent: %s', (_, more, isTaken) => {
    const books = new Books();
    const { reward } = release(books.add(100n, 'external'), 0n, cause, books.given);
    const said = { outcome: 'paid', reference: 'bank-1' } as const;
    expect(confirmExternal({ ...file('external'), reward, ...more }, said, cause, testGiven()).ok).toBe(isTaken);
  });

  it.each([
    ['a hold is open', { holds: ['risk'] }],
    [
      'its referral is rejected',
      { referral: { referralId: 'ref_1', organizationId: 'org_1', status: 'rejected', seq: 3, evidenced: true } },
    ],
    ['its organization cannot be paid', { tier: 'key_bound' }],
    ['the domain of its organization is disputed', { isDomainDisputed: true }],
    ['its hold period is not over', { availableAt: new Date('2027-01-01T00:00:00Z') }],
  ])('leaves it alone while %s', (_, more) => expect(releaseOrSend(file('external', more), cause, testGiven())).toBeNull());

  it('steps the referral to rewarded when a debt takes the whole of its first reward', () => {
    const done = releaseOrSend(file('external', { owedMinor: 100n }), cause, testGiven());
    expect(done?.reward.status).toBe('fulfilled');
    expect(done?.changes.referral_moves).toMatchObject([{ from_state: 'qualified', to_state: 'rewarded' }]);
  });

  it.each([
    [1, 1],
    [2, 2],
    [3, 4],
    [9, 24],
  ])('asks again after attempt %i in %i hours', (attempts, hours) => {
    const at = new Date('2026-03-01T00:00:00Z');
    const settled = Array.from({ length: attempts }, () => ({ outcome: 'failed' as const, reference: 'r', at }));
    expect(triedAgainAt({ settled }).getTime() - at.getTime()).toBe(hours * 3_600_000);
  });

  it('the last reward that is reversed takes its referral along; an earlier one makes sure that the others stay', () => {
    const sibling = { rewardId: 'rwd_2', status: 'accrued' as const, reversedMinor: 0n, changedAt: '2026-01-01T00:00:00.000Z' };
    const whole = { totalMinor: null, source: null };
    const first = reverse(file('external', { siblings: [sibling] }), whole, cause, testGiven());
    expect(first.ok && first.value.changes.referral_moves).toBeUndefined();
    expect(first.ok && first.value.changes.reductions).toMatchObject([{}, { reward_id: 'rwd_2', reversed_minor: '0' }]);
    const last = reverse(file('external', { siblings: [{ ...sibling, status: 'reversed' as const }] }), whole, cause, testGiven());
    expect(last.ok && last.value.changes.referral_moves).toMatchObject([{ to_state: 'reversed' }]);
  });
});
