/** Random commands about one prospect, decided by the domain alone and applied to books that refuse what the database refuses. */
import fc from 'fast-check';
import type { PresentedToken } from '../../src/domain/attribution.ts';
import { type Dispute, denyDispute, lapseDispute, openDispute, withdrawDispute } from '../../src/domain/dispute.ts';
import type { EarningFacts } from '../../src/domain/earn-facts.ts';
import { type FiledReferral, type FiledReport, judgeProspect } from '../../src/domain/judge-prospect.ts';
import { holdByPerson, releaseByPerson } from '../../src/domain/person-hold.ts';
import { credit } from '../../src/domain/referral.ts';
import { stepReferral } from '../../src/domain/referral-step.ts';
import type { RewardFile } from '../../src/domain/reward-file.ts';
import { confirmExternal, releaseOrSend, reverse } from '../../src/domain/settle-reward.ts';
import { upholdDispute } from '../../src/domain/uphold-dispute.ts';
import {
  type BookedDispute,
  type BookedReferral,
  type BookedReward,
  day,
  hour,
  JudgementBooks,
  orgs,
  program,
  terms,
} from './judgement-books.ts';

const tenant = 'ten_1';
const prospectId = 'pro_1';
const cause = { tenant, actor: 'agt_1', because: 'test' };
const types = ['signup.completed', 'signup.completed', 'product.activated', 'customer.existing'] as const;

const commandNames = [
  ...['record', 'record', 'redeem', 'report', 'report', 'judge', 'judge', 'expire', 'clock', 'release', 'release', 'confirm', 'confirm'],
  ...['reverse', 'hold', 'unhold', 'open', 'open', 'uphold', 'uphold', 'deny', 'withdraw', 'lapse'],
] as const;

interface Command {
  readonly name: (typeof commandNames)[number];
  readonly org: number;
  readonly which: number;
  readonly amount: number;
  readonly flag: boolean;
}

/** A prospect with its books; each command does what is asked if it can be asked now. */
export class Play {
  readonly books = new JudgementBooks();
  readonly reports: FiledReport[] = [];

  do({ name, org, which, amount, flag }: Command): void {
    this.books.now += hour;
    const organization = orgs[org % orgs.length] ?? orgs[0];
    const acts: Readonly<Record<(typeof commandNames)[number], () => void>> = {
      record: () => this.record(organization, false),
      redeem: () => this.record(organization, true),
      report: () => this.report(organization, which, amount, flag),
      judge: () => this.judge(),
      clock: () => this.pass(Math.floor(amount / 4) * day),
      expire: () => this.expire(),
      release: () => this.settle('release', which, amount, flag),
      confirm: () => this.settle('confirm', which, amount, flag),
      reverse: () => this.settle('reverse', which, amount, flag),
      hold: () => this.hold(which),
      unhold: () => this.release(which),
      open: () => this.openDispute(organization, which),
      ...{ uphold: () => this.dispute('uphold', which), deny: () => this.dispute('deny', which) },
      ...{ withdraw: () => this.dispute('withdraw', which), lapse: () => this.dispute('lapse', which) },
    };
    acts[name]();
  }

  private pass(ms: number): void {
    this.books.now += ms;
  }

  private open(org: string): BookedReferral | undefined {
    return [...this.books.referrals.values()].find(
      (each) => each.org === org && ['pending', 'qualified', 'rewarded'].includes(each.status),
    );
  }

  private record(org: string, redeemed: boolean): void {
    const { books } = this;
    const known = this.open(org);
    const times = known && { created_at: known.createdAt.toISOString(), expires_at: known.expiresAt.toISOString() };
    const bound = { program_id: program.id, version: 1, sha256: program.sha256, url: program.url };
    const made = credit(
      {
        ...{ tenant, origin: 'https://beacon.test', program, prospectId, workspaceId: null, via: 'record', particulars: {} },
        attribution: { outcome: 'attributed', rule: 'caller', organizationId: org, agentId: null, token: redeemed ? tokenOf(org) : null },
        existing:
          known && times
            ? {
                summary: { id: known.id, status: known.status, organization_id: org, ...times, terms: bound },
                evidenced: known.evidenced,
                state: known.status,
              }
            : null,
        redeemed: redeemed ? tokenOf(org).tokenId : null,
      },
      books.given,
    );
    books.commit(made.changes('a receipt'));
  }

  private report(org: string, which: number, daysAgo: number, byToken: boolean): void {
    const named = nth([...this.books.referrals.keys()], which);
    const occurredAt = new Date(this.books.now - (daysAgo % 40) * day);
    const reportId = `rep_${this.reports.length}`;
    const type = types[which === 30 ? 3 : which % 3] ?? '';
    const token = byToken || named === undefined ? tokenOf(org) : null;
    this.reports.push({
      reportId,
      type,
      occurredAt,
      referralId: byToken ? null : (named ?? null),
      token,
      visitedAt: null,
      stripeCustomer: null,
    });
  }

  private judge(): void {
    const { books } = this;
    const filed = [...books.referrals.values()].filter(({ status }) => ['pending', 'qualified', 'rewarded'].includes(status));
    const verdict = judgeProspect(
      {
        ...{ tenant, origin: 'https://beacon.test', prospectId, isProspect: () => false, program },
        ...{ referrals: filed.map(filedOf), reports: this.reports, conduct: { reports: this.reports, workspaces: [] } },
        ...{ credited: this.credited(), earning: this.earning() },
      },
      books.given,
    );
    books.commit(verdict.changes(Object.fromEntries(Object.keys(verdict.sign).map((slot) => [slot, 'a receipt']))));
  }

  private credited() {
    const newest = this.books.attributions.at(-1);
    return newest ? { referralId: newest.referral_id, from: new Date(newest.decided_at) } : null;
  }

  private earning(): EarningFacts {
    const names = ['rewards.organization.usd.ever', 'referrals.qualified'];
    const capUse = orgs.flatMap((subject) =>
      names.flatMap((name) => {
        const value = this.books.counters.get(`${name} ${subject}`);
        return value === undefined ? [] : [{ name, subject, value: BigInt(value) }];
      }),
    );
    return { capUse, payments: [], earned: [], refereeId: null, freeCustomer: null, own: [], linkable: [] };
  }

  private expire(): void {
    const { books } = this;
    for (const referral of books.referrals.values()) {
      if (referral.status !== 'pending' || referral.expiresAt.getTime() + terms.attribution.grace_days * day >= books.now) continue;
      books.commit(stepReferral(filedOf(referral), 'expired', cause, books.given).changes);
    }
  }

  private settle(name: 'release' | 'confirm' | 'reverse', which: number, amount: number, flag: boolean): void {
    const { books } = this;
    const booked = nth([...books.rewards.values()], which);
    if (!booked) return;
    const file = this.rewardFile(booked);
    const reference = `bank_${amount % 3}`;
    const released = name === 'release' ? releaseOrSend(file, cause, books.given) : null;
    if (released) books.commit(released.changes);
    if (name === 'release') return;
    const settled =
      name === 'confirm'
        ? confirmExternal(file, { outcome: flag ? 'paid' : 'failed', reference }, cause, books.given)
        : reverse(file, { totalMinor: flag ? null : BigInt((amount % 20) + 1), source: null }, cause, books.given);
    if (settled.ok) books.commit(settled.value.changes);
  }

  private rewardFile(booked: BookedReward): RewardFile {
    const { books } = this;
    const { row } = booked;
    const attempts = books.fulfilments.filter(({ reward_id }) => reward_id === row.reward_id);
    const sent = attempts.find(({ status }) => status === 'sent');
    const siblings = [...books.rewards.values()].filter((each) => each.row.referral_id === row.referral_id && each !== booked);
    return {
      ...{ reward: books.reward(booked), side: row.side, availableAt: new Date(row.available_at), tier: 'domain_verified' },
      isDomainDisputed: false,
      ...{
        holds: books.holdsOf(row.referral_id).map(({ kind }) => kind),
        payee: null,
        obstacle: null,
        details: {},
        invoiceIds: [],
        rule: row.rule,
        owedMinor: -books.on(row.organization_id, 'receivable'),
      },
      sent: sent ? { fulfilmentId: sent.fulfilment_id, amountMinor: BigInt(sent.amount_minor) } : null,
      settled: attempts.flatMap(({ status, reference, at }) =>
        status === 'sent'
          ? []
          : [{ outcome: status === 'confirmed' ? ('paid' as const) : ('failed' as const), reference, at: new Date(at) }],
      ),
      referral: filedOf(books.referral(row.referral_id)),
      siblings: siblings.map((each) => ({
        ...{ rewardId: each.row.reward_id, status: each.status, reversedMinor: each.reversed, changedAt: each.changedAt },
      })),
    };
  }

  private hold(which: number): void {
    const { books } = this;
    const referral = nth([...books.referrals.values()], which);
    if (!referral) return;
    const open = books.holdsOf(referral.id).map(({ hold_id, kind, cause: by }) => ({ holdId: hold_id, kind, cause: by }));
    const of = { referralId: referral.id, organizationId: referral.org, open };
    const held = holdByPerson(tenant, of, { kind: 'risk', reason: 'manual_check', actor: 'a person' }, books.given);
    if (held.ok) books.commit(held.value.changes);
  }

  private release(which: number): void {
    const { books } = this;
    const hold = nth([...books.holds.values()], which);
    if (!hold) return;
    const { hold_id, referral_id, organization_id, kind } = hold;
    const of = { holdId: hold_id, referralId: referral_id, organizationId: organization_id, kind, cause: hold.cause, closed: false };
    const released = releaseByPerson(tenant, of, { because: 'cleared', actor: 'a person' }, books.given);
    if (released.ok) books.commit(released.value);
  }

  private dispute(name: 'uphold' | 'deny' | 'withdraw' | 'lapse', which: number): void {
    const { books } = this;
    const booked = nth([...books.disputes.values()], which);
    if (!booked) return;
    const dispute = this.read(booked);
    const ruling = { tenant, actor: 'a person', reason: 'evidence_shown' };
    if (name === 'lapse') books.commit(lapseDispute(tenant, dispute, books.given));
    if (name === 'uphold' && dispute.status === 'open') this.uphold(dispute);
    if (name === 'lapse' || name === 'uphold') return;
    const ended = name === 'deny' ? denyDispute(dispute, ruling, books.given) : withdrawDispute(dispute, ruling, books.given);
    if (ended.ok) books.commit(ended.value);
  }

  private openDispute(org: string, which: number): void {
    const { books } = this;
    const mine = [...books.referrals.values()].filter((each) => each.org === org);
    const own = nth(mine, which);
    const winner = books.attributions.at(-1);
    const earlier = [...books.disputes.values()].filter(
      ({ row, status }) =>
        row.organization_id === org &&
        (status === 'open' || (status !== 'upheld' && row.contested_referral_id === (winner?.referral_id ?? null))),
    );
    const open = earlier.find(({ status }) => status === 'open') ?? earlier.at(-1);
    const status = open?.status === 'upheld' ? undefined : open?.status;
    const opened = openDispute(
      {
        ...{ tenant, organizationId: org, agentId: null, actor: 'agt_1', tier: 'domain_verified', programId: program.id, prospectId },
        ...{ isProspect: false, own: own ? { referralId: own.id, status: own.status } : null },
        winner: winner ? { referralId: winner.referral_id, organizationId: winner.organization_id } : null,
        earlier: open && status ? { disputeId: open.row.dispute_id, status } : null,
        basis: {
          by: own ? 'referral' : 'referral_token',
          id: own?.id ?? 'rtk_1',
          touched_at: (own?.createdAt ?? books.given.now).toISOString(),
        },
        text: { claim: 'It was us.', evidence_url: null },
      },
      books.given,
    );
    if (opened.ok) books.commit(opened.value.changes);
  }

  private read({ row, status }: BookedDispute): Dispute {
    const holds = [...this.books.holds.values()].filter(({ cause: by }) => by === row.dispute_id);
    return {
      ...{ disputeId: row.dispute_id, organizationId: row.organization_id, agentId: null, programId: program.id, prospectId, status },
      ...{ claimReferralId: row.claim_referral_id, openedAt: new Date(row.opened_at), decideBy: new Date(row.decide_by), evidenceIds: [] },
      holds: holds.map(({ hold_id, referral_id, organization_id }) => ({
        ...{ holdId: hold_id, referralId: referral_id, organizationId: organization_id },
      })),
    };
  }

  private uphold(dispute: Dispute): void {
    const { books } = this;
    const newest = books.attributions.at(-1);
    const own = [...books.referrals.values()].filter(({ org }) => org === dispute.organizationId).toReversed();
    const earned = (id: string) => [...books.rewards.values()].filter(({ row }) => row.referral_id === id);
    const others = [...books.disputes.values()].filter(({ row, status }) => status === 'open' && row.dispute_id !== dispute.disputeId);
    const upheld = upholdDispute(
      {
        ...{ tenant, origin: 'https://beacon.test', dispute, program, earning: this.earning() },
        basis: { by: 'referral_token', id: 'rtk_1', touched_at: dispute.openedAt.toISOString() },
        credited: newest
          ? {
              ...{ seq: newest.seq, referral: filedOf(books.referral(newest.referral_id)), from: new Date(newest.decided_at) },
              rewards: earned(newest.referral_id).map((each) => books.reward(each)),
            }
          : null,
        own: own.map((each) => ({
          ...filedOf(each),
          ...{ earned: earned(each.id).length > 0, touchedAt: each.touches.at(-1)?.at ?? each.createdAt },
        })),
        others: others.map((each) => ({ disputeId: each.row.dispute_id, holds: this.read(each).holds })),
      },
      { tenant, actor: 'a person', reason: 'evidence_shown' },
      books.given,
    );
    books.commit(upheld.changes(Object.fromEntries(Object.keys(upheld.sign).map((slot) => [slot, 'a receipt']))));
  }
}

const tokenOf = (organizationId: string): PresentedToken => ({
  ...{
    tokenId: `rtk_${organizationId}`,
    organizationId,
    organizationDomain: null,
    agentId: null,
    campaign: null,
    presentedAs: 'referral_token',
  },
});

function filedOf({ id, org, status, seq, evidenced, expiresAt, touches, evidence }: BookedReferral): FiledReferral {
  const known = {
    referralId: id,
    organizationId: org,
    status,
    seq,
    evidenced,
    organizationDomain: null,
    terms,
    termsSha256: program.sha256,
  };
  return { ...known, expiresAt, touches: [...touches], evidence: [...evidence] };
}

const nth = <T>(from: readonly T[], which: number): T | undefined => from[which % Math.max(1, from.length)];

const commands = fc.array(
  fc.record({
    name: fc.constantFrom(...commandNames),
    ...{ org: fc.nat(2), which: fc.nat(30), amount: fc.nat(60), flag: fc.boolean() },
  }),
  { minLength: 1, maxLength: 160, size: 'max' },
);

/** Runs random sequences; rejects with the seed and the shortest sequence after which something is refused or out of order. */
export function soakJudgement(runs: number, seed: number): { readonly runs: number; readonly commands: number; readonly decided: number } {
  let [taken, decided] = [0, 0];
  const property = fc.property(commands, (sequence) => {
    const play = new Play();
    for (const command of sequence) play.do(command);
    taken += sequence.length;
    decided += play.books.attributions.length;
  });
  const outcome = fc.check(property, { seed, numRuns: runs });
  if (outcome.failed) {
    const shortest = outcome.counterexample?.[0].map(({ name, org, which, amount, flag }) => `${name} ${org} ${which} ${amount} ${flag}`);
    throw new Error(`judgement, seed ${seed}: ${String(outcome.errorInstance)} after\n${shortest?.join('\n')}`);
  }
  return { runs, commands: taken, decided };
}
