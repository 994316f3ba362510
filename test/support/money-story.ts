/** One organization in a run: a customer of the vendor with bills, and customers that it brought, who pay, are refunded and dispute. */
import Stripe from 'stripe';
import { type Changes, type Given, together } from '../../src/domain/decision.ts';
import { ledgerEvent } from '../../src/domain/ledger.ts';
import { bindingOf, credit } from '../../src/domain/referral.ts';
import { stepReferral } from '../../src/domain/referral-step.ts';
import { accrue } from '../../src/domain/reward.ts';
import type { Desk } from '../../src/operations/desk.ts';
import { randomOf } from './ledger-scene.ts';
import type { MoneyWorld } from './money-world.ts';
import { draftInvoice, paidInvoice } from './stripe-billing.ts';

/** What a brought customer paid, and what became of it at Stripe, as whoever did it remembers. Amounts in cents. */
export interface Brought {
  readonly customer: string;
  readonly invoiceId: string;
  readonly paid: number;
  readonly charge: string;
  readonly refunds: { readonly id: string; readonly amount: number; failed: boolean }[];
  dispute: { readonly id: string; readonly amount: number; state: 'open' | 'won' | 'lost' } | null;
}

export interface EarnedReward {
  readonly rewardId: string;
  readonly currency: string;
  readonly accruedMinor: number;
  readonly by: Brought;
}

const faultKinds = [
  ...['timeout_after', 'timeout_after', 'timeout_before', 'error_500', 'error_500_stored', 'error_500_stored_unapplied'],
  ...['rate_limit', 'conflict'],
] as const;

export class Story {
  readonly brought: Brought[] = [];
  readonly rewards: EarnedReward[] = [];
  readonly bills: string[] = [];
  readonly log: string[] = [];
  organizationId = '';
  customer = '';
  isDeleted = false;
  private readonly random: () => number;

  constructor(
    private readonly world: MoneyWorld,
    readonly seed: number,
    /** Hold periods, of which each reward has one. */
    private readonly holdHours: readonly number[] = [0, 0, 2, 30],
  ) {
    this.random = randomOf(seed);
  }

  int(below: number): number {
    return Math.floor(this.random() * below);
  }
  chance(part: number): boolean {
    return this.random() < part;
  }
  pick<T>(from: readonly T[]): T {
    const one = from[this.int(from.length)];
    if (one === undefined) throw new Error('there is nothing to choose from');
    return one;
  }

  /** What happened at Stripe before the run: a customer of the organization's own, and one to three that paid. */
  async begin(): Promise<void> {
    const { stripe } = this.world;
    this.customer = (await stripe.customers.create({})).id;
    for (let left = 1 + this.int(3); left > 0; left--) {
      const { id: customer } = await stripe.customers.create({});
      const invoice = await paidInvoice(this.world, { customer, amount: 1000 + this.int(9000) });
      const { data } = await stripe.charges.list({ customer });
      const charge = data[0]?.id ?? '';
      this.brought.push({ customer, invoiceId: invoice.id, paid: invoice.amount_paid, charge, refunds: [], dispute: null });
    }
  }

  /** The organization as the ledger knows it when the run begins: payable, with one or two rewards in escrow for each who paid. */
  written(desk: Desk, given: Given): Changes {
    const created_at = given.now.toISOString();
    this.organizationId = given.newId('org');
    const domain = `org-${this.organizationId.slice(-12)}.example`;
    const link = { source: 'operator' as const, linked_by: 'test', linked_at: created_at, frozen_until: null, obstacle: null };
    return together(
      {
        organizations: [{ organization_id: this.organizationId, name: domain, domain, tier: 'payout_bound', created_at }],
        payees: [{ organization_id: this.organizationId, kind: 'customer', stripe_id: this.customer, ...link }],
        due: [{ kind: 'qualify', at: created_at }],
      },
      ...this.brought.map((one) => this.earned(one, desk, given)),
    );
  }

  private earned(by: Brought, { tenant, origin, program: { id, version, sha256, url } }: Desk, given: Given): Changes {
    const { organizationId } = this;
    const prospectId = given.newId('prs');
    const at = given.now.toISOString();
    const binding = bindingOf({ id, version, sha256, url }, { referral_ttl_days: 90, max_open_declared_per_organization: 500 });
    const credited = credit(
      {
        ...{ tenant, origin, program: binding, prospectId, existing: null, workspaceId: null, via: 'report', particulars: {} },
        attribution: { outcome: 'attributed', rule: 'report', organizationId, agentId: null, token: null },
        evidencedAt: given.now,
      },
      given,
    );
    const referralId = credited.referral.id;
    const trace = { winner: { referral: referralId }, losers: [] };
    const decided = ledgerEvent(given, tenant, {
      ...{ kind: 'attribution.decided', subjectId: referralId, organizationId, referralId, facts: { prospect: prospectId } },
    });
    const attribution = {
      ...{ program_id: id, prospect_id: prospectId, seq: 1, referral_id: referralId, organization_id: organizationId, rule: 'test', trace },
      ...{ dispute_id: null, entry_id: decided.event_id, decided_at: decided.recorded_at },
    };
    const referral = { referralId, organizationId, status: 'pending', seq: 1, evidenced: true } as const;
    const fingerprint = Array.from(given.random(32), (byte) => byte.toString(16).padStart(2, '0')).join('');
    const paid = String(by.paid);
    return together(
      { prospects: [{ prospect_id: prospectId, fingerprint, created_at: at }] },
      credited.changes('test'),
      { ledger_events: [decided], attributions: [attribution] },
      stepReferral(referral, 'qualified', { tenant, actor: 'test', because: 'test' }, given).changes,
      {
        payments: [
          {
            ...{ invoice_id: by.invoiceId, stripe_customer: by.customer, currency: 'usd', collected_minor: paid, paid_minor: paid },
            ...{ status: 'paid', out_of_band: false, subscription: null, paid_at: at, seen_at: at },
          },
        ],
      },
      ...Array.from({ length: 1 + this.int(2) }, (_, n) => {
        const currency = this.chance(0.06) ? 'eur' : 'usd';
        const accruedMinor = 1 + this.int(6000);
        const waits = this.pick(this.holdHours) * 3_600_000;
        const { reward, changes } = accrue(
          {
            ...{ tenant, referralId, organizationId, side: 'referrer', rule: `rule-${n}`, occasion: by.invoiceId, currency },
            ...{ kind: 'stripe_balance_credit', amountMinor: BigInt(accruedMinor), program: { id, version, sha256 } },
            ...{ bases: [{ invoiceId: by.invoiceId, baseMinor: BigInt(by.paid) }], availableAt: new Date(given.now.getTime() + waits) },
          },
          given,
        );
        this.rewards.push({ rewardId: reward.rewardId, currency, accruedMinor, by });
        return changes;
      }),
    );
  }

  /** The vendor, a payer or a bank does something; or nobody anything. */
  async act(): Promise<void> {
    const acts = [
      ...Array.from({ length: 5 }, () => () => this.bill(this.chance(0.08) ? 'eur' : 'usd')),
      ...Array.from({ length: 3 }, () => () => this.refund()),
      ...[() => this.finalize(), () => this.failRefund(), () => this.dispute(), () => this.dispute(), () => this.delete()],
    ];
    await this.pick(acts)();
  }

  /** A draft for the organization's own customer, which becomes an invoice by itself after an hour, or when somebody says so. */
  async bill(currency = 'usd', autoAdvance = this.chance(0.6)): Promise<void> {
    if (this.isDeleted) return;
    const { id } = await draftInvoice(this.world, { customer: this.customer, amount: 100 + this.int(8000), currency, autoAdvance });
    this.bills.push(id);
    this.note(`bill ${id} ${currency} ${autoAdvance}`);
  }

  private async finalize(): Promise<void> {
    const { stripe } = this.world;
    if (this.bills.length === 0) return;
    const id = this.pick(this.bills);
    const way = this.pick(['finalize', 'finalize', 'pay', 'void', 'delete']);
    this.note(`${way} ${id}`);
    await refusable(async () => {
      if (way === 'finalize') await stripe.invoices.finalizeInvoice(id, { auto_advance: true });
      if (way === 'pay') await stripe.invoices.pay(id);
      if (way === 'void') await stripe.invoices.voidInvoice(id);
      if (way === 'delete') await stripe.invoices.del(id);
    });
  }

  private async refund(): Promise<void> {
    const one = this.pick(this.brought);
    const amount = this.chance(0.35) ? undefined : 1 + this.int(one.paid);
    await refusable(async () => {
      const made = await this.world.stripe.refunds.create({ charge: one.charge, ...(amount === undefined ? {} : { amount }) });
      one.refunds.push({ id: made.id, amount: made.amount, failed: false });
      this.note(`refund ${made.amount} of ${one.paid} ${one.invoiceId}`);
    });
  }

  private async failRefund(): Promise<void> {
    const refund = this.brought.flatMap(({ refunds }) => refunds).find(({ failed }) => !failed);
    if (refund === undefined) return;
    this.world.simulator().failRefund(refund.id);
    refund.failed = true;
    this.note(`refund failed ${refund.id}`);
  }

  private async dispute(): Promise<void> {
    const one = this.pick(this.brought);
    const simulator = this.world.simulator();
    if (one.dispute === null) {
      const left = one.paid - returned(one);
      if (left === 0) return;
      one.dispute = { id: simulator.openDispute(one.charge, { amount: left }), amount: left, state: 'open' };
    } else if (one.dispute.state === 'open') {
      one.dispute.state = this.chance(0.5) ? 'won' : 'lost';
      if (one.dispute.state === 'won') simulator.winDispute(one.dispute.id);
      else simulator.loseDispute(one.dispute.id);
    }
    this.note(`dispute ${one.dispute.state} ${one.invoiceId}`);
  }

  private async delete(): Promise<void> {
    if (this.isDeleted || !this.chance(0.3)) return;
    await this.world.stripe.customers.del(this.customer);
    this.isDeleted = true;
    this.note('customer deleted');
  }

  /** What the next questions about this customer's balance meet. */
  meetFaults(): void {
    const { faults } = this.world.simulator();
    if (!this.chance(0.5)) return;
    const kind = this.pick(faultKinds);
    const method = this.chance(0.8) ? ('POST' as const) : ('GET' as const);
    const times = 1 + this.int(3);
    faults.add({ kind, method, path: `/v1/customers/${this.customer}/balance_transactions`, nth: 1 + this.int(2), times });
    this.note(`fault ${kind} ${method} ${times}`);
  }

  private note(what: string): void {
    this.log.push(`${new Date(this.world.simulator().now() * 1000).toISOString()} ${what}`);
  }
}

/** What was given back of a payment for good. */
export function returned({ refunds, dispute }: Brought): number {
  const refunded = refunds.reduce((sum, { amount, failed }) => sum + (failed ? 0 : amount), 0);
  return refunded + (dispute?.state === 'lost' ? dispute.amount : 0);
}

/** Stripe may say no: nothing happened then. */
async function refusable(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeInvalidRequestError || error instanceof Stripe.errors.StripeCardError)) throw error;
  }
}
