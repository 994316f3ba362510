import type { Stripe } from 'stripe';
import { moveBalance } from '../billing/balance.ts';
import { invalid } from '../failure.ts';
import { page, pageParameters } from '../http/pages.ts';
import {
  type Accepts,
  amount,
  changedMetadata,
  currency,
  emptyable,
  isWithin,
  metadata,
  range,
  required,
  text,
} from '../http/parameters.ts';
import { type Route, route } from '../http/routes.ts';
import type { BalanceTransaction } from '../wire.ts';
import { atPath, patch, select, type World } from '../world.ts';
import { customerNamed } from './customers.ts';

const create = {
  amount: required(amount({ signed: true })),
  currency: required(currency()),
  description: text(350),
  metadata: emptyable(metadata()),
} satisfies Accepts<Stripe.CustomerCreateBalanceTransactionParams>;
const update = { description: text(350), metadata: emptyable(metadata()) } satisfies Accepts<Stripe.CustomerUpdateBalanceTransactionParams>;
const listing = { ...pageParameters, created: range(), invoice: text() } satisfies Accepts<Stripe.CustomerListBalanceTransactionsParams>;

const path = '/v1/customers/:customer/balance_transactions';

/** Customer balance transactions: a negative amount is a credit, nothing but description and metadata ever changes. */
export const customerBalances: readonly Route[] = [
  route('POST', path, create, (world, { at, input }) => {
    const customer = customerNamed(world, at('customer'), 'customer', 404);
    if (input.amount === 0) throw invalid('Amount must be non-zero.', { param: 'amount' });
    return moveBalance(world, customer, {
      amount: input.amount,
      currency: input.currency,
      type: 'adjustment',
      description: input.description ?? null,
      metadata: changedMetadata(null, input.metadata),
    });
  }),

  route('GET', `${path}/:id`, {}, (world, { at }) => ofCustomer(world, at('customer'), at('id'))),

  route('POST', `${path}/:id`, update, (world, { at, input }) => {
    const transaction = ofCustomer(world, at('customer'), at('id'));
    return patch(world, 'balance_transactions', transaction, {
      description: input.description ?? transaction.description,
      metadata: input.metadata === undefined ? transaction.metadata : changedMetadata(transaction.metadata, input.metadata),
    });
  }),

  route('GET', path, listing, (world, { at, input }) => {
    const customer = customerNamed(world, at('customer'), 'customer', 404);
    const found = select(
      world,
      'balance_transactions',
      (one) => one.customer === customer.id && isWithin(one.created, input.created) && (input.invoice ?? one.invoice) === one.invoice,
    );
    return page(found, input, `/v1/customers/${customer.id}/balance_transactions`);
  }),
];

function ofCustomer(world: World, customer: string, id: string): BalanceTransaction {
  const transaction = atPath(world, 'balance_transactions', id);
  if (transaction.customer === customerNamed(world, customer, 'customer', 404).id) return transaction;
  throw invalid(`No such customer balance transaction: '${id}'`, { code: 'resource_missing', param: 'id', status: 404 });
}
