import type { Stripe } from 'stripe';
import type { BalanceTransaction, Invoice } from '../wire.ts';
import { created, patch, put, type World } from '../world.ts';

export interface Movement {
  /** Minor units; negative is a credit. */
  readonly amount: number;
  readonly currency: string;
  readonly type: Stripe.CustomerBalanceTransaction['type'];
  readonly invoice?: string;
  readonly creditNote?: string;
  readonly description?: string | null;
  readonly metadata?: Record<string, string>;
}

/** Moves a customer's balance of one currency; a customer without a currency gets this one. */
export function moveBalance(world: World, customer: Stripe.Customer, movement: Movement): BalanceTransaction {
  const { amount, currency } = movement;
  const ending = balanceOf(world, customer.id, currency) + amount;
  world.state.balances[`${customer.id}|${currency}`] = ending;
  const own = customer.currency ?? currency;
  const members = { currency: own, ...(own === currency ? { balance: ending } : {}) };
  patch(world, 'customers', customer, members, 'customer.updated');
  const transaction = put(world, 'balance_transactions', {
    ...created(world, 'cbtxn'),
    object: 'customer_balance_transaction',
    amount,
    checkout_session: null,
    credit_note: movement.creditNote ?? null,
    currency,
    customer: customer.id,
    customer_account: null,
    description: movement.description ?? null,
    ending_balance: ending,
    invoice: movement.invoice ?? null,
    metadata: movement.metadata ?? {},
    type: movement.type,
  });
  refreshDrafts(world, customer.id, currency, ending);
  return transaction;
}

/** The customer's balance in a currency: negative is credit. */
export function balanceOf(world: World, customer: string, currency: string): number {
  return world.state.balances[`${customer}|${currency}`] ?? 0;
}

export function balancesOf(world: World, customer: string): { readonly currency: string; readonly amount: number }[] {
  const own = Object.entries(world.state.balances).filter(([key]) => key.startsWith(`${customer}|`));
  return own.map(([key, amount]) => ({ currency: key.slice(customer.length + 1), amount }));
}

/** Until it is finalised an invoice shows the customer's balance of the moment. */
function refreshDrafts(world: World, customer: string, currency: string, balance: number): void {
  const { invoices } = world.state.objects;
  for (const invoice of Object.values<Invoice>(invoices)) {
    if (invoice.customer !== customer || invoice.status !== 'draft' || invoice.currency !== currency) continue;
    const due = Math.max(0, invoice.total + balance);
    invoices[invoice.id] = { ...invoice, starting_balance: balance, amount_due: due, amount_remaining: due };
  }
}
