import type { Stripe } from 'stripe';
import { isValid } from '../billing/discounts.ts';
import { invalid } from '../failure.ts';
import { page, pageParameters } from '../http/pages.ts';
import {
  type Accepts,
  amount,
  changedMetadata,
  currency,
  emptyable,
  flag,
  type Input,
  integer,
  list,
  metadata,
  oneOf,
  percent,
  record,
  required,
  text,
  timestamp,
} from '../http/parameters.ts';
import { type Route, route } from '../http/routes.ts';
import { scrambled } from '../ids.ts';
import type { PromotionCode } from '../wire.ts';
import { atPath, created, emit, find, named, patch, put, select, type World } from '../world.ts';
import { customerNamed } from './customers.ts';

const coupon = {
  amount_off: amount({ min: 1 }),
  applies_to: record({ products: list(text()) }),
  currency: currency(),
  duration: oneOf('once', 'repeating', 'forever'),
  duration_in_months: integer({ min: 1, max: 1200 }),
  id: text(200),
  max_redemptions: integer({ min: 1 }),
  metadata: emptyable(metadata()),
  name: text(40),
  percent_off: percent(),
  redeem_by: timestamp(),
} satisfies Accepts<Stripe.CouponCreateParams>;
const couponUpdate = { metadata: emptyable(metadata()), name: text(40) } satisfies Accepts<Stripe.CouponUpdateParams>;

const code = {
  promotion: required(record({ coupon: required(text()), type: required(oneOf('coupon')) })),
  active: flag(),
  code: text(500),
  customer: text(),
  expires_at: timestamp(),
  max_redemptions: integer({ min: 1 }),
  metadata: metadata(),
  restrictions: record({ first_time_transaction: flag(), minimum_amount: amount({ min: 1 }), minimum_amount_currency: currency() }),
} satisfies Accepts<Stripe.PromotionCodeCreateParams>;
const codeUpdate = { active: flag(), metadata: emptyable(metadata()) } satisfies Accepts<Stripe.PromotionCodeUpdateParams>;
const codeList = {
  ...pageParameters,
  active: flag(),
  code: text(),
  coupon: text(),
  customer: text(),
} satisfies Accepts<Stripe.PromotionCodeListParams>;

/** Coupons and promotion codes. */
export const promotions: readonly Route[] = [
  route('POST', '/v1/coupons', coupon, (world, { input }) => put(world, 'coupons', newCoupon(world, input), 'coupon.created')),
  route('GET', '/v1/coupons/:id', {}, (world, { at }) => shown(world, atPath(world, 'coupons', at('id')))),
  route('POST', '/v1/coupons/:id', couponUpdate, (world, { at, input }) => {
    const before = atPath(world, 'coupons', at('id'));
    const change = {
      name: input.name ?? before.name,
      metadata: input.metadata === undefined ? before.metadata : changedMetadata(before.metadata, input.metadata),
    };
    return patch(world, 'coupons', before, change, 'coupon.updated');
  }),
  route('DELETE', '/v1/coupons/:id', {}, (world, { at }) => {
    const before = atPath(world, 'coupons', at('id'));
    const used = select(world, 'discounts', ({ source }) => source.coupon === before.id);
    if (used.length > 0) throw invalid('The simulator does not delete a coupon that was redeemed.');
    delete world.state.objects.coupons[before.id];
    emit(world, 'coupon.deleted', before);
    return { id: before.id, object: 'coupon', deleted: true } satisfies Stripe.DeletedCoupon;
  }),
  route('GET', '/v1/coupons', pageParameters, (world, { input }) =>
    page(
      select(world, 'coupons', () => true).map((one) => shown(world, one)),
      input,
      '/v1/coupons',
    ),
  ),

  route('POST', '/v1/promotion_codes', code, (world, { input }) =>
    put(world, 'promotion_codes', newCode(world, input), 'promotion_code.created'),
  ),
  route('GET', '/v1/promotion_codes/:id', {}, (world, { at }) => atPath(world, 'promotion_codes', at('id'))),
  route('POST', '/v1/promotion_codes/:id', codeUpdate, (world, { at, input }) => {
    const before = atPath(world, 'promotion_codes', at('id'));
    const change = {
      active: input.active ?? before.active,
      metadata: input.metadata === undefined ? before.metadata : changedMetadata(before.metadata, input.metadata),
    };
    return patch(world, 'promotion_codes', before, change, 'promotion_code.updated');
  }),
  route('GET', '/v1/promotion_codes', codeList, (world, { input }) => {
    const matches = (one: PromotionCode): boolean =>
      (input.active ?? one.active) === one.active &&
      (input.code ?? one.code).toLowerCase() === one.code.toLowerCase() &&
      (input.coupon ?? one.promotion.coupon) === one.promotion.coupon &&
      (input.customer ?? one.customer) === one.customer;
    return page(select(world, 'promotion_codes', matches), input, '/v1/promotion_codes');
  }),
];

const shown = (world: World, stored: Stripe.Coupon): Stripe.Coupon => ({ ...stored, valid: isValid(world, stored) });

function newCoupon(world: World, input: Input<typeof coupon>): Stripe.Coupon {
  const { amount_off: off, percent_off: part, duration = 'once', duration_in_months: months } = input;
  if ((off === undefined) === (part === undefined))
    throw invalid('Must provide exactly one of amount_off or percent_off.', { param: 'percent_off' });
  if (off !== undefined && input.currency === undefined)
    throw invalid('Must provide currency with amount_off.', { code: 'parameter_missing', param: 'currency' });
  if ((duration === 'repeating') !== (months !== undefined)) {
    throw invalid('duration_in_months goes with duration repeating, and with no other.', { param: 'duration_in_months' });
  }
  if (input.redeem_by !== undefined && input.redeem_by <= world.now())
    throw invalid('redeem_by must be in the future.', { param: 'redeem_by' });
  if (input.id !== undefined && find(world, 'coupons', input.id) !== undefined)
    throw invalid('Coupon already exists.', { code: 'resource_already_exists' });
  if (input.applies_to !== undefined) throw invalid('The simulator does not limit a coupon to products.', { param: 'applies_to' });
  const base = created(world, 'cpn');
  return {
    ...base,
    id: input.id ?? base.id.slice(4),
    object: 'coupon',
    amount_off: off ?? null,
    currency: off === undefined ? null : (input.currency ?? null),
    duration,
    duration_in_months: months ?? null,
    max_redemptions: input.max_redemptions ?? null,
    metadata: changedMetadata(null, input.metadata),
    name: input.name ?? null,
    percent_off: part ?? null,
    redeem_by: input.redeem_by ?? null,
    times_redeemed: 0,
    valid: true,
  };
}

function newCode(world: World, input: Input<typeof code>): PromotionCode {
  const owner = named(world, 'coupons', input.promotion.coupon, 'promotion[coupon]');
  if (input.customer !== undefined) customerNamed(world, input.customer);
  const wanted = input.code ?? scrambled(world.state.seed, world.state.counter + 1, 8).toUpperCase();
  if (!/^[A-Za-z0-9-]+$/.test(wanted)) throw invalid('Invalid code: letters, digits and dashes only', { param: 'code' });
  const same = select(world, 'promotion_codes', (one) => one.active && one.code.toLowerCase() === wanted.toLowerCase());
  if (same.length > 0)
    throw invalid('An active promotion code with this code already exists.', { code: 'resource_already_exists', param: 'code' });
  const {
    first_time_transaction: isFirst = false,
    minimum_amount: minimum = null,
    minimum_amount_currency: unit = null,
  } = input.restrictions ?? {};
  if ((minimum === null) !== (unit === null))
    throw invalid('minimum_amount and minimum_amount_currency go together.', { param: 'restrictions' });
  return {
    ...created(world, 'promo'),
    object: 'promotion_code',
    active: input.active ?? true,
    code: wanted,
    customer: input.customer ?? null,
    customer_account: null,
    expires_at: input.expires_at ?? null,
    max_redemptions: input.max_redemptions ?? null,
    metadata: changedMetadata(null, input.metadata),
    promotion: { coupon: owner.id, type: 'coupon' },
    restrictions: { first_time_transaction: isFirst, minimum_amount: minimum, minimum_amount_currency: unit },
    times_redeemed: 0,
  };
}
