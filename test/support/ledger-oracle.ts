/** What should become of referrals, rewards and balances, in memory and written anew: nothing here is shared with what it is held against. */

import { type Dispute, day, type Made, type Org, type Prospect, type Ref, type Rew, rules } from './ledger-model.ts';

const isOpen = ({ status }: Ref) => status === 'pending' || status === 'qualified' || status === 'rewarded';
const wasCustomerBefore = ({ reports }: Prospect, time: number) =>
  reports.some(({ type, at }) => type === 'customer.existing' && at < time);
const owes = ({ accrued, reversed }: Rew) => accrued - reversed;

export class Oracle {
  readonly prospects = new Map<string, Prospect>();
  readonly refs = new Map<string, Ref>();
  readonly rewards = new Map<string, Rew>();
  readonly disputes = new Map<string, Dispute>();
  /** Prospects about which something is to be judged. */
  readonly dirty = new Set<Prospect>();
  /** What stands on `organization account`. */
  readonly accounts = new Map<string, number>();
  private readonly capUse = new Map<string, number>();

  prospect(domain: string): Prospect {
    const known = this.prospects.get(domain) ?? { domain, refs: [], reports: [], credited: [] };
    this.prospects.set(domain, known);
    return known;
  }

  on(org: Org, account: string): number {
    return this.accounts.get(`${org.id} ${account}`) ?? 0;
  }

  openDeclared(org: Org): number {
    return [...this.refs.values()].filter((ref) => ref.org === org && ref.status === 'pending' && !ref.evidenced).length;
  }

  openRef(org: Org, prospect: Prospect): Ref | undefined {
    return prospect.refs.find((ref) => ref.org === org && isOpen(ref));
  }

  newRef(id: string, org: Org, prospect: Prospect, at: number, touch: { at: number; evidenced: boolean }): Ref {
    const links = new Map<string, number>();
    const times = { createdAt: at, expiresAt: at + rules.ttlDays * day };
    const ref: Ref = {
      ...{ id, org, prospect, status: 'pending', evidenced: touch.evidenced, touches: [touch], links, ...times },
      ...{ holds: new Set<string>(), rewards: [] },
    };
    prospect.refs.push(ref);
    this.refs.set(id, ref);
    return ref;
  }

  /** An agent's word, which evidence may come with. */
  touched(ref: Ref, at: number, redeemed: boolean): void {
    ref.touches.push({ at, evidenced: redeemed });
    if (redeemed && !ref.evidenced) this.redeemed(ref, at);
  }

  redeemed(ref: Ref, at: number): void {
    ref.evidenced = true;
    ref.links.set('redeemed', at);
    this.dirty.add(ref.prospect);
  }

  /** Judges what is dirty, as of now. */
  judge(now: number, made: Made): void {
    const wins: Ref[] = [];
    for (const prospect of this.dirty) {
      this.link(prospect, now, made);
      if (prospect.credited.length === 0) wins.push(...this.decide(prospect, made));
    }
    this.dirty.clear();
    this.earn(wins, now, made);
  }

  private link(prospect: Prospect, now: number, made: Made): void {
    for (const report of prospect.reports.toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))) {
      if (report.type === 'customer.existing') continue;
      let named = report.ref && isOpen(report.ref) ? report.ref : undefined;
      if (report.tokenOrg && !named) {
        named = this.openRef(report.tokenOrg, prospect);
        if (
          !named &&
          report.tokenOrg.domain !== prospect.domain &&
          prospect.credited.length === 0 &&
          !wasCustomerBefore(prospect, report.at)
        )
          named = this.newRef(made.referral(report.tokenOrg, prospect), report.tokenOrg, prospect, now, { at: report.at, evidenced: true });
      }
      if (!named) continue;
      named.links.set(`report ${report.id}`, report.at);
      named.evidenced = true;
    }
  }

  private decide(prospect: Prospect, made: Made): Ref[] {
    for (const ref of prospect.refs) {
      const firstTouch = Math.min(...ref.touches.map(({ at }) => at));
      if (ref.status === 'pending' && wasCustomerBefore(prospect, firstTouch)) ref.status = 'rejected';
    }
    const pending = prospect.refs.filter(({ status }) => status === 'pending');
    const paid = Math.min(...prospect.reports.filter(({ type }) => type === 'signup.completed').map(({ at }) => at));
    const best = pending
      .filter(({ expiresAt }) => expiresAt >= paid)
      .map((ref) => ({ ref, at: Math.max(...evidencedTouches(ref, paid)) }))
      .filter(({ at }) => Number.isFinite(at));
    if (!Number.isFinite(paid) || best.length === 0) return [];
    const last = Math.max(...best.map(({ at }) => at));
    const field = best.filter(({ at }) => at === last).map(({ ref }) => ref);
    const winner = field.length === 1 ? field[0] : field.find(({ id }) => id === made.winner(prospect));
    if (!winner) throw new Error(`somebody else than ${field.map(({ id }) => id).join(' or ')} was credited with ${prospect.domain}`);
    const losers = pending.filter((ref) => ref !== winner);
    winner.status = 'qualified';
    for (const loser of losers) loser.status = 'rejected';
    prospect.credited.push({ ref: winner, losers });
    return [winner];
  }

  /** What qualified at the same time shares what its cap leaves, in whatever order. */
  private earn(wins: readonly Ref[], now: number, made: Made): void {
    const month = new Date(now).toISOString().slice(0, 7);
    for (const org of new Set(wins.map((ref) => ref.org))) {
      const mine = wins.filter((ref) => ref.org === org);
      const cap = `${org.id} ${month}`;
      const used = this.capUse.get(cap) ?? 0;
      let [sum, most] = [0, 0];
      for (const ref of mine) {
        for (const { id, amount, availableAt } of made.rewards(ref)) {
          if (amount > rules.bounty || ref.rewards.length >= 2) throw new Error(`${ref.id} earns more than its terms say`);
          const money = { accrued: amount, reversed: 0, netted: 0, payable: 0, sent: 0 };
          const rew: Rew = { id, ref, status: 'accrued', ...money, availableAt, settled: [] };
          ref.rewards.push(rew);
          this.rewards.set(id, rew);
          this.move(org, { escrow: amount });
          sum += amount;
        }
        most += rules.bounty + rules.bonus;
      }
      const right = Math.min(most, rules.capMonth - used);
      if (sum !== right) throw new Error(`${org.domain} earns ${sum} instead of ${right} in ${month}`);
      this.capUse.set(cap, used + sum);
    }
  }

  private move(org: Org, by: Readonly<Record<string, number>>): void {
    for (const [account, amount] of Object.entries(by)) this.accounts.set(`${org.id} ${account}`, this.on(org, account) + amount);
  }

  private net(rew: Rew, most: number): number {
    const netted = Math.min(most, -this.on(rew.ref.org, 'receivable'));
    rew.netted += netted;
    return netted;
  }

  /** The schedule: what is due is released, then what failed is tried again; `but` what somebody holds at that moment. */
  release(now: number, but: ReadonlySet<Rew> = new Set()): number {
    const free = [...this.rewards.values()].filter((rew) => rew.ref.holds.size === 0 && rew.ref.org.verified && !but.has(rew));
    const due = free.filter(({ status, availableAt }) => status === 'accrued' && availableAt <= now);
    for (const rew of due.sort((a, b) => a.availableAt - b.availableAt || (a.id < b.id ? -1 : 1))) {
      const amount = owes(rew);
      const netted = this.net(rew, amount);
      rew.payable = amount - netted;
      this.move(rew.ref.org, { escrow: -amount, receivable: netted, payable: rew.payable });
      rew.status = rew.payable === 0 ? 'fulfilled' : 'available';
      if (rew.payable > 0) this.send(rew);
      this.followed(rew);
    }
    const again = free.filter((rew) => rew.status === 'available' && rew.payable > 0 && triedAgain(rew) <= now);
    for (const rew of again) this.send(rew);
    return due.length + again.length;
  }

  private send(rew: Rew): void {
    this.move(rew.ref.org, { payable: -rew.payable, clearing: rew.payable });
    rew.sent = rew.payable;
    rew.payable = 0;
    rew.status = 'fulfilling';
  }

  /** The vendor's word on a payment; whether it is taken. */
  confirm(rew: Rew, said: { outcome: 'paid' | 'failed'; reference: string; at: number }): boolean {
    if (rew.settled.some(({ outcome, reference }) => outcome === said.outcome && reference === said.reference)) return true;
    if (rew.status === 'available' && rew.payable > 0 && said.outcome === 'paid' && rew.ref.holds.size === 0) this.send(rew);
    if (rew.status !== 'fulfilling') return false;
    const { sent } = rew;
    rew.sent = 0;
    rew.settled.push(said);
    if (said.outcome === 'paid') {
      this.move(rew.ref.org, { clearing: -sent, payout_settled: sent });
      rew.status = owes(rew) === 0 ? 'reversed' : 'fulfilled';
    } else {
      const netted = this.net(rew, Math.max(0, sent - Math.max(0, owes(rew) - rew.netted)));
      rew.payable = sent - netted;
      this.move(rew.ref.org, { clearing: -sent, payable: rew.payable, receivable: netted });
      rew.status = 'available';
      this.ended(rew);
    }
    this.followed(rew);
    return true;
  }

  private ended(rew: Rew): void {
    if (rew.status === 'available' && rew.payable === 0) rew.status = owes(rew) === 0 ? 'reversed' : 'fulfilled';
  }

  /** Takes back up to `total` of a reward in all. */
  reduce(rew: Rew, total: number): void {
    const delta = total - rew.reversed;
    if (delta <= 0 || rew.status === 'reversed') return;
    const escrow = rew.status === 'accrued' ? delta : 0;
    const payable = rew.status === 'available' ? Math.min(delta, rew.payable) : 0;
    this.move(rew.ref.org, { escrow: -escrow, payable: -payable, receivable: -(delta - escrow - payable) });
    rew.reversed = total;
    rew.payable -= payable;
    if (owes(rew) === 0 && rew.payable === 0 && rew.status !== 'fulfilling') rew.status = 'reversed';
    else this.ended(rew);
  }

  reverse(rew: Rew, total: number): void {
    const before = rew.status;
    this.reduce(rew, total);
    if (rew.status !== before) this.followed(rew);
  }

  private followed({ status, ref }: Rew): void {
    if (status === 'fulfilled' && ref.status === 'qualified') ref.status = 'rewarded';
    const isOver = ref.rewards.every((each) => each.status === 'reversed');
    if (status === 'reversed' && isOver && (ref.status === 'qualified' || ref.status === 'rewarded')) ref.status = 'reversed';
  }

  /** Why a dispute would be refused, or null. */
  barred(org: Org, prospect: Prospect, own: Ref | null): 'resource.conflict' | 'state.forbidden' | 'quota.exhausted' | null {
    const winner = prospect.credited.at(-1)?.ref ?? null;
    const mine = [...this.disputes.values()].filter((each) => each.org === org && each.prospect === prospect);
    if (mine.some(({ status }) => status === 'open')) return 'resource.conflict';
    const isSettled = mine.some(({ status, contested }) => (status === 'denied' || status === 'withdrawn') && contested === winner);
    if (!org.verified || org.domain === prospect.domain || winner?.org === org || isSettled) return 'state.forbidden';
    if (own && own.status !== 'pending' && own.status !== 'rejected') return 'state.forbidden';
    return [...this.disputes.values()].filter((each) => each.org === org && each.status === 'open').length >= 20 ? 'quota.exhausted' : null;
  }

  dispute(what: Omit<Dispute, 'status' | 'contested'>): void {
    const contested = what.prospect.credited.at(-1)?.ref ?? null;
    this.disputes.set(what.id, { ...what, contested, status: 'open' });
    contested?.holds.add(what.id);
  }

  end(dispute: Dispute, status: 'upheld' | 'denied' | 'withdrawn'): void {
    dispute.status = status;
    for (const ref of dispute.prospect.refs) ref.holds.delete(dispute.id);
  }

  uphold(dispute: Dispute, now: number, made: Made): void {
    const { org, prospect } = dispute;
    const credited = prospect.credited.at(-1);
    if (credited?.ref.org !== org) {
      const claimant = this.claimant(dispute) ?? this.newRef(...this.opened(dispute, now, made));
      if (!credited && claimant.status === 'pending') {
        claimant.links.set(dispute.id, Math.max(...claimant.touches.map(({ at }) => at)));
        claimant.evidenced = true;
        this.dirty.add(prospect);
      } else this.transfer(credited?.ref, claimant, dispute, now, made);
    }
    this.end(dispute, 'upheld');
  }

  private opened({ org, prospect, touchedAt }: Dispute, now: number, made: Made): Parameters<Oracle['newRef']> {
    return [made.referral(org, prospect), org, prospect, now, { at: touchedAt, evidenced: true }];
  }

  private claimant({ org, prospect, claim }: Dispute): Ref | undefined {
    const pending = prospect.refs.find((ref) => ref.org === org && ref.status === 'pending');
    const lost = prospect.credited.flatMap(({ losers }) => losers).filter((ref) => ref.org === org);
    const again = [...(claim ? [claim] : []), ...lost.sort((a, b) => (a.id < b.id ? 1 : -1))];
    return pending ?? again.find(({ status, rewards }) => status === 'rejected' && rewards.length === 0);
  }

  private transfer(loser: Ref | undefined, winner: Ref, dispute: Dispute, now: number, made: Made): void {
    if (loser) {
      for (const rew of loser.rewards) this.reduce(rew, rew.accrued);
      if (loser.status === 'rewarded') loser.status = 'reversed';
      if (loser.status === 'qualified') loser.status = 'rejected';
    }
    winner.status = 'qualified';
    winner.prospect.credited.push({ ref: winner, losers: loser ? [loser] : [] });
    for (const other of this.disputes.values()) {
      if (other.prospect !== dispute.prospect || other.status !== 'open' || other === dispute) continue;
      for (const ref of dispute.prospect.refs) ref.holds.delete(other.id);
      winner.holds.add(other.id);
    }
    this.earn([winner], now, made);
  }

  /** What time alone ends. */
  expire(now: number): void {
    for (const ref of this.refs.values())
      if (ref.status === 'pending' && ref.expiresAt + rules.graceDays * day < now) ref.status = 'expired';
    for (const dispute of this.disputes.values()) if (dispute.status === 'open' && dispute.decideBy <= now) this.end(dispute, 'denied');
  }
}

function evidencedTouches({ touches, links }: Ref, paid: number): number[] {
  const [from, until] = [paid - rules.windowDays * day, paid + rules.graceDays * day];
  const isLinked = (at: number) => [...links.values()].some((link) => link >= at && link <= until);
  return touches.filter(({ at, evidenced }) => at >= from && at <= paid && (evidenced || isLinked(at))).map(({ at }) => at);
}

function triedAgain({ settled }: Rew): number {
  const hours = Math.min(24, 2 ** Math.min(5, settled.length - 1));
  return Math.max(0, ...settled.map(({ at }) => at)) + (settled.length > 0 ? hours * 3_600_000 : 0);
}
