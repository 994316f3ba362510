import { describe, expect, it } from 'vitest';
import { linkPayee, maskedId, obstructPayee, type PayeeFile } from '../../src/domain/payee.ts';

const given = { now: new Date('2026-03-01T00:00:00.000Z') };
const file: PayeeFile = { organizationId: 'org_1', tier: 'key_bound', kind: 'account', current: null, holder: null };
const current: PayeeFile['current'] = {
  ...({ stripeId: 'acct_1', source: 'onboarding', linkedBy: 'evt_1', linkedAt: '2026-02-01T00:00:00.000Z' } as const),
  ...{ frozenUntil: null, obstacle: 'account_not_ready' },
};
const wanted = { stripeId: 'acct_2', linkedBy: 'key_1' };

describe('a payee', () => {
  it.each([
    ['event', null],
    ['metadata', null],
    ['onboarding', '2026-03-08T00:00:00.000Z'],
  ] as const)('is linked first, but not changed, by %s; frozen until %s', (source, frozen_until) => {
    expect(linkPayee(file, { ...wanted, source }, given)).toMatchObject({ ok: true, value: { payees: [{ source, frozen_until }] } });
    expect(linkPayee({ ...file, current }, { ...wanted, source }, given)).toMatchObject({ ok: false, code: 'state.forbidden' });
  });

  it('is changed from what the decision saw, and frozen for seven days', () => {
    const changed = linkPayee({ ...file, tier: 'payout_bound', current }, { ...wanted, source: 'operator' }, given);
    expect(changed).toEqual({
      ok: true,
      value: { payees: [expect.objectContaining({ from_id: 'acct_1', stripe_id: 'acct_2', frozen_until: '2026-03-08T00:00:00.000Z' })] },
    });
  });

  it('keeps everything but its obstacle when that is over, and is left alone when nothing changed', () => {
    const freed = obstructPayee({ ...file, current }, null);
    expect(freed.payees).toEqual([
      {
        ...{ organization_id: 'org_1', kind: 'account', stripe_id: 'acct_1', from_id: 'acct_1', source: 'onboarding', linked_by: 'evt_1' },
        ...{ linked_at: '2026-02-01T00:00:00.000Z', frozen_until: null, obstacle: null },
      },
    ]);
    expect(obstructPayee({ ...file, current }, 'account_not_ready')).toEqual({});
  });

  it('is told to others by its last four characters', () => expect(maskedId('acct_1A2b3C4d5E6f7G')).toBe('acct_…6f7G'));
});
