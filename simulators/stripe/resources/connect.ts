import type { Stripe } from 'stripe';
import { invalid } from '../failure.ts';
import { inlineList, page, pageParameters } from '../http/pages.ts';
import {
  type Accepts,
  amount,
  changedMetadata,
  currency,
  emptyable,
  flag,
  type Input,
  isWithin,
  metadata,
  oneOf,
  range,
  record,
  required,
  text,
} from '../http/parameters.ts';
import { type Route, route } from '../http/routes.ts';
import type { Transfer } from '../wire.ts';
import { atPath, created, emit, find, known, named, patch, put, select, type World } from '../world.ts';

const account = {
  business_type: oneOf('company', 'individual', 'non_profit', 'government_entity'),
  capabilities: record({ transfers: record({ requested: flag() }), card_payments: record({ requested: flag() }) }),
  controller: record({
    fees: record({ payer: oneOf('account', 'application') }),
    losses: record({ payments: oneOf('application', 'stripe') }),
    requirement_collection: oneOf('application', 'stripe'),
    stripe_dashboard: record({ type: oneOf('express', 'full', 'none') }),
  }),
  country: text(2),
  default_currency: currency(),
  email: text(512),
  metadata: emptyable(metadata()),
  tos_acceptance: record({ service_agreement: oneOf('full', 'recipient') }),
  type: oneOf('custom', 'express', 'standard'),
} satisfies Accepts<Stripe.AccountCreateParams>;
const accountUpdate = {
  capabilities: account.capabilities,
  email: text(512),
  metadata: emptyable(metadata()),
} satisfies Accepts<Stripe.AccountUpdateParams>;
const link = {
  account: required(text()),
  collection_options: record({ fields: oneOf('currently_due', 'eventually_due') }),
  refresh_url: required(text()),
  return_url: required(text()),
  type: required(oneOf('account_onboarding', 'account_update')),
} satisfies Accepts<Stripe.AccountLinkCreateParams>;
const transfer = {
  amount: required(amount({ min: 1 })),
  currency: required(currency()),
  description: text(),
  destination: required(text()),
  metadata: metadata(),
  source_transaction: text(),
  transfer_group: text(),
} satisfies Accepts<Stripe.TransferCreateParams>;
const transferUpdate = { description: text(), metadata: emptyable(metadata()) } satisfies Accepts<Stripe.TransferUpdateParams>;
const transferList = {
  ...pageParameters,
  created: range(),
  destination: text(),
  transfer_group: text(),
} satisfies Accepts<Stripe.TransferListParams>;
const reversal = {
  amount: amount({ min: 1 }),
  description: text(),
  metadata: emptyable(metadata()),
} satisfies Accepts<Stripe.TransferCreateReversalParams>;

/** Connected accounts (v1), account links, transfers and their reversals. */
export const connect: readonly Route[] = [
  route('GET', '/v1/account', {}, (world) => platformAccount(world)),
  route('POST', '/v1/accounts', account, (world, { input }) => put(world, 'accounts', newAccount(world, input))),
  route('GET', '/v1/accounts/:id', {}, (world, { at }) => {
    const id = at('id');
    return id === world.state.account ? platformAccount(world) : atPath(world, 'accounts', id, 'account');
  }),
  route('POST', '/v1/accounts/:id', accountUpdate, (world, { at, input }) => {
    const before = atPath(world, 'accounts', at('id'), 'account');
    const change = {
      capabilities: { ...requestedOf(input.capabilities), ...before.capabilities },
      email: input.email ?? before.email,
      metadata: changedMetadata(before.metadata ?? null, input.metadata),
    };
    return patch(world, 'accounts', before, change, 'account.updated');
  }),
  route('GET', '/v1/accounts', { ...pageParameters, created: range() }, (world, { input }) =>
    page(
      select(world, 'accounts', (one) => isWithin(one.created ?? 0, input.created)),
      input,
      '/v1/accounts',
    ),
  ),
  route('POST', '/v1/account_links', link, (world, { input }) => {
    named(world, 'accounts', input.account, 'account');
    const { id, created: at } = created(world, 'link');
    const url = `https://connect.stripe.com/setup/s/${input.account}/${id}`;
    return { object: 'account_link', created: at, expires_at: at + 300, url } satisfies Stripe.AccountLink;
  }),

  route('POST', '/v1/transfers', transfer, (world, { input }) => send(world, input)),
  route('GET', '/v1/transfers/:id', {}, (world, { at }) => atPath(world, 'transfers', at('id'), 'transfer')),
  route('POST', '/v1/transfers/:id', transferUpdate, (world, { at, input }) => {
    const before = atPath(world, 'transfers', at('id'), 'transfer');
    const change = { description: input.description ?? before.description, metadata: changedMetadata(before.metadata, input.metadata) };
    return patch(world, 'transfers', before, change, 'transfer.updated');
  }),
  route('GET', '/v1/transfers', transferList, (world, { input }) => {
    const matches = (one: Transfer): boolean =>
      (input.destination ?? one.destination) === one.destination &&
      (input.transfer_group ?? one.transfer_group) === one.transfer_group &&
      isWithin(one.created, input.created);
    return page(select(world, 'transfers', matches), input, '/v1/transfers');
  }),
  route('POST', '/v1/transfers/:transfer/reversals', reversal, (world, { at, input }) =>
    reverse(world, atPath(world, 'transfers', at('transfer'), 'transfer'), input),
  ),
  route('GET', '/v1/transfers/:transfer/reversals', pageParameters, (world, { at, input }) => {
    const { id } = atPath(world, 'transfers', at('transfer'), 'transfer');
    return page(
      select(world, 'transfer_reversals', (one) => one.transfer === id),
      input,
      `/v1/transfers/${id}/reversals`,
    );
  }),
  route('GET', '/v1/transfers/:transfer/reversals/:id', {}, (world, { at }) => {
    atPath(world, 'transfers', at('transfer'), 'transfer');
    return atPath(world, 'transfer_reversals', at('id'));
  }),
];

type Requested = Input<typeof account>['capabilities'];
const requestedOf = (given: Requested): Stripe.Account.Capabilities => ({
  ...(given?.transfers?.requested ? { transfers: 'inactive' } : {}),
  ...(given?.card_payments?.requested ? { card_payments: 'inactive' } : {}),
});

function newAccount(world: World, input: Input<typeof account>): Stripe.Account {
  if (input.type !== undefined && input.controller !== undefined) {
    throw invalid('You may only specify one of these parameters: type, controller.', { code: 'parameters_exclusive', param: 'type' });
  }
  const { id, created: at } = created(world, 'acct');
  return {
    id,
    object: 'account',
    business_profile: null,
    business_type: input.business_type ?? null,
    capabilities: requestedOf(input.capabilities),
    charges_enabled: false,
    controller: { type: 'application', is_controller: true },
    country: input.country ?? 'US',
    created: at,
    default_currency: input.default_currency ?? 'usd',
    details_submitted: false,
    email: input.email ?? null,
    metadata: changedMetadata(null, input.metadata),
    payouts_enabled: false,
    requirements: requirements(['external_account', 'tos_acceptance.date', 'individual.verification.document']),
    type: input.type ?? 'none',
  };
}

/** The account that the key belongs to. */
function platformAccount(world: World): Stripe.Account {
  return {
    id: world.state.account,
    object: 'account',
    charges_enabled: true,
    country: 'US',
    default_currency: 'usd',
    details_submitted: true,
    email: null,
    payouts_enabled: true,
    type: 'standard',
  };
}

/** The account holder did everything that Stripe asked for: what was requested is active. */
export function finishOnboarding(world: World, id: string): Stripe.Account {
  const before = known(world, 'accounts', id);
  const capabilities = Object.fromEntries(Object.keys(before.capabilities ?? {}).map((name) => [name, 'active']));
  const change = { capabilities, charges_enabled: 'card_payments' in capabilities, details_submitted: true, payouts_enabled: true };
  return patch(world, 'accounts', before, { ...change, requirements: requirements([]) }, 'account.updated');
}

const requirements = (due: string[]): Stripe.Account.Requirements => ({
  alternatives: [],
  current_deadline: null,
  currently_due: due,
  disabled_reason: due.length === 0 ? null : 'requirements.past_due',
  errors: [],
  eventually_due: due,
  past_due: due,
  pending_verification: [],
});

function send(world: World, input: Input<typeof transfer>): Transfer {
  const { amount: value, currency: money, destination } = input;
  const target = named(world, 'accounts', destination, 'destination');
  if (target.capabilities?.transfers !== 'active') {
    throw invalid(
      'Your destination account needs to have at least one of the following capabilities enabled: transfers, crypto_transfers, legacy_payments',
      {
        code: 'insufficient_capabilities_for_transfer',
      },
    );
  }
  takeFunds(world, input);
  const base = created(world, 'tr');
  const { held } = world.state;
  held[`${target.id}|${money}`] = (held[`${target.id}|${money}`] ?? 0) + value;
  const sent: Transfer = {
    ...base,
    object: 'transfer',
    amount: value,
    amount_reversed: 0,
    balance_transaction: null,
    currency: money,
    description: input.description ?? null,
    destination: target.id,
    metadata: changedMetadata(null, input.metadata),
    reversals: inlineList([], `/v1/transfers/${base.id}/reversals`),
    reversed: false,
    source_transaction: input.source_transaction ?? null,
    source_type: 'card',
    transfer_group: input.transfer_group ?? null,
  };
  return put(world, 'transfers', sent, 'transfer.created');
}

/** From the platform's available balance, or from what is left of one charge. */
function takeFunds(world: World, { amount: value, currency: money, source_transaction: source }: Input<typeof transfer>): void {
  if (source === undefined) {
    const { available } = world.state.platform;
    const left = (available[money] ?? 0) - value;
    if (left < 0) throw invalid('You have insufficient available funds in your Stripe account.', { code: 'balance_insufficient' });
    available[money] = left;
    return;
  }
  const charge = named(world, 'charges', source, 'source_transaction');
  const earlier = select(world, 'transfers', (one) => one.source_transaction === charge.id);
  const taken = earlier.reduce((sum, one) => sum + one.amount - one.amount_reversed, 0);
  if (charge.currency !== money) throw invalid('The currency must be that of the source_transaction.', { param: 'currency' });
  if (taken + value > charge.amount)
    throw invalid('The amount is greater than what is left of the source_transaction.', { param: 'amount' });
}

function reverse(world: World, sent: Transfer, input: Input<typeof reversal>): Stripe.TransferReversal {
  const left = sent.amount - sent.amount_reversed;
  const value = input.amount ?? left;
  if (left === 0) throw invalid('Transfer is already fully reversed.', { code: 'transfer_already_reversed' });
  if (value > left) throw invalid('The amount is greater than the unreversed amount of the transfer.', { param: 'amount' });
  const { held, platform } = world.state;
  const key = `${sent.destination}|${sent.currency}`;
  const rest = (held[key] ?? 0) - value;
  if (rest < 0) throw invalid('The connected account has insufficient funds for this reversal.', { code: 'balance_insufficient' });
  held[key] = rest;
  if (sent.source_transaction === null) platform.available[sent.currency] = (platform.available[sent.currency] ?? 0) + value;
  const { id, created: at } = created(world, 'trr');
  const made = put(world, 'transfer_reversals', {
    id,
    object: 'transfer_reversal',
    amount: value,
    balance_transaction: null,
    created: at,
    currency: sent.currency,
    destination_payment_refund: null,
    metadata: changedMetadata(null, input.metadata),
    source_refund: null,
    transfer: sent.id,
  });
  const data = [made, ...select(world, 'transfer_reversals', (one) => one.transfer === sent.id && one.id !== id).toReversed()];
  const reversed = sent.amount_reversed + value;
  const change = { amount_reversed: reversed, reversed: reversed === sent.amount, reversals: { ...sent.reversals, data } };
  emit(world, 'transfer.reversed', patch(world, 'transfers', sent, change));
  return made;
}

/** Whether a `Stripe-Account` header names an account that there is. */
export const isConnected = (world: World, id: string): boolean => find(world, 'accounts', id) !== undefined;
