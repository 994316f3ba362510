/** Dead letters of what is done at the payment provider: which are tried again, and how the others are told. */
import { describe, expect, it } from 'vitest';
import { type GivenUp, leftDead, neverPasses, revivedNow } from '../../src/domain/given-up.ts';

const hour = 3_600_000;
const now = new Date('2026-11-20T12:00:00Z');
const ago = (hours: number): Date => new Date(now.getTime() - hours * hour);
const dead = (over: Partial<GivenUp> = {}): GivenUp => ({
  ...{ effectId: 'eff_1', kind: 'stripe.event', organizationId: null, error: 'stripe_api_error', status: 500 },
  ...{ createdAt: ago(60), diedAt: ago(25), fulfilmentId: null, takingBack: null },
  ...over,
});

describe('tried again', () => {
  it('is what died of something passing more than a day ago', () => {
    expect([25, 23].map((hours) => revivedNow([dead({ diedAt: ago(hours) })], now).length)).toEqual([1, 0]);
  });

  it('is at once what waited for a key', () => {
    const waited = [dead({ status: 401, diedAt: now }), dead({ error: 'stripe_not_connected', status: null, diedAt: now })];
    expect(revivedNow(waited, now)).toEqual(waited);
  });

  it('is nothing that would end the same way', () => {
    expect(
      revivedNow(
        neverPasses.map((error) => dead({ error })),
        now,
      ),
    ).toEqual([]);
  });

  it('are at most two hundred at once', () => {
    expect(
      revivedNow(
        Array.from({ length: 300 }, () => dead()),
        now,
      ),
    ).toHaveLength(200);
  });
});

describe('told', () => {
  it('is by kind, with the number and the age of the oldest, what no other finding names', () => {
    const named = dead({ kind: 'stripe.transfer.create', fulfilmentId: 'ful_1' });
    const left = [dead(), dead({ createdAt: ago(100) }), dead({ kind: 'rewards.inject' }), named];
    expect(leftDead(left, new Set(['ful_1']), now)).toEqual([
      { what: 'effect_given_up', effect: 'stripe.event', count: 2, age_s: 100 * 3600 },
      { what: 'effect_given_up', effect: 'rewards.inject', count: 1, age_s: 60 * 3600 },
    ]);
  });

  it('is by its reward what is being taken back for more than a day', () => {
    const takingBack = { rewardId: 'rwd_1', currency: 'usd', amountMinor: '5000' };
    const debit = dead({ kind: 'stripe.balance.debit', organizationId: 'org_1', takingBack });
    expect(leftDead([debit, { ...debit, createdAt: ago(23) }], new Set(), now)).toEqual([
      {
        ...{ what: 'take_back_without_outcome', reward: 'rwd_1', organization: 'org_1', currency: 'usd', amount_minor: '5000' },
        age_s: 60 * 3600,
      },
      { what: 'effect_given_up', effect: 'stripe.balance.debit', count: 1, age_s: 23 * 3600 },
    ]);
  });

  it('are at most fifty rewards', () => {
    const takingBack = { rewardId: 'rwd_1', currency: 'usd', amountMinor: '5000' };
    const told = leftDead(
      Array.from({ length: 70 }, () => dead({ takingBack })),
      new Set(),
      now,
    );
    expect(told.map(({ what }) => what).filter((what) => what === 'take_back_without_outcome')).toHaveLength(50);
    expect(told.at(-1)).toMatchObject({ what: 'effect_given_up', count: 20 });
  });
});
