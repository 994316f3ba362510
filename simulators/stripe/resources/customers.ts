import type { Stripe } from 'stripe';
import { moveBalance } from '../billing/balance.ts';
import { stopCollection } from '../billing/payment.ts';
import { cancelSubscription } from '../billing/subscriptions.ts';
import { invalid } from '../failure.ts';
import { page, pageParameters } from '../http/pages.ts';
import {
  type Accepts,
  amount,
  changedMetadata,
  emptyable,
  type Input,
  isWithin,
  metadata,
  oneOf,
  range,
  record,
  text,
} from '../http/parameters.ts';
import { type Route, route } from '../http/routes.ts';
import { scrambled } from '../ids.ts';
import { atPath, created, emit, patch, put, select, type World } from '../world.ts';

const address = record({ city: text(), country: text(2), line1: text(), line2: text(), postal_code: text(), state: text() });
const members = {
  address: emptyable(address),
  balance: amount({ signed: true }),
  description: emptyable(text()),
  email: emptyable(text(512)),
  metadata: emptyable(metadata()),
  name: emptyable(text(256)),
  phone: emptyable(text(20)),
  tax_exempt: emptyable(oneOf('none', 'exempt', 'reverse')),
};
const create = members satisfies Accepts<Stripe.CustomerCreateParams>;
const update = members satisfies Accepts<Stripe.CustomerUpdateParams>;
const listing = { ...pageParameters, created: range(), email: text(512) } satisfies Accepts<Stripe.CustomerListParams>;

export const customers: readonly Route[] = [
  route('POST', '/v1/customers', create, (world, { input }) => {
    const customer = newCustomer(world, input);
    if (input.balance !== undefined && input.balance !== 0) {
      moveBalance(world, customer, { amount: input.balance, currency: 'usd', type: 'adjustment' });
    }
    return atPath(world, 'customers', customer.id);
  }),

  route('GET', '/v1/customers/:id', {}, (world, { at }) => {
    const id = at('id');
    if (Object.hasOwn(world.state.deletedCustomers, id)) return deleted(id);
    return atPath(world, 'customers', id);
  }),

  route('POST', '/v1/customers/:id', update, (world, { at, input }) => {
    const customer = atPath(world, 'customers', at('id'));
    const change: Partial<Stripe.Customer> = {
      ...(input.address === undefined ? {} : { address: addressOf(input.address) }),
      ...(input.description === undefined ? {} : { description: input.description || null }),
      ...(input.email === undefined ? {} : { email: input.email || null }),
      ...(input.metadata === undefined ? {} : { metadata: changedMetadata(customer.metadata, input.metadata) }),
      ...(input.name === undefined ? {} : { name: input.name || null }),
      ...(input.phone === undefined ? {} : { phone: input.phone || null }),
      ...(input.tax_exempt === undefined ? {} : { tax_exempt: input.tax_exempt || 'none' }),
    };
    const changed = patch(world, 'customers', customer, change, 'customer.updated');
    // The absolute parameter is recorded as the difference to what was there, whoever moved it in between.
    const difference = (input.balance ?? changed.balance) - changed.balance;
    if (difference !== 0) moveBalance(world, changed, { amount: difference, currency: changed.currency ?? 'usd', type: 'adjustment' });
    return atPath(world, 'customers', customer.id);
  }),

  route('DELETE', '/v1/customers/:id', {}, (world, { at }) => {
    const customer = atPath(world, 'customers', at('id'));
    for (const one of runningSubscriptions(world, customer.id)) cancelSubscription(world, one);
    stopCollection(world, customer.id);
    delete world.state.objects.customers[customer.id];
    world.state.deletedCustomers[customer.id] = true;
    emit(world, 'customer.deleted', customer);
    return deleted(customer.id);
  }),

  route('GET', '/v1/customers', listing, (world, { input }) => {
    const found = select(world, 'customers', (one) => isWithin(one.created, input.created) && (input.email ?? one.email) === one.email);
    return page(found, input, '/v1/customers');
  }),
];

type CustomerWish = Omit<Input<typeof create>, 'balance'>;
/** Everybody has a card, which works until the control interface says that it declines. */
export function newCustomer(world: World, input: CustomerWish): Stripe.Customer {
  const base = created(world, 'cus');
  return put(
    world,
    'customers',
    {
      ...base,
      object: 'customer',
      address: addressOf(input.address),
      balance: 0,
      currency: null,
      customer_account: null,
      default_source: null,
      delinquent: false,
      description: input.description || null,
      email: input.email || null,
      invoice_prefix: scrambled(world.state.seed, world.state.counter, 8).toUpperCase(),
      invoice_settings: {
        custom_fields: null,
        default_payment_method: `pm_card_${base.id.slice(4)}`,
        footer: null,
        rendering_options: null,
      },
      metadata: changedMetadata(null, input.metadata),
      name: input.name || null,
      next_invoice_sequence: 1,
      phone: input.phone || null,
      preferred_locales: [],
      shipping: null,
      tax_exempt: input.tax_exempt || 'none',
      test_clock: null,
    },
    'customer.created',
  );
}

/** The customer that a parameter names; a deleted one does not exist any more. */
export function customerNamed(world: World, id: string, param = 'customer', status: 400 | 404 = 400): Stripe.Customer {
  const customer = world.state.objects.customers[id];
  if (customer === undefined) throw invalid(`No such customer: '${id}'`, { code: 'resource_missing', param, status });
  return customer;
}

const deleted = (id: string): Stripe.DeletedCustomer => ({ id, object: 'customer', deleted: true });

const runningSubscriptions = (world: World, id: string) =>
  select(world, 'subscriptions', ({ customer, status }) => customer === id && status !== 'canceled' && status !== 'incomplete_expired');

function addressOf(given: '' | Partial<Stripe.Address> | undefined): Stripe.Address | null {
  if (given === undefined || given === '') return null;
  const { city = null, country = null, line1 = null, line2 = null, postal_code: code = null, state = null } = given;
  return { city, country, line1, line2, postal_code: code, state };
}
