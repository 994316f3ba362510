import type { Stripe } from 'stripe';
import { invalid } from '../failure.ts';
import { page, pageParameters } from '../http/pages.ts';
import {
  type Accepts,
  amount,
  changedMetadata,
  currency,
  emptyable,
  integer,
  list,
  metadata,
  oneOf,
  record,
  required,
  text,
  timestamp,
} from '../http/parameters.ts';
import { type Route, route } from '../http/routes.ts';
import type { CreditGrant } from '../wire.ts';
import { atPath, created, named, patch, put, select, type World } from '../world.ts';
import { customerNamed } from './customers.ts';

const create = {
  amount: required(
    record({
      monetary: required(record({ currency: required(currency()), value: required(amount({ min: 1 })) })),
      type: required(oneOf('monetary')),
    }),
  ),
  applicability_config: required(
    record({ scope: required(record({ price_type: oneOf('metered'), prices: list(record({ id: required(text()) }), { max: 20 }) })) }),
  ),
  category: oneOf('paid', 'promotional'),
  customer: required(text()),
  effective_at: timestamp(),
  expires_at: timestamp(),
  metadata: metadata(),
  name: text(100),
  priority: integer({ min: 0, max: 100 }),
} satisfies Accepts<Stripe.Billing.CreditGrantCreateParams>;
const update = { expires_at: emptyable(timestamp()), metadata: metadata() } satisfies Accepts<Stripe.Billing.CreditGrantUpdateParams>;
const listing = { ...pageParameters, customer: text() } satisfies Accepts<Stripe.Billing.CreditGrantListParams>;

const summary = {
  customer: required(text()),
  filter: required(record({ credit_grant: required(text()), type: required(oneOf('credit_grant')) })),
} satisfies Accepts<Stripe.Billing.CreditBalanceSummaryRetrieveParams>;

const path = '/v1/billing/credit_grants';

/** Billing credit grants: a positive value for metered prices. The category is `paid` unless told. */
export const creditGrants: readonly Route[] = [
  route('POST', path, create, (world, { input }) => {
    const customer = customerNamed(world, input.customer);
    const { price_type: type, prices } = input.applicability_config.scope;
    if ((type === undefined) === (prices === undefined)) {
      throw invalid('Pass exactly one of price_type and prices.', { param: 'applicability_config[scope]' });
    }
    for (const [index, { id }] of (prices ?? []).entries()) {
      const param = `applicability_config[scope][prices][${index}][id]`;
      if (named(world, 'prices', id, param).recurring?.usage_type !== 'metered') throw invalid('The price is not metered.', { param });
    }
    const effectiveAt = input.effective_at ?? world.now();
    if (input.expires_at !== undefined && input.expires_at <= effectiveAt) {
      throw invalid('expires_at must be after effective_at and in the future.', { param: 'expires_at' });
    }
    const base = created(world, 'credgr');
    const grant = {
      ...base,
      object: 'billing.credit_grant' as const,
      amount: input.amount,
      applicability_config: { scope: type === undefined ? { prices: prices ?? [] } : { price_type: type } },
      category: input.category ?? 'paid',
      customer: customer.id,
      customer_account: null,
      effective_at: effectiveAt,
      expires_at: input.expires_at ?? null,
      metadata: changedMetadata(null, input.metadata),
      name: input.name ?? null,
      priority: input.priority ?? 50,
      test_clock: null,
      updated: base.created,
      voided_at: null,
    };
    return put(world, 'credit_grants', grant, 'billing.credit_grant.created');
  }),
  route('GET', `${path}/:id`, {}, (world, { at }) => atPath(world, 'credit_grants', at('id'))),
  route('POST', `${path}/:id`, update, (world, { at, input }) => {
    const grant = atPath(world, 'credit_grants', at('id'));
    const change = {
      expires_at: input.expires_at === undefined ? grant.expires_at : input.expires_at || null,
      metadata: changedMetadata(grant.metadata, input.metadata),
      updated: world.now(),
    };
    return patch(world, 'credit_grants', grant, change, 'billing.credit_grant.updated');
  }),
  route('POST', `${path}/:id/expire`, {}, (world, { at }) => {
    const grant = atPath(world, 'credit_grants', at('id'));
    if (grant.voided_at !== null) throw invalid('A voided credit grant cannot be expired.', { param: 'id' });
    if (grant.expires_at !== null && grant.expires_at <= world.now())
      throw invalid('The credit grant is expired already.', { param: 'id' });
    return patch(world, 'credit_grants', grant, { expires_at: world.now(), updated: world.now() }, 'billing.credit_grant.updated');
  }),
  route('POST', `${path}/:id/void`, {}, (world, { at }) => {
    const grant = atPath(world, 'credit_grants', at('id'));
    if (grant.voided_at !== null) throw invalid('The credit grant is void already.', { param: 'id' });
    if ((world.state.grantsUsed[grant.id] ?? 0) > 0) throw invalid('A credit grant that was used cannot be voided.', { param: 'id' });
    return patch(world, 'credit_grants', grant, { voided_at: world.now(), updated: world.now() }, 'billing.credit_grant.updated');
  }),
  route('GET', path, listing, (world, { input }) => {
    const found = select(world, 'credit_grants', ({ customer }) => (input.customer ?? customer) === customer);
    return page(found, input, path);
  }),
  route('GET', '/v1/billing/credit_balance_summary', summary, (world, { input }) => {
    const grant = named(world, 'credit_grants', input.filter.credit_grant, 'filter[credit_grant]');
    const customer = customerNamed(world, input.customer);
    if (grant.customer !== customer.id) throw invalid('The credit grant belongs to another customer.', { param: 'filter[credit_grant]' });
    const amount = { monetary: { currency: grant.amount.monetary.currency, value: leftOf(world, grant) }, type: 'monetary' as const };
    return {
      object: 'billing.credit_balance_summary',
      balances: [{ available_balance: amount, ledger_balance: amount }],
      customer: customer.id,
      customer_account: null,
      livemode: false,
    } satisfies Stripe.Billing.CreditBalanceSummary;
  }),
];

function leftOf(world: World, grant: CreditGrant): number {
  const isOver = grant.voided_at !== null || (grant.expires_at !== null && grant.expires_at <= world.now());
  const isAhead = (grant.effective_at ?? 0) > world.now();
  return isOver || isAhead ? 0 : Math.max(0, grant.amount.monetary.value - (world.state.grantsUsed[grant.id] ?? 0));
}
