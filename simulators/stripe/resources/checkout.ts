import type { Stripe } from 'stripe';
import { assertRedeemable, assertValid, type GivenDiscount } from '../billing/discounts.ts';
import { startSubscription } from '../billing/subscriptions.ts';
import { totalsOf } from '../billing/totals.ts';
import { invalid } from '../failure.ts';
import { inlineList, page, pageParameters } from '../http/pages.ts';
import {
  type Accepts,
  changedMetadata,
  flag,
  type Input,
  integer,
  isWithin,
  list,
  metadata,
  oneOf,
  range,
  record,
  required,
  text,
  timestamp,
} from '../http/parameters.ts';
import { type Route, route } from '../http/routes.ts';
import type { CheckoutLine, CheckoutSession } from '../wire.ts';
import { atPath, created, emit, find, known, named, put, schedule, select, type World } from '../world.ts';
import { customerNamed, newCustomer } from './customers.ts';
import { assertOneCycle } from './subscriptions.ts';

const create = {
  allow_promotion_codes: flag(),
  cancel_url: text(5000),
  client_reference_id: text(200),
  customer: text(),
  customer_email: text(512),
  discounts: list(record({ coupon: text(), promotion_code: text() }), { max: 1 }),
  expires_at: timestamp(),
  line_items: required(list(record({ price: required(text()), quantity: integer({ min: 1, max: 999_999 }) }), { max: 20 })),
  metadata: metadata(),
  mode: required(oneOf('subscription')),
  subscription_data: record({ description: text(500), metadata: metadata() }),
  success_url: required(text(5000)),
} satisfies Accepts<Stripe.Checkout.SessionCreateParams>;
const listing = {
  ...pageParameters,
  created: range(),
  customer: text(),
  status: oneOf('open', 'complete', 'expired'),
  subscription: text(),
} satisfies Accepts<Stripe.Checkout.SessionListParams>;

const path = '/v1/checkout/sessions';
const openSeconds = 86_400;

/** Checkout sessions of mode `subscription`. Nobody is there to pay: the control interface completes them. */
export const checkout: readonly Route[] = [
  route('POST', path, create, (world, { input }) => open(world, input)),
  route('GET', `${path}/:id`, {}, (world, { at }) => shown(atPath(world, 'checkout_sessions', at('id')))),
  route('GET', `${path}/:id/line_items`, pageParameters, (world, { at, input }) => {
    const { id, line_items: lines } = atPath(world, 'checkout_sessions', at('id'));
    return page(lines.data.toReversed(), input, `${path}/${id}/line_items`);
  }),
  route('POST', `${path}/:id/expire`, {}, (world, { at }) => {
    const session = atPath(world, 'checkout_sessions', at('id'));
    if (session.status !== 'open') throw invalid('Only Checkout Sessions with a status in ["open"] can be expired.', { param: 'id' });
    return shown(close(world, session));
  }),
  route('GET', path, listing, (world, { input }) => {
    const matches = (one: CheckoutSession): boolean =>
      (input.customer ?? one.customer) === one.customer &&
      (input.status ?? one.status) === one.status &&
      (input.subscription ?? one.subscription) === one.subscription &&
      isWithin(one.created, input.created);
    return page(select(world, 'checkout_sessions', matches).map(shown), input, path);
  }),
];

/** `line_items` is listed by its own call. */
function shown({ line_items: _, ...session }: CheckoutSession) {
  return session;
}

function open(world: World, input: Input<typeof create>): object {
  if (input.allow_promotion_codes !== undefined && input.discounts !== undefined) {
    throw invalid('You may only specify one of these parameters: allow_promotion_codes, discounts.', {
      code: 'parameters_exclusive',
      param: 'discounts',
    });
  }
  if (input.customer !== undefined && input.customer_email !== undefined) {
    throw invalid('You may only specify one of these parameters: customer, customer_email.', {
      code: 'parameters_exclusive',
      param: 'customer',
    });
  }
  if (input.customer !== undefined) customerNamed(world, input.customer);
  const expiresAt = input.expires_at ?? world.now() + openSeconds;
  if (expiresAt < world.now() + 1800 || expiresAt > world.now() + openSeconds) {
    throw invalid('The `expires_at` timestamp must be between 30 minutes and 24 hours from now.', { param: 'expires_at' });
  }
  const lines = linesOf(world, input.line_items);
  const money = assertOneCycle(lines.map(({ price }) => price));
  const subtotal = lines.reduce((sum, line) => sum + line.amount_subtotal, 0);
  const discounts = (input.discounts ?? []).map((one, index) =>
    judged(world, one, input.customer ?? null, money, subtotal, `discounts[${index}]`),
  );
  const coupons = discounts.map(({ coupon }) => known(world, 'coupons', coupon));
  const totals = totalsOf(
    lines.map((line) => ({ amount: line.amount_subtotal, discountable: true })),
    coupons,
    world.taxPercent(),
  );
  const base = created(world, 'cs');
  const id = base.id.replace('cs_', 'cs_test_');
  const session: CheckoutSession = {
    ...base,
    id,
    object: 'checkout.session',
    ...emptyMembers,
    allow_promotion_codes: input.allow_promotion_codes ?? null,
    amount_subtotal: totals.subtotal,
    amount_total: totals.total,
    cancel_url: input.cancel_url ?? null,
    client_reference_id: input.client_reference_id ?? null,
    currency: money,
    customer: input.customer ?? null,
    customer_creation: input.customer === undefined ? 'always' : null,
    customer_email: input.customer_email ?? null,
    discounts,
    expires_at: expiresAt,
    line_items: inlineList(lines, `${path}/${id}/line_items`),
    metadata: changedMetadata(null, input.metadata),
    success_url: input.success_url,
    total_details: { amount_discount: totals.subtotal - totals.totalExcludingTax, amount_shipping: 0, amount_tax: totals.tax },
    url: `https://checkout.stripe.com/c/pay/${id}`,
  };
  world.state.sessionSubscriptions[id] = {
    description: input.subscription_data?.description ?? null,
    metadata: input.subscription_data?.metadata ?? {},
  };
  schedule(world, expiresAt, 'checkout.expire', id);
  return shown(put(world, 'checkout_sessions', session));
}

function linesOf(world: World, given: Input<typeof create>['line_items']): CheckoutLine[] {
  return given.map(({ price: id, quantity = 1 }, index) => {
    const price = named(world, 'prices', id, `line_items[${index}][price]`);
    const whole = (price.unit_amount ?? 0) * quantity;
    return {
      id: created(world, 'li').id,
      object: 'item',
      adjustable_quantity: null,
      amount_discount: 0,
      amount_subtotal: whole,
      amount_tax: 0,
      amount_total: whole,
      currency: price.currency,
      description: price.nickname,
      metadata: {},
      price,
      quantity,
    };
  });
}

function judged(world: World, given: GivenDiscount, customer: string | null, currency: string, amount: number, param: string) {
  if ((given.coupon === undefined) === (given.promotion_code === undefined))
    throw invalid('Pass exactly one of coupon and promotion_code.', { param });
  if (given.promotion_code === undefined) {
    const coupon = named(world, 'coupons', given.coupon ?? '', `${param}[coupon]`);
    assertValid(world, coupon, { customer, currency }, `${param}[coupon]`);
    return { coupon: coupon.id, promotion_code: null };
  }
  const code = named(world, 'promotion_codes', given.promotion_code, `${param}[promotion_code]`);
  assertRedeemable(world, code, known(world, 'coupons', code.promotion.coupon), { customer, currency, amount }, `${param}[promotion_code]`);
  return { coupon: code.promotion.coupon, promotion_code: code.id };
}

/** The payer came, typed a mail address and perhaps a promotion code, and paid: customer, subscription and first invoice exist. */
export function completeCheckout(
  world: World,
  id: string,
  by: { readonly email?: string; readonly name?: string; readonly promotionCode?: string } = {},
) {
  const session = known(world, 'checkout_sessions', id);
  if (session.status !== 'open') throw invalid('The session is not open.');
  const email = by.email ?? session.customer_email ?? 'payer@example.com';
  const customer = session.customer ?? newCustomer(world, { email, ...(by.name === undefined ? {} : { name: by.name }) }).id;
  const discounts = typedCode(world, session, by.promotionCode) ?? (session.discounts ?? []).map(givenOf);
  const data = world.state.sessionSubscriptions[id] ?? { description: null, metadata: {} };
  const subscription = startSubscription(world, {
    customer,
    items: session.line_items.data.map(({ price, quantity }) => ({ price, quantity })),
    currency: session.currency ?? 'usd',
    discounts,
    metadata: data.metadata,
    collectionMethod: 'charge_automatically',
    daysUntilDue: null,
    description: data.description,
    cancelAtPeriodEnd: false,
    session: id,
  });
  const invoice = known(world, 'invoices', subscription.latest_invoice);
  const payer = known(world, 'customers', customer);
  const members = {
    amount_total: invoice.total,
    customer,
    customer_details: {
      address: null,
      business_name: null,
      email: payer.email,
      individual_name: null,
      name: payer.name ?? null,
      phone: null,
      tax_exempt: 'none' as const,
      tax_ids: [],
    },
    invoice: invoice.id,
    payment_status: 'paid' as const,
    status: 'complete' as const,
    subscription: subscription.id,
    url: null,
  };
  const completed = shown(put(world, 'checkout_sessions', { ...session, ...members }));
  emit(world, 'checkout.session.completed', completed);
  return completed;
}

function typedCode(world: World, session: CheckoutSession, typed: string | undefined): GivenDiscount[] | undefined {
  if (typed === undefined) return undefined;
  if (session.allow_promotion_codes !== true) throw invalid('The session takes no promotion codes.');
  const [code] = select(world, 'promotion_codes', (one) => one.active && one.code.toLowerCase() === typed.toLowerCase());
  if (code === undefined) throw invalid('There is no such promotion code.');
  return [{ promotion_code: code.id }];
}

const givenOf = ({ coupon, promotion_code: code }: Stripe.Checkout.Session.Discount): GivenDiscount =>
  typeof code === 'string' ? { promotion_code: code } : { coupon: typeof coupon === 'string' ? coupon : '' };

export function expireCheckout(world: World, id: string): void {
  const session = find(world, 'checkout_sessions', id);
  if (session?.status === 'open') close(world, session);
}

function close(world: World, session: CheckoutSession): CheckoutSession {
  const expired = put(world, 'checkout_sessions', { ...session, status: 'expired', url: null });
  emit(world, 'checkout.session.expired', shown(expired));
  return expired;
}

/** What no session of the simulator has, or has only later. */
const emptyMembers = {
  adaptive_pricing: null,
  after_expiration: null,
  allowed_payment_method_types: null,
  automatic_tax: { enabled: false, liability: null, provider: null, status: null },
  billing_address_collection: null,
  client_secret: null,
  collected_information: null,
  consent: null,
  consent_collection: null,
  currency_conversion: null,
  custom_fields: [],
  custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
  customer_account: null,
  customer_details: null,
  integration_identifier: null,
  invoice: null,
  invoice_creation: null,
  locale: null,
  managed_payments: null,
  mode: 'subscription',
  origin_context: null,
  payment_intent: null,
  payment_link: null,
  payment_method_collection: 'always',
  payment_method_configuration_details: null,
  payment_method_options: {},
  payment_method_types: ['card'],
  payment_status: 'unpaid',
  permissions: null,
  recovered_from: null,
  saved_payment_method_options: null,
  setup_intent: null,
  shipping_address_collection: null,
  shipping_cost: null,
  shipping_options: [],
  status: 'open',
  submit_type: null,
  subscription: null,
  ui_mode: 'hosted_page',
  wallet_options: null,
} satisfies Partial<CheckoutSession>;
