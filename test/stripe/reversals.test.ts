/** What becomes of rewards when money goes back: refunds, credit notes and payment disputes at the simulator, through the door and the ledger. */
import type Stripe from 'stripe';
import { beforeAll, describe, expect, it } from 'vitest';
import { together } from '../../src/domain/decision.ts';
import { stepReferral } from '../../src/domain/referral-step.ts';
import { accrue, confirm, release, send } from '../../src/domain/reward.ts';
import { disputeState, partOf } from '../../src/effects/stripe/reversals.ts';
import { freshProspect, made201, staffStage, stageOf } from '../support/examples.ts';
import { commitAt, rewardsOf, sceneAt } from '../support/qualify.ts';
import { sql } from '../support/sql.ts';
import { draftInvoice, paidInvoice } from '../support/stripe-billing.ts';
import { openStripeWorld, type StripeWorld } from '../support/stripe-world.ts';
import { demoHost } from '../support/world.ts';

let t: StripeWorld;
beforeAll(async () => {
  // 49.00 and 19 % tax: 58.31 paid, 49.00 collected.
  t = await openStripeWorld({ taxPercent: 19 });
});

interface Earned {
  readonly referralId: string;
  readonly organizationId: string;
  readonly invoiceId: string;
  readonly intent: string;
}

/** An invoice that a customer of a prospect paid. */
async function paid(by: 'card' | 'out_of_band' = 'card') {
  const { id: customer } = await t.stripe.customers.create({});
  const invoice = await paidInvoice(t, { customer, amount: 4900 }, by);
  const payments = await t.stripe.invoicePayments.list({ invoice: invoice.id });
  const intent = payments.data[0]?.payment.payment_intent;
  return { customer, invoiceId: invoice.id, intent: typeof intent === 'string' ? intent : '' };
}

async function pending(): Promise<{ readonly referralId: string; readonly organizationId: string }> {
  const { referral } = await made201(await stageOf(t), '/v1/referrals', { prospect: freshProspect() });
  return { referralId: referral.id, organizationId: referral.organization_id };
}

/** A reward of 9.80 for each of `kinds`, earned by an invoice: as it accrues, or as the vendor has paid it. */
async function earned(
  state: 'accrued' | 'available' | 'fulfilled' = 'accrued',
  kinds: readonly string[] = ['external'],
  by?: 'out_of_band',
): Promise<Earned> {
  const payment = await paid(by);
  const referral = await pending();
  await t.settle();
  const { desk, given } = await sceneAt(t, demoHost);
  const cause = { tenant: desk.tenant, actor: 'test', because: 'test' };
  const later = new Date(given.now.getTime() + 86_400_000);
  const parts = kinds.map((kind, n) => {
    const isPromise = kind === 'stripe_subscription_discount';
    const accrued = accrue(
      {
        ...{ tenant: desk.tenant, ...referral, side: 'referrer', rule: `rule-${n}`, occasion: payment.invoiceId, kind, currency: 'usd' },
        ...{ amountMinor: isPromise ? 0n : 980n, bases: [{ invoiceId: payment.invoiceId, baseMinor: 4900n }] },
        ...{ program: desk.program, availableAt: state === 'available' ? given.now : later },
      },
      given,
    );
    if (state === 'accrued') return accrued.changes;
    const released = release(accrued.reward, 0n, cause, given);
    if (state === 'available') return together(accrued.changes, released.changes);
    const sent = send(released.reward, { attempt: 1 }, cause, given);
    const arrived = confirm(sent.reward, { fulfilmentId: sent.fulfilmentId, amountMinor: 980n }, 'bank-1', cause, given);
    return together(accrued.changes, released.changes, sent.changes, arrived.changes);
  });
  const judged = { ...referral, status: 'pending', seq: 1, evidenced: false } as const;
  const qualified = stepReferral(judged, 'qualified', cause, given);
  const rewarded = state === 'fulfilled' ? [stepReferral(qualified.referral, 'rewarded', cause, given).changes] : [];
  await commitAt(t, demoHost, together(qualified.changes, ...rewarded, ...parts));
  return { ...referral, ...payment };
}

async function linkPayee({ organizationId }: Earned, stripeId: string): Promise<void> {
  const from = await text('select tier from frontdesk.organizations where organization_id = $1', [organizationId]);
  const linked = { source: 'operator', linked_by: 'test', linked_at: t.world.deps.now().toISOString() } as const;
  const payee = { organization_id: organizationId, kind: 'customer', stripe_id: stripeId, frozen_until: null, obstacle: null } as const;
  const tier = { organization_id: organizationId, from_tier: String(from), tier: 'payout_bound' };
  await commitAt(t, demoHost, { payees: [{ ...payee, ...linked }], organization_tiers: [tier] });
}

const refund = (intent: string, amount?: number) =>
  t.stripe.refunds.create({ payment_intent: intent, ...(amount === undefined ? {} : { amount }) });
const rewards = ({ referralId }: Pick<Earned, 'referralId'>) => rewardsOf(t, demoHost, referralId);
const reversedOf = async (one: Earned) => (await rewards(one)).map(({ reversed }) => reversed);
const text = async (query: string, values: readonly string[]) => {
  const [row] = await sql(t, query, values, demoHost);
  return row === undefined ? undefined : String(Object.values(row)[0]);
};
const stateOf = ({ referralId }: Pick<Earned, 'referralId'>) =>
  text('select status from frontdesk.referral_states where referral_id = $1', [referralId]);
const owes = async ({ organizationId }: Earned) =>
  Number(
    (await text("select -balance_minor from frontdesk.balances where organization_id = $1 and account = 'receivable'", [organizationId])) ??
      0,
  );
const openHolds = async ({ referralId }: Pick<Earned, 'referralId'>) =>
  (await sql(t, 'select kind, cause from frontdesk.holds where referral_id = $1 and closed_at is null', [referralId], demoHost)).map(
    ({ kind, cause }) => [kind, cause],
  );
const deadEffects = async () => sql(t, "select kind, last_error from frontdesk.outbox where state = 'dead'", [], demoHost);

async function chargeOf(intent: string): Promise<string> {
  const { latest_charge: charge } = await t.stripe.paymentIntents.retrieve(intent);
  return typeof charge === 'string' ? charge : '';
}

describe('a refund', () => {
  it('takes its part of what is in escrow, cent by cent, and with the last cent all of it and the referral', async () => {
    const one = await earned();
    await refund(one.intent, 1111);
    await t.settle();
    // 980 × 11.11 / 58.31 = 186.72…
    expect(await reversedOf(one)).toEqual([186]);
    await refund(one.intent, 4719);
    await t.settle();
    expect(await reversedOf(one)).toEqual([979]);
    await refund(one.intent);
    await t.settle();
    expect(await rewards(one)).toMatchObject([{ status: 'reversed', reversed: 980 }]);
    expect([await stateOf(one), await owes(one), await deadEffects(), t.reported]).toEqual(['reversed', 0, [], []]);
  });

  it('after the payout becomes a debt, which the vendor may write off', async () => {
    const one = await earned('fulfilled');
    await refund(one.intent);
    await t.settle();
    expect([await owes(one), await stateOf(one)]).toEqual([980, 'reversed']);
    const { key } = await staffStage(t);
    const written = (body: object) => t.send('POST', `/v1/organizations/${one.organizationId}/write-off`, { key, body });
    const first = await written({ currency: 'usd', amount_minor: 80, reason: 'goodwill' });
    expect([first.status, first.body.written_off_minor, first.body.owed_minor]).toEqual([200, 80, 900]);
    expect((await written({ currency: 'usd', amount_minor: 901, reason: 'goodwill' })).status).toBe(400);
    expect((await written({ currency: 'usd', reason: 'goodwill' })).body.owed_minor).toBe(0);
    expect((await written({ currency: 'usd', reason: 'goodwill' })).body.code).toBe('state.forbidden');
    expect(await owes(one)).toBe(0);
  });

  it('that fails gives everything back, in escrow as after the payout', async () => {
    for (const state of ['accrued', 'fulfilled'] as const) {
      const one = await earned(state);
      const before = await stateOf(one);
      const { id } = await refund(one.intent);
      await t.settle();
      expect(await stateOf(one)).toBe('reversed');
      t.simulator.failRefund(id);
      await t.settle();
      expect(await rewards(one)).toMatchObject([{ status: state, reversed: 0 }]);
      expect([await stateOf(one), await owes(one)]).toEqual([before, 0]);
    }
  });

  it('that fails after another reward paid the debt back earns it anew, until the next refund', async () => {
    const one = await earned('fulfilled');
    const { id } = await refund(one.intent);
    await t.settle();
    const { desk, given } = await sceneAt(t, demoHost);
    const cause = { tenant: desk.tenant, actor: 'test', because: 'test' };
    const other = accrue(
      {
        ...{ tenant: desk.tenant, ...one, side: 'referrer', rule: 'bounty', occasion: 'once', kind: 'external', currency: 'usd' },
        ...{ amountMinor: 1000n, program: desk.program, availableAt: given.now },
      },
      given,
    );
    await commitAt(t, demoHost, together(other.changes, release(other.reward, 980n, cause, given).changes));
    t.simulator.failRefund(id);
    await t.settle();
    const [first, , anew] = await rewards(one);
    expect([first?.status, anew?.status, anew?.accrued, await owes(one), await stateOf(one)]).toEqual([
      'reversed',
      'accrued',
      980,
      0,
      'rewarded',
    ]);
    await refund(one.intent, 2915);
    await t.settle();
    expect([await reversedOf(one), await owes(one), await deadEffects()]).toEqual([[980, 0, 489], 0, []]);
  });

  it('takes every reward that the payment earned, and ends promises with it', async () => {
    const one = await earned('accrued', ['external', 'stripe_balance_credit', 'stripe_subscription_discount']);
    await refund(one.intent, 2915);
    await t.settle();
    expect((await rewards(one)).map(({ status, reversed }) => [status, reversed])).toEqual([
      ['accrued', 489],
      ['accrued', 489],
      ['accrued', 0],
    ]);
    await refund(one.intent);
    await t.settle();
    expect((await rewards(one)).map(({ status }) => status)).toEqual(['reversed', 'reversed', 'reversed']);
    expect(await stateOf(one)).toBe('reversed');
  });

  it('is written down before anything was earned by the payment', async () => {
    const { intent, invoiceId } = await paid();
    const { id } = await refund(intent, 1000);
    await t.settle();
    const rows = await sql(t, 'select * from frontdesk.payment_reversals where invoice_id = $1', [invoiceId]);
    expect(rows).toMatchObject([{ source_id: id, kind: 'refund', state: 'effective', amount_minor: 1000n }]);
  });
});

describe('a credit note', () => {
  it('counts for what it gave back, and its refund once', async () => {
    const one = await earned();
    await t.stripe.creditNotes.create({
      invoice: one.invoiceId,
      amount: 2000,
      refund_amount: 1200,
      credit_amount: 500,
      out_of_band_amount: 300,
    });
    await t.settle();
    // 980 × 20.00 / 58.31 = 336.13…
    expect(await reversedOf(one)).toEqual([336]);
    const rows = await sql(t, 'select kind, amount_minor from frontdesk.payment_reversals where invoice_id = $1 order by kind', [
      one.invoiceId,
    ]);
    expect(rows.map(({ kind, amount_minor }) => [kind, Number(amount_minor)])).toEqual([
      ['credit_note', 800],
      ['refund', 1200],
    ]);
  });

  it('reaches an invoice that was paid elsewhere', async () => {
    const one = await earned('accrued', ['external'], 'out_of_band');
    await t.stripe.creditNotes.create({ invoice: one.invoiceId, amount: 5831, out_of_band_amount: 5831 });
    await t.settle();
    expect(await rewards(one)).toMatchObject([{ status: 'reversed' }]);
  });
});

describe('a payment dispute', () => {
  it('holds what the payment earned while it is open; won, it only ends the hold', async () => {
    const one = await earned();
    const dispute = t.simulator.openDispute(await chargeOf(one.intent));
    await t.settle();
    expect([await openHolds(one), await reversedOf(one)]).toEqual([[['payment_dispute', dispute]], [0]]);
    t.simulator.winDispute(dispute);
    await t.settle();
    expect([await openHolds(one), await reversedOf(one), await stateOf(one)]).toEqual([[], [0], 'qualified']);
  });

  it('lost after a partial refund takes what is left, and ends its hold', async () => {
    const one = await earned('fulfilled');
    await refund(one.intent, 1000);
    await t.settle();
    const dispute = t.simulator.openDispute(await chargeOf(one.intent), { amount: 5831 });
    await t.settle();
    t.simulator.loseDispute(dispute);
    await t.settle();
    expect(await rewards(one)).toMatchObject([{ status: 'reversed', reversed: 980 }]);
    expect([await openHolds(one), await owes(one), await stateOf(one)]).toEqual([[], 980, 'reversed']);
  });

  it('holds a pending referral whose prospect made the payment', async () => {
    const { customer, intent } = await paid();
    const one = await pending();
    await t.settle();
    const prospect = await text('select prospect_id from frontdesk.referrals where referral_id = $1', [one.referralId]);
    const linked = { stripe_customer: customer, prospect_id: String(prospect), linked_at: t.world.deps.now().toISOString() };
    await commitAt(t, demoHost, { customers: [linked] });
    const dispute = t.simulator.openDispute(await chargeOf(intent));
    await t.settle();
    expect(await openHolds(one)).toEqual([['payment_dispute', dispute]]);
  });
});

describe('credit on the bill', () => {
  it('that nobody used yet is taken back with the refund, and given once more when the refund fails', async () => {
    const one = await earned('available', ['stripe_balance_credit']);
    const { id: customer } = await t.stripe.customers.create({});
    const balance = async () => {
      const found = await t.stripe.customers.retrieve(customer);
      return 'balance' in found ? found.balance : null;
    };
    await linkPayee(one, customer);
    await draftInvoice(t, { customer, amount: 2900 });
    await t.settle();
    expect([await balance(), await stateOf(one)]).toEqual([-980, 'rewarded']);
    const { id } = await refund(one.intent, 2915);
    await t.settle();
    expect([await balance(), await reversedOf(one), await owes(one)]).toEqual([-491, [489], 0]);
    t.simulator.failRefund(id);
    await t.settle();
    await t.world.schedules.qualify?.();
    await draftInvoice(t, { customer, amount: 2900 });
    await t.settle();
    expect((await rewards(one)).map(({ status, accrued, reversed }) => [status, accrued, reversed])).toEqual([
      ['fulfilled', 980, 489],
      ['fulfilled', 489, 0],
    ]);
    expect([await balance(), await owes(one), await deadEffects(), t.reported]).toEqual([-980, 0, [], []]);
  });
});

describe('what Stripe shows', () => {
  it('replaces what it showed before, however late it is told of it', async () => {
    const one = await earned();
    const { id } = await refund(one.intent, 1000);
    await t.settle();
    t.simulator.failRefund(id);
    await t.settle();
    const listed = await t.stripe.events.list({ type: 'refund.created' });
    const created = listed.data.find(({ data }) => (data.object as Stripe.Refund).id === id);
    const late = await t.post(JSON.stringify({ ...created, id: `evt_late_${id}` }));
    await t.settle();
    expect([created?.type, late.status, await reversedOf(one)]).toEqual(['refund.created', 200, [0]]);
  });
});

describe('a payment that paid several invoices', () => {
  const paidPart = (id: string, invoiceId: string, amount: number) => ({ id, invoiceId, amount, intent: 'pi_1' });
  const parts = [paidPart('inpay_1', 'in_a', 1), paidPart('inpay_2', 'in_b', 1), paidPart('inpay_3', 'in_c', 1)];

  it('gives each its part of a refund, and no cent is lost or counted twice', () => {
    for (const amount of [0, 1, 2, 3, 100, 10_000_001]) {
      const of = ['in_a', 'in_b', 'in_c'].map((invoice) => partOf(amount, parts, invoice));
      expect(of.reduce((sum, part) => sum + part, 0)).toBe(amount);
      expect(Math.max(...of) - Math.min(...of)).toBeLessThanOrEqual(1);
    }
    expect(partOf(100, [paidPart('inpay_1', 'in_a', 4900)], 'in_a')).toBe(100);
  });
});

describe('a dispute', () => {
  const stateOf = (status: string) => disputeState({ status, balance_transactions: [] });

  it('that was lost stays so while it is appealed against, until it is won', () => {
    const statuses = ['needs_response', 'lost', 'appeal_needs_response', 'appeal_under_review', 'won'];
    expect(statuses.map(stateOf)).toEqual(['open', 'effective', 'effective', 'effective', 'void']);
  });
});
