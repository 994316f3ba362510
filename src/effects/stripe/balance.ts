import type Stripe from 'stripe';
import * as z from 'zod';
import type { Claimed } from '../../db/outbox.ts';
import { amountAtStripe } from '../../domain/stripe-amount.ts';
import { ask } from './answer.ts';
import { differs, fulfilling, type Handed, isRepeated, keyOf, markOf, notHanded } from './fulfil.ts';
import { lookFor } from './look.ts';
import { idOf } from './reread.ts';
import type { StripeScene } from './translator.ts';

const order = z.object({
  reward_id: z.string(),
  fulfilment_id: z.string(),
  target: z.string(),
  amount_minor: z.string().regex(/^[1-9][0-9]{0,17}$/),
  currency: z.string(),
});
type Credit = z.output<typeof order>;

/**
 * `stripe.balance.credit`: credit on a customer's own bill, as a customer balance transaction with a negative amount
 * (https://docs.stripe.com/api/customer_balance_transactions). Stripe applies it to the next invoice that is finalised, and keeps what is
 * left for later ones.
 */
export const creditBalance = fulfilling(order, async (credit, scene, effect): Promise<Handed> => {
  const amount = amountAtStripe(BigInt(credit.amount_minor), credit.currency);
  if (amount === null) return { kind: 'refused', obstacle: 'provider_refused' };
  if (isRepeated(effect)) {
    const earlier = await findTransaction(credit.target, { frontdesk_fulfilment: credit.fulfilment_id }, effect, scene);
    if (earlier.kind !== 'ok') return notHanded(earlier, effect, scene);
    if (earlier.value !== null) return arrived(earlier.value, credit, -amount);
  }
  const { currency, target } = credit;
  const params = { amount: -amount, currency, description: 'Referral reward', metadata: markOf(scene, credit) };
  const answer = await ask('customer_balance_transaction', () =>
    scene.stripe.customers.createBalanceTransaction(target, params, keyOf(scene, credit.fulfilment_id, 'credit')),
  );
  return answer.kind === 'ok' ? arrived(answer.value, credit, -amount) : notHanded(answer, effect, scene);
});

function arrived(transaction: Stripe.CustomerBalanceTransaction, { currency, target }: Credit, amount: number): Handed {
  const isOurs = transaction.amount === amount && transaction.currency === currency && idOf(transaction.customer) === target;
  return isOurs ? { kind: 'arrived', reference: transaction.id } : differs;
}

/** The transaction on a customer's balance that carries this mark. */
export function findTransaction(
  customer: string,
  mark: Readonly<Record<string, string>>,
  { created_at }: Claimed,
  { stripe }: StripeScene,
) {
  const marks = Object.entries(mark);
  return lookFor(
    (page) => stripe.customers.listBalanceTransactions(customer, page),
    created_at,
    ({ metadata }) => marks.every(([name, value]) => metadata?.[name] === value),
  );
}
