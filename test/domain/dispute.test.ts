import { describe, expect, it } from 'vitest';
import { type Changes, together } from '../../src/domain/decision.ts';
import {
  addDisputeEvidence,
  type Claim,
  type Dispute,
  denyDispute,
  lapseDispute,
  mostEvidence,
  openDispute,
  withdrawDispute,
} from '../../src/domain/dispute.ts';
import { blind } from '../../src/domain/ledger.ts';
import type { ProgramTerms } from '../../src/domain/program.ts';
import type { Reward } from '../../src/domain/reward.ts';
import { type ClaimantReferral, type DisputeFile, upholdDispute } from '../../src/domain/uphold-dispute.ts';
import { testGiven } from '../support/reward-books.ts';

const given = testGiven();
const day = 86_400_000;
const later = (days: number) => testGiven(new Date(given.now.getTime() + days * day));
const tenant = 'ten_1';

const claim = (more: Partial<Claim> = {}): Claim => ({
  ...{
    tenant,
    organizationId: 'org_b',
    agentId: 'agt_b',
    actor: 'agt_b',
    tier: 'domain_verified',
    programId: 'prg_1',
    prospectId: 'pro_1',
  },
  ...{ isProspect: false, own: { referralId: 'ref_b', status: 'rejected' }, winner: { referralId: 'ref_a', organizationId: 'org_a' } },
  ...{ earlier: null, basis: { by: 'referral', id: 'ref_b', touched_at: given.now.toISOString() } },
  text: { claim: 'It was us.', evidence_url: null },
  ...more,
});

const dispute = (more: Partial<Dispute> = {}): Dispute => ({
  ...{ disputeId: 'dsp_1', organizationId: 'org_b', agentId: 'agt_b', programId: 'prg_1', prospectId: 'pro_1', claimReferralId: 'ref_b' },
  ...{ status: 'open', openedAt: given.now, decideBy: new Date(given.now.getTime() + 14 * day), evidenceIds: ['dev_1'] },
  holds: [{ holdId: 'hld_1', referralId: 'ref_a', organizationId: 'org_a' }],
  ...more,
});

const rule = { id: 'flat', side: 'referrer', model: 'flat', kind: 'external', amount_minor: 5000, currency: 'usd' };
/** What earning and opening look at. */
const terms = {
  program_id: 'prg_1',
  version: 1,
  hold_days: 14,
  qualification: [],
  reward: { rules: [rule], caps: [] },
} as unknown as ProgramTerms;
const own = (more: Partial<ClaimantReferral> = {}): ClaimantReferral => ({
  ...{ referralId: 'ref_b', organizationId: 'org_b', status: 'rejected', seq: 2, evidenced: false, earned: false },
  ...{ terms, termsSha256: 'f'.repeat(64), touchedAt: given.now },
  ...more,
});
const reward = (more: Partial<Reward> = {}): Reward => ({
  ...{ rewardId: 'rwd_1', referralId: 'ref_a', organizationId: 'org_a', kind: 'external', currency: 'usd', status: 'accrued', seq: 1 },
  ...{ accruedMinor: 5000n, reversedMinor: 0n, nettedMinor: 0n, payableMinor: 0n },
  ...more,
});
const credited = (status: 'qualified' | 'rewarded' | 'reversed', ...rewards: Reward[]): DisputeFile['credited'] => ({
  ...{ seq: 1, rewards, from: given.now },
  referral: { referralId: 'ref_a', organizationId: 'org_a', status, seq: 2, evidenced: true },
});
const file = (more: Partial<DisputeFile> = {}): DisputeFile => ({
  ...{ tenant, origin: 'https://vendor.example', dispute: dispute(), basis: null, others: [], own: [own()] },
  earning: { capUse: [], payments: [], earned: [], refereeId: null, freeCustomer: null, own: [], linkable: [] },
  program: { id: 'prg_1', version: 1, sha256: 'f'.repeat(64), url: 'u', referralTtlDays: 180, maxOpenDeclared: 1000, terms },
  credited: credited('qualified', reward()),
  ...more,
});
const ruling = { tenant, actor: 'agt_staff', reason: 'evidence_shown' };
const uphold = (what: DisputeFile): Changes => upholdDispute(what, ruling, given).changes({ ref_new: 'signed' });
const movesOf = ({ referral_moves = [] }: Changes) =>
  referral_moves.map(({ referral_id, from_state, to_state, dispute_id }) => [referral_id, from_state, to_state, dispute_id]);
const eventsOf = ({ ledger_events = [] }: Changes, organization: string) =>
  ledger_events.filter((event) => event.organization_id === organization);

describe('opening', () => {
  it('holds the winner’s referral in our own name, and tells it nothing of the claimant', () => {
    const opened = openDispute(claim(), given);
    const changes = opened.ok ? opened.value.changes : {};
    expect(changes.holds).toMatchObject([
      { referral_id: 'ref_a', organization_id: 'org_a', kind: 'dispute', opened_by: 'system:disputes' },
    ]);
    expect(JSON.stringify([changes.holds, eventsOf(changes, 'org_a')])).not.toMatch(/org_b|ref_b|agt_b|It was us/);
    expect(JSON.stringify(eventsOf(changes, 'org_b'))).not.toMatch(/org_a|ref_a/);
  });

  it('holds nobody while nobody is credited', () => {
    const opened = openDispute(claim({ winner: null }), given);
    expect(opened).toMatchObject({ ok: true, value: { changes: { disputes: [{ contested_referral_id: null }] } } });
    expect(opened.ok && opened.value.changes.holds).toBeUndefined();
  });

  it('is decided within fourteen days', () => {
    const opened = openDispute(claim(), given);
    expect(opened.ok && Date.parse(opened.value.decideBy) - given.now.getTime()).toBe(14 * day);
  });

  it('keeps the words beside the ledger, which holds their blinded hash', () => {
    const opened = openDispute(claim(), given);
    const { dispute_evidence = [], ledger_events = [] } = opened.ok ? opened.value.changes : {};
    const content = dispute_evidence[0]?.content as { salt: string; text: object };
    expect(ledger_events.find(({ kind }) => kind === 'dispute.opened')?.body).toContain(`"blinded":"${blind(content.salt, content.text)}"`);
  });

  it.each([
    ['a tier below domain_verified', { tier: 'key_bound' }, 'state.forbidden'],
    ['the prospect itself', { isProspect: true }, 'state.forbidden'],
    ['the winner', { winner: { referralId: 'ref_x', organizationId: 'org_b' } }, 'state.forbidden'],
    ['a referral that expired', { own: { referralId: 'ref_b', status: 'expired' } }, 'state.forbidden'],
    ['a referral that was reversed', { own: { referralId: 'ref_b', status: 'reversed' } }, 'state.forbidden'],
    ['whoever has one open', { earlier: { disputeId: 'dsp_0', status: 'open' } }, 'resource.conflict'],
    ['whoever lost about the same decision', { earlier: { disputeId: 'dsp_0', status: 'denied' } }, 'state.forbidden'],
    ['whoever took it back', { earlier: { disputeId: 'dsp_0', status: 'withdrawn' } }, 'state.forbidden'],
  ] as const)('is refused to %s', (_, more, code) => {
    expect(openDispute(claim(more), given)).toMatchObject({ ok: false, code });
  });
});

describe('evidence', () => {
  const by = { organizationId: 'org_a', referralId: 'ref_a', actor: 'agt_a', count: 0 };
  const text = { claim: 'We called first.', evidence_url: null };

  it('stands on the timeline of whoever handed it in', () => {
    const added = addDisputeEvidence(tenant, dispute(), by, text, given);
    expect(added).toMatchObject({ ok: true, value: { changes: { ledger_events: [{ organization_id: 'org_a', referral_id: 'ref_a' }] } } });
    expect(JSON.stringify(added.ok && added.value.changes.ledger_events)).not.toContain('called');
  });

  it('has an end, in number and in time', () => {
    expect(addDisputeEvidence(tenant, dispute(), { ...by, count: mostEvidence }, text, given)).toMatchObject({ code: 'state.forbidden' });
    expect(addDisputeEvidence(tenant, dispute({ status: 'denied' }), by, text, given)).toMatchObject({ code: 'state.forbidden' });
  });
});

describe('ending without a move', () => {
  const ends = {
    denied: (what: Dispute) => denyDispute(what, ruling, given),
    withdrawn: (what: Dispute) => withdrawDispute(what, ruling, given),
  };

  it.each(['denied', 'withdrawn'] as const)('%s: the hold is closed, nothing else changes, both parties are told', (outcome) => {
    const ended = ends[outcome](dispute());
    const changes = ended.ok ? ended.value : {};
    expect(Object.keys(changes).toSorted()).toEqual(['closed_holds', 'counters', 'decided_disputes', 'ledger_events']);
    expect(changes.decided_disputes).toMatchObject([
      { status: outcome, trace: { outcome, evidence: ['dev_1'], moved: { from: null, to: null } } },
    ]);
    expect(changes.ledger_events?.map(({ kind, organization_id }) => [kind, organization_id])).toEqual([
      ['hold.closed', 'org_a'],
      ['dispute.resolved', 'org_b'],
      ['dispute.resolved', 'org_a'],
    ]);
    expect(JSON.stringify(eventsOf(changes, 'org_a'))).not.toMatch(/org_b|ref_b/);
  });

  it.each(['denied', 'withdrawn'] as const)('%s: not twice', (outcome) => {
    expect(ends[outcome](dispute({ status: 'upheld' }))).toMatchObject({ code: 'state.forbidden' });
  });

  it('lapses once its time is over, not a moment before', () => {
    expect(lapseDispute(tenant, dispute(), later(13.999))).toEqual({});
    expect(lapseDispute(tenant, dispute(), later(14)).decided_disputes).toMatchObject([
      { status: 'denied', because: 'time_limit', decided_by: 'system:disputes' },
    ]);
    expect(lapseDispute(tenant, dispute({ status: 'upheld' }), later(14))).toEqual({});
  });
});

describe('upholding', () => {
  it('moves winner and claimant by the dispute, and the attribution to the next number', () => {
    const changes = uphold(file());
    expect(movesOf(changes)).toEqual([
      ['ref_a', 'qualified', 'rejected', 'dsp_1'],
      ['ref_b', 'rejected', 'qualified', 'dsp_1'],
    ]);
    expect(changes.attributions).toMatchObject([{ seq: 2, referral_id: 'ref_b', rule: 'dispute', dispute_id: 'dsp_1' }]);
    expect(changes.reductions).toMatchObject([{ reward_id: 'rwd_1', reversed_minor: '5000' }]);
    expect(changes.rewards).toMatchObject([{ referral_id: 'ref_b', organization_id: 'org_b', amount_minor: '5000' }]);
    expect(changes.entries?.find(({ reward_id }) => reward_id === 'rwd_1')).toMatchObject({ source: 'dsp_1', cumulative_minor: '5000' });
  });

  it('a winner that was rewarded already is reversed; one that is over stays as it is', () => {
    expect(movesOf(uphold(file({ credited: credited('rewarded') })))[0]).toEqual(['ref_a', 'rewarded', 'reversed', 'dsp_1']);
    expect(movesOf(uphold(file({ credited: credited('reversed') }))).map(([id]) => id)).toEqual(['ref_b']);
  });

  it.each([
    ['accrued', {}, { escrow: '-5000' }],
    ['available', { payableMinor: 5000n }, { payable: '-5000' }],
    [
      'available, part of it netted',
      { status: 'available', payableMinor: 2000n, nettedMinor: 3000n },
      { payable: '-2000', receivable: '-3000' },
    ],
    ['fulfilling', {}, { receivable: '-5000' }],
    ['fulfilled', {}, { receivable: '-5000' }],
  ] as const)('takes a reward that is %s back from where it stands, the rest is owed', (status, more, from) => {
    const stands = { status: status.split(',')[0] as Reward['status'], ...more };
    const changes = uphold(file({ credited: credited('qualified', reward(stands)) }));
    const postings = changes.entries?.find(({ reward_id }) => reward_id === 'rwd_1')?.postings ?? [];
    expect(Object.fromEntries(postings.map(({ account, amount_minor }) => [account, amount_minor]))).toEqual({ ...from, expense: '5000' });
  });

  it.each(['expired', 'reversed'] as const)('leaves a reward alone that is %s', (status) => {
    expect(uphold(file({ credited: credited('qualified', reward({ status })) })).reductions).toBeUndefined();
  });

  it('prefers the claimant’s pending referral, which frees its place in the cap of declared ones', () => {
    const changes = uphold(file({ own: [own({ referralId: 'ref_p', status: 'pending', seq: 1 }), own()] }));
    expect(movesOf(changes)[1]).toEqual(['ref_p', 'pending', 'qualified', 'dsp_1']);
    expect(changes.counters).toContainEqual({ name: 'referrals.open_declared', subject: 'org_b', by: -1, limit: 0 });
  });

  it.each([
    ['has none', []],
    ['had one that expired', [own({ status: 'expired' })]],
    ['had one that has earned before', [own({ earned: true })]],
  ] as const)('opens a signed referral for a claimant that %s', (_, referrals) => {
    const touched_at = '2026-02-01T00:00:00.000Z';
    const upheld = upholdDispute(file({ own: referrals, basis: { by: 'workspace', id: 'ws_1', touched_at } }), ruling, given);
    const [slot = ''] = Object.keys(upheld.sign);
    const changes = upheld.changes({ [slot]: 'signed' });
    expect(changes.referrals).toMatchObject([{ referral_id: slot, organization_id: 'org_b', receipt: 'signed' }]);
    expect(changes.touches).toMatchObject([{ kind: 'evidenced', workspace_id: 'ws_1', created_at: touched_at }]);
    expect(movesOf(changes)[1]).toEqual([slot, 'pending', 'qualified', 'dsp_1']);
    expect(changes.decided_disputes).toMatchObject([{ trace: { moved: { to: { referral: slot, opened: true } } } }]);
  });

  it('while nobody is credited: evidence as of the touch, judged again, nothing qualified by hand', () => {
    const touchedAt = new Date('2026-02-01T00:00:00Z');
    const changes = uphold(file({ credited: null, own: [own({ status: 'pending', seq: 1, touchedAt })] }));
    expect(changes.evidence).toMatchObject([{ kind: 'report', source: 'dsp_1', occurred_at: touchedAt.toISOString() }]);
    expect(changes.effects).toMatchObject([{ kind: 'prospect.judge', aggregate: 'prospect:pro_1', payload: { prospect_id: 'pro_1' } }]);
    expect([changes.referral_moves, changes.attributions, changes.rewards]).toEqual([undefined, undefined, undefined]);
  });

  it('while nobody is credited, a referral that was rejected is credited by the decision itself', () => {
    const changes = uphold(file({ credited: null }));
    expect(movesOf(changes)).toEqual([['ref_b', 'rejected', 'qualified', 'dsp_1']]);
    expect(changes.attributions).toMatchObject([{ seq: 1, dispute_id: 'dsp_1' }]);
  });

  it('moves nothing when the claimant was credited meanwhile', () => {
    const changes = uphold(file({ credited: { seq: 1, rewards: [], referral: own({ status: 'qualified' }), from: given.now } }));
    expect(changes.decided_disputes).toMatchObject([{ status: 'upheld' }]);
    expect(changes.referral_moves).toBeUndefined();
  });

  it('turns other open claims against the new winner, without naming anybody', () => {
    const others = [{ disputeId: 'dsp_2', holds: [{ holdId: 'hld_2', referralId: 'ref_a', organizationId: 'org_a' }] }];
    const changes = uphold(file({ others }));
    expect(changes.closed_holds?.map(({ hold_id }) => hold_id)).toEqual(['hld_2', 'hld_1']);
    expect(changes.holds).toMatchObject([{ referral_id: 'ref_b', kind: 'dispute', cause: 'dsp_2' }]);
  });

  it('keeps each party’s ids out of what the other one’s ledger says', () => {
    const changes = together(uphold(file()));
    expect(JSON.stringify(eventsOf(changes, 'org_a'))).not.toMatch(/org_b|ref_b/);
    expect(JSON.stringify(eventsOf(changes, 'org_b'))).not.toMatch(/org_a|ref_a|rwd_1"/);
  });
});
