/** Rewards that are to be handed over at the simulator of Stripe: what qualification would have written is committed at once. */
import type Stripe from 'stripe';
import { together } from '../../src/domain/decision.ts';
import { stepReferral } from '../../src/domain/referral-step.ts';
import { accrue } from '../../src/domain/reward.ts';
import { release } from './earned.ts';
import { freshProspect, made201, stageOf } from './examples.ts';
import { commitAt, sceneAt } from './qualify.ts';
import { sql } from './sql.ts';
import type { StripeWorld } from './stripe-world.ts';
import { demoHost } from './world.ts';

/** An organization with a key, whose money goes to `stripeId`. */
export interface Payee {
  readonly organizationId: string;
  readonly key: string;
  readonly stripeId: string;
}

export async function customerPayee(t: StripeWorld): Promise<Payee> {
  const { id } = await t.stripe.customers.create({ email: 'billing@acme.example' });
  return payee(t, 'customer', id);
}

/** A connected account, onboarded unless told. */
export async function accountPayee(t: StripeWorld, { onboarded = true } = {}): Promise<Payee> {
  const { id } = await t.stripe.accounts.create({ type: 'express', capabilities: { transfers: { requested: true } } });
  if (onboarded) t.simulator.finishOnboarding(id);
  return payee(t, 'account', id);
}

async function payee(t: StripeWorld, kind: 'customer' | 'account', stripeId: string): Promise<Payee> {
  const { key } = await stageOf(t);
  const { referral } = await made201({ t, host: demoHost, key }, '/v1/referrals', { prospect: freshProspect() });
  const organization_id: string = referral.organization_id;
  const linked_at = t.world.deps.now().toISOString();
  await commitAt(t, demoHost, {
    payees: [
      { organization_id, kind, stripe_id: stripeId, source: 'operator', linked_by: 'test', linked_at, frozen_until: null, obstacle: null },
    ],
    organization_tiers: [{ organization_id, from_tier: 'key_bound', tier: 'payout_bound' }],
  });
  return { organizationId: organization_id, key, stripeId };
}

export interface Granted {
  readonly rewardId: string;
  readonly referralId: string;
}

export interface RewardWanted {
  readonly kind?: string;
  readonly amountMinor?: bigint;
  readonly currency?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly bases?: readonly { readonly invoiceId: string; readonly baseMinor: bigint }[];
}

/** A reward of 50.00 in credit unless told, accrued and due. */
export async function grant(t: StripeWorld, to: Payee, wanted: RewardWanted = {}): Promise<Granted> {
  const { referral } = await made201({ t, host: demoHost, key: to.key }, '/v1/referrals', { prospect: freshProspect() });
  const { desk, given } = await sceneAt(t, demoHost);
  const of = { referralId: referral.id, organizationId: to.organizationId };
  const cause = { tenant: desk.tenant, actor: 'test', because: 'test' };
  const { kind = 'stripe_balance_credit', amountMinor = 5000n, currency = 'usd', details, bases } = wanted;
  const accrued = accrue(
    {
      ...{ tenant: desk.tenant, ...of, side: 'referrer', rule: 'flat', occasion: 'once', kind, currency, amountMinor },
      ...(details === undefined ? {} : { details }),
      ...(bases === undefined ? {} : { bases }),
      ...{ program: desk.program, availableAt: given.now },
    },
    given,
  );
  const pending = { ...of, status: 'pending', seq: 1, evidenced: false } as const;
  await commitAt(t, demoHost, together(stepReferral(pending, 'qualified', cause, given).changes, accrued.changes));
  return { rewardId: accrued.reward.rewardId, referralId: referral.id };
}

/** What the schedule releases and sends now, and what effects do about it. */
export async function releaseAll(t: StripeWorld): Promise<void> {
  await release(t, demoHost);
  await t.settle();
}

/** A reward that is released, and that waits for a bill where it is credit. */
export async function released(t: StripeWorld, to: Payee, wanted: RewardWanted = {}): Promise<Granted> {
  const granted = await grant(t, to, wanted);
  await releaseAll(t);
  return granted;
}

/** A bill of this much is drafted, told, and everything follows from it. */
export async function drafted(t: StripeWorld, customer: string, amount = 2900, currency = 'usd'): Promise<Stripe.Invoice> {
  const invoice = await t.stripe.invoices.create({ customer, currency, auto_advance: false });
  await t.stripe.invoiceItems.create({ customer, invoice: invoice.id, amount, currency });
  await t.settle();
  return invoice;
}

/** A bill is drafted, finalised and paid, and everything follows from it. */
export async function billed(t: StripeWorld, customer: string, amount = 2900): Promise<Stripe.Invoice> {
  const { id } = await drafted(t, customer, amount);
  const open = await t.stripe.invoices.finalizeInvoice(id, { auto_advance: false });
  const paid = open.status === 'paid' ? open : await t.stripe.invoices.pay(id);
  // Bills of one second have no order.
  await t.advance(1000);
  return paid;
}

/** The reward, as its organization sees it. */
export async function seen(t: StripeWorld, { key }: Payee, rewardId: string) {
  return (await t.send('GET', `/v1/rewards/${rewardId}`, { key })).body;
}

/** What stands on the customer's balance by our marks: `[amount, reward]`. */
export function ours(t: StripeWorld, customer: string): readonly (readonly [number, string | undefined])[] {
  const all = t.simulator.summary().balanceTransactions.filter((one) => one.customer === customer && one.type === 'adjustment');
  return all.map(({ amount, metadata }) => [amount, metadata.frontdesk_reward]);
}

/** Effects of a kind that are over or wait, with what was said of them last. */
export async function effectsOf(t: StripeWorld, kind: string) {
  return sql(t, 'select o.state, o.last_error, o.attempts from frontdesk.outbox o where o.kind = $1 order by o.effect_id', [kind]);
}

/** A reward of the referred side: of the customer that a prospect has become. Accrued and due. */
export async function grantReferee(t: StripeWorld, by: Payee, wanted: { readonly kind: string; readonly details: object }) {
  const { referral } = await made201({ t, host: demoHost, key: by.key }, '/v1/referrals', { prospect: freshProspect() });
  const { id: customer } = await t.stripe.customers.create({ email: 'billing@northwind.example' });
  const [state] = await sql(t, 'select s.prospect_id from frontdesk.referral_states s where s.referral_id = $1', [referral.id]);
  const { desk, given } = await sceneAt(t, demoHost);
  const cause = { tenant: desk.tenant, actor: 'test', because: 'test' };
  const [prospect_id, organizationId, created_at] = [String(state?.prospect_id), given.newId('org'), given.now.toISOString()];
  const pending = { referralId: referral.id, organizationId: by.organizationId, status: 'pending', seq: 1, evidenced: false } as const;
  const accrued = accrue(
    {
      ...{ tenant: desk.tenant, referralId: referral.id, organizationId, side: 'referee', rule: 'welcome', occasion: 'once' },
      ...{ kind: wanted.kind, currency: 'xxx', amountMinor: 0n, details: { ...wanted.details } },
      ...{ program: desk.program, availableAt: given.now },
    },
    given,
  );
  const rows = {
    organizations: [{ organization_id: organizationId, name: 'Prospect', domain: null, tier: 'payout_bound', prospect_id, created_at }],
    customers: [{ stripe_customer: customer, prospect_id, linked_at: created_at }],
  };
  await commitAt(t, demoHost, together(rows, stepReferral(pending, 'qualified', cause, given).changes, accrued.changes));
  return { rewardId: accrued.reward.rewardId, customer };
}
