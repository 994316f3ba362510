import type Stripe from 'stripe';
import * as z from 'zod';
import type { Claimed } from '../../db/outbox.ts';
import { queries } from '../../db/queries.ts';
import { type Changes, together } from '../../domain/decision.ts';
import { ledgerMinor } from '../../domain/payment.ts';
import { discountRealised, rewardOfCoupon } from '../../domain/realised-discount.ts';
import type { Settlement } from '../effect.ts';
import { type Answer, ask, unanswered } from './answer.ts';
import { couponOf } from './subscriptions.ts';
import type { StripeScene } from './translator.ts';

const payload = z.object({ stripe_customer: z.string(), invoice_id: z.string() });

/**
 * `stripe.credit.read_back`: what a paid invoice consumed of its customer's balance, and which discounts that we promised became real by
 * it. Until it is paid it may still be voided, and give everything back.
 */
export async function readBack(effect: Claimed, scene: StripeScene): Promise<Settlement> {
  const parsed = payload.safeParse(effect.payload);
  if (!parsed.success) return { kind: 'dead', error: 'payload_unreadable', counts: false };
  const { stripe_customer: customer, invoice_id: invoiceId } = parsed.data;
  const shown = await ask('invoice', () => scene.stripe.invoices.retrieve(invoiceId, { expand: ['total_discount_amounts.discount'] }));
  if (shown.kind === 'missing') return { kind: 'done', note: 'object_gone' };
  if (shown.kind !== 'ok') return unanswered(shown);
  if (shown.value.status !== 'paid') return { kind: 'done', note: 'not_paid_yet' };
  const used = await consumed(customer, invoiceId, scene);
  if (used.kind === 'missing') return { kind: 'done', note: 'customer_deleted' };
  if (used.kind !== 'ok') return unanswered(used);
  const [[holder], discounts] = await Promise.all([scene.consult([queries.customerHolder(customer)]), realised(shown.value, scene)]);
  const uses = holder ? used.value.flatMap((transaction) => useOf(transaction, holder.organization_id, invoiceId)) : [];
  return { kind: 'done', changes: together(uses.length > 0 ? { credit_uses: uses } : {}, discounts) };
}

/** The balance transactions of an invoice; at most a hundred, of which one is usual. */
async function consumed(customer: string, invoice: string, { stripe }: StripeScene): Promise<Answer<Stripe.CustomerBalanceTransaction[]>> {
  const answer = await ask<Stripe.ApiList<Stripe.CustomerBalanceTransaction>>('list', () =>
    stripe.customers.listBalanceTransactions(customer, { invoice, limit: 100 }),
  );
  return answer.kind === 'ok' ? { kind: 'ok', value: answer.value.data } : answer;
}

/** Positive: credit was used. */
function useOf({ id, type, amount, currency, created }: Stripe.CustomerBalanceTransaction, organization_id: string, invoice_id: string) {
  const used = type === 'applied_to_invoice' ? ledgerMinor(BigInt(amount), currency) : null;
  if (used === null || used <= 0n) return [];
  const at = new Date(created * 1000).toISOString();
  return [{ transaction_id: id, organization_id, invoice_id, currency, amount_minor: String(used), at }];
}

/** Enters what our coupons took off this invoice, once each. */
async function realised({ id: invoiceId, currency, total_discount_amounts }: Stripe.Invoice, scene: StripeScene): Promise<Changes> {
  const amounts = new Map<string, bigint>();
  for (const { amount, discount } of total_discount_amounts ?? []) {
    const reward = rewardOfCoupon(couponOf(discount) ?? '');
    if (reward !== null) amounts.set(reward, (amounts.get(reward) ?? 0n) + BigInt(amount));
  }
  if (invoiceId === undefined || amounts.size === 0) return {};
  const [rewards] = await scene.consult([queries.unrealised([...amounts.keys()], invoiceId)]);
  const cause = { tenant: scene.desk.tenant, actor: 'system:stripe', because: 'invoice_paid' };
  return together(
    ...rewards.map(({ reward_id, referral_id, organization_id }) => {
      const amountMinor = ledgerMinor(amounts.get(reward_id) ?? 0n, currency) ?? 0n;
      if (amountMinor <= 0n) return {};
      const reward = { rewardId: reward_id, referralId: referral_id, organizationId: organization_id };
      return discountRealised(reward, { invoiceId, currency, amountMinor }, cause, scene.given);
    }),
  );
}
