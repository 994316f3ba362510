import { describe, expect, it } from 'vitest';
import type { Changes, Given } from '../../src/domain/decision.ts';
import type { EarningFacts } from '../../src/domain/earn-facts.ts';
import { type FiledReferral, judgeProspect, type ProspectFile } from '../../src/domain/judge-prospect.ts';
import { ProgramTerms } from '../../src/domain/program.ts';
import type { PaidInvoice } from '../../src/domain/qualification.ts';

const start = Date.parse('2026-03-01T00:00:00.000Z');
const at = (day: number) => new Date(start + day * 86_400_000);
const given = (now: Date): Given => {
  let made = 0;
  return {
    now,
    newId: (prefix) => `${prefix}_${String(++made).padStart(26, '0')}`,
    random: (bytes) => new Uint8Array(bytes),
    derive: () => new Uint8Array(32),
  };
};

const terms = ProgramTerms.parse({
  ...{ program_id: 'prg_00000000000000000000000001', version: 1, vendor: { id: 'v', name: 'V' }, slug: 's', name: 'N' },
  reward: {
    rules: [
      { id: 'bounty', side: 'referrer', model: 'flat', kind: 'external', amount_minor: 5_000, currency: 'usd' },
      {
        ...{ id: 'share', side: 'referrer', model: 'recurring_percent', kind: 'external', percent_bps: 1_000, periods: 3 },
        ...{ currency: null, cap_minor: null },
      },
    ],
    caps: [],
  },
  qualification: [{ id: 'paid', kind: 'invoice_paid', count: 1, min_amount_minor: null, currency: null }],
  ...{ hold_days: 14, referral_ttl_days: 60, exclusions: [], max_open_declared_per_organization: 5, disclosure: 'It pays.' },
  attribution: { model: 'last_touch', window_days: 30, grace_days: 4, declared_alone_qualifies: false },
  self_referral: { allow_resellers: false },
});
const program = {
  ...{ id: terms.program_id, version: 1, sha256: 'f'.repeat(64), url: 'https://v.example/terms', terms },
  ...{ referralTtlDays: 60, maxOpenDeclared: 5 },
};

const referral = (id: string, touchedOn: number, more: Partial<FiledReferral> = {}): FiledReferral => ({
  ...{ referralId: `ref_${id}`, organizationId: `org_${id}`, status: 'pending', seq: 1, evidenced: true, organizationDomain: null },
  ...{ terms, termsSha256: program.sha256, expiresAt: at(touchedOn + 60), evidence: [] },
  touches: [{ touchId: `tch_${id}`, at: at(touchedOn), evidenced: true, tokenId: null }],
  ...more,
});
const paid = (day: number, more: Partial<PaidInvoice> = {}): PaidInvoice => ({
  ...{ invoiceId: `in_${day}`, currency: 'usd', collectedMinor: 10_000n, paidMinor: 10_000n, givenBackMinor: 0n, paidAt: at(day) },
  ...more,
});

function judged(
  referrals: readonly FiledReferral[],
  payments: readonly PaidInvoice[],
  more: Omit<Partial<ProspectFile>, 'earning'> & { earning?: Partial<EarningFacts> } = {},
  now = at(50),
): Changes {
  const { earning, ...rest } = more;
  const file: ProspectFile = {
    ...{ tenant: 'ten_1', origin: 'https://v.example', prospectId: 'pro_1', isProspect: () => false, program, referrals, reports: [] },
    ...{ conduct: { reports: [], workspaces: [] }, credited: null },
    ...rest,
    earning: { capUse: [], payments, earned: [], refereeId: null, freeCustomer: null, own: [], linkable: [], ...earning },
  };
  return judgeProspect(file, given(now)).changes({});
}

const winners = ({ attributions = [] }: Changes) => attributions.map(({ referral_id }) => referral_id);
const earnedBy = ({ rewards = [] }: Changes) => rewards.map((each) => `${each.referral_id} ${each.rule} ${each.occasion}`);

describe('the time of the payment decides', () => {
  it.each<[string, FiledReferral[], string[]]>([
    ['a touch before it wins', [referral('a', 5)], ['ref_a']],
    ['a touch after it comes too late: the customer was paying already', [referral('a', 12)], []],
    [
      'of two touches before it the last wins, though another one came after it',
      [referral('a', 5), referral('b', 8), referral('c', 12)],
      ['ref_b'],
    ],
    ['a touch on the first day of the window counts', [referral('a', -20)], ['ref_a']],
    ['a touch before the window does not', [referral('a', -21)], []],
  ])('%s', (_, referrals, expected) => {
    expect(winners(judged(referrals, [paid(10)]))).toEqual(expected);
  });

  it('evidence that is linked within the days of grace still counts, later it does not', () => {
    const linked = (day: number) =>
      referral('a', 5, {
        touches: [{ touchId: 'tch_a', at: at(5), evidenced: false, tokenId: null }],
        evidence: [{ kind: 'checkout', source: 'evt_1', at: at(day) }],
      });
    expect(winners(judged([linked(14)], [paid(10)]))).toEqual(['ref_a']);
    expect(winners(judged([linked(15)], [paid(10)]))).toEqual([]);
  });

  it('a payment that is reported late counts from when it was made', () => {
    expect(judged([referral('a', 5)], [paid(10)], {}, at(90)).attributions).toMatchObject([{ trace: { judged_at: at(10).toISOString() } }]);
  });
});

describe('a company that is a customer already', () => {
  const existing = (day: number): Partial<ProspectFile> => ({
    reports: [
      {
        ...{ reportId: 'rep_1', type: 'customer.existing', occurredAt: at(day), referralId: 'ref_a' },
        ...{ token: null, visitedAt: null, stripeCustomer: null },
      },
    ],
  });
  const movesOf = ({ referral_moves = [] }: Changes) =>
    referral_moves.map(({ referral_id, to_state, because }) => `${referral_id} ${to_state} ${because}`).sort();

  it.each<[string, number, string[]]>([
    ['since before every referral: nobody is credited', 4, ['ref_a rejected existing_customer', 'ref_b rejected existing_customer']],
    [
      'since between two: the one that came first is credited',
      6,
      ['ref_a qualified last_evidenced_touch', 'ref_b rejected existing_customer'],
    ],
    [
      'since the very moment of a touch: that referral did not come later',
      8,
      ['ref_a rejected attribution.lost', 'ref_b qualified last_evidenced_touch'],
    ],
    [
      'since after both: they are judged as if nothing had been said',
      9,
      ['ref_a rejected attribution.lost', 'ref_b qualified last_evidenced_touch'],
    ],
  ])('%s', (_, since, expected) => {
    expect(movesOf(judged([referral('a', 5), referral('b', 8)], [paid(10)], existing(since)))).toEqual(expected);
  });

  it('counts for a referral by its first touch, not by a later one', () => {
    const touches = [5, 8].map((day) => ({ touchId: `tch_${day}`, at: at(day), evidenced: true, tokenId: null }));
    expect(winners(judged([referral('a', 8, { touches })], [paid(10)], existing(6)))).toEqual(['ref_a']);
  });

  it('waits for what time may still bring to the others, once one was rejected', () => {
    const changes = judged([referral('a', 5), referral('b', 8)], [], existing(6));
    expect(movesOf(changes)).toEqual(['ref_b rejected existing_customer']);
  });

  it('does not vouch for the referral that the report names', () => {
    const declared = referral('a', 5, { evidenced: false, touches: [{ touchId: 'tch_a', at: at(5), evidenced: false, tokenId: null }] });
    expect(judged([declared], [paid(10)], existing(9))).toEqual({});
  });
});

describe('who may be credited', () => {
  it('nobody for its own Stripe customer, unless the program allows resellers', () => {
    const own = { earning: { own: ['org_a'] } };
    expect(winners(judged([referral('a', 5)], [paid(10)], own))).toEqual([]);
    const resellers = { ...terms, self_referral: { allow_resellers: true } };
    expect(winners(judged([referral('a', 5, { terms: resellers })], [paid(10)], own))).toEqual(['ref_a']);
  });

  it('only the winner earns: rewards of several referrals do not add up', () => {
    const changes = judged([referral('a', 5), referral('b', 8)], [paid(10), paid(40)]);
    expect(earnedBy(changes)).toEqual(['ref_b bounty once', 'ref_b share in_10', 'ref_b share in_40']);
  });
});

describe('once somebody is credited', () => {
  const credited = { referralId: 'ref_a', from: at(10) };
  const winner = referral('a', 5, { status: 'rewarded' });
  const before = ['bounty once', 'share in_10'].map((each) => {
    const [rule = '', occasion = ''] = each.split(' ');
    return { side: 'referrer' as const, rule, occasion, currency: 'usd', valueMinor: 1_000n, isUnsent: false };
  });
  const facts = { earned: before };

  it('a later payment earns by the rules that share payments, and nothing is earned twice', () => {
    expect(earnedBy(judged([winner], [paid(10), paid(40)], { credited, earning: facts }))).toEqual(['ref_a share in_40']);
  });

  it('another referral of the same prospect earns nothing, whatever is paid', () => {
    const changes = judged([winner, referral('b', 30)], [paid(10)], { credited, earning: facts });
    expect([changes.referral_moves, changes.rewards]).toEqual([undefined, undefined]);
  });

  it('nothing more is earned once the referral is over', () => {
    expect(judged([], [paid(10), paid(40)], { credited, earning: facts })).toEqual({});
  });

  it('the referred side gets its payee as soon as it pays by a customer of its own', () => {
    const linked = { ...facts, refereeId: 'org_9', freeCustomer: 'cus_9' };
    expect(judged([winner], [paid(10)], { credited, earning: linked }).payees).toMatchObject([
      { organization_id: 'org_9', stripe_id: 'cus_9' },
    ]);
  });
});

describe('what evidence a report is', () => {
  it.each([
    ['checkout.completed', 'checkout'],
    ['metadata.linked', 'stripe_metadata'],
    ['workspace.claimed', 'workspace_claimed'],
    ['signup.completed', 'report'],
  ])('%s is %s', (type, kind) => {
    const report = { reportId: 'rep_1', type, occurredAt: at(6), referralId: 'ref_a', token: null, visitedAt: null, stripeCustomer: null };
    expect(judged([referral('a', 5)], [], { reports: [report] }).evidence).toMatchObject([{ kind, source: 'rep_1' }]);
  });
});
