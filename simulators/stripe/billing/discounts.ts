import type { Stripe } from 'stripe';
import { invalid } from '../failure.ts';
import { list, record, text } from '../http/parameters.ts';
import type { Discount, PromotionCode } from '../wire.ts';
import { created, emit, known, named, patch, put, select, type World } from '../world.ts';
import { addInterval } from './intervals.ts';

/** `discounts[]` of subscriptions, invoices and invoice items. */
export const discountParameters = list(record({ coupon: text(), discount: text(), promotion_code: text() }), { max: 20 });
export interface GivenDiscount {
  readonly coupon?: string;
  readonly discount?: string;
  readonly promotion_code?: string;
}

/** What the discounts are for. */
export interface DiscountPlace {
  readonly customer: string | null;
  readonly subscription?: string;
  readonly invoice?: string;
  readonly session?: string;
  readonly currency: string;
  readonly amount?: number;
}

/**
 * The discounts that `given` stands for, in place of all before: `discount` keeps one that is already there, the others are redeemed.
 * Failures: unknown or exhausted coupon or code, an amount off in another currency.
 */
export function placeDiscounts(
  world: World,
  given: readonly GivenDiscount[],
  place: DiscountPlace,
  before: readonly string[] = [],
): string[] {
  // All are judged before the first is redeemed, so that a refusal changes nothing.
  const judged = given.map((one, index) => judgedDiscount(world, one, place, before, `discounts[${index}]`));
  return judged.map((one) => (typeof one === 'string' ? one : redeem(world, one.coupon, one.code, place).id));
}

function judgedDiscount(
  world: World,
  given: GivenDiscount,
  place: DiscountPlace,
  before: readonly string[],
  param: string,
): string | { readonly coupon: Stripe.Coupon; readonly code: PromotionCode | null } {
  if (Object.keys(given).length !== 1) throw invalid('You must pass exactly one of coupon, discount, promotion_code.', { param });
  if (given.discount !== undefined) {
    if (before.includes(given.discount)) return given.discount;
    throw invalid(`No such discount: '${given.discount}'`, { code: 'resource_missing', param: `${param}[discount]` });
  }
  if (given.promotion_code !== undefined) {
    const code = named(world, 'promotion_codes', given.promotion_code, `${param}[promotion_code]`);
    const coupon = known(world, 'coupons', code.promotion.coupon);
    assertRedeemable(world, code, coupon, place, `${param}[promotion_code]`);
    return { coupon, code };
  }
  const coupon = named(world, 'coupons', given.coupon ?? '', `${param}[coupon]`);
  assertValid(world, coupon, place, `${param}[coupon]`);
  return { coupon, code: null };
}

/** A coupon may be used up, over, or in another currency. */
export function assertValid(world: World, coupon: Stripe.Coupon, { currency }: DiscountPlace, param: string): void {
  if (!isValid(world, coupon)) throw invalid(`Coupon ${coupon.id} is expired and cannot be applied.`, { code: 'coupon_expired', param });
  if (coupon.currency !== null && coupon.currency !== currency) {
    throw invalid(`The currency of the coupon must be ${currency}.`, { param });
  }
}

export function isValid(world: World, coupon: Stripe.Coupon): boolean {
  return (
    (coupon.redeem_by === null || coupon.redeem_by > world.now()) &&
    (coupon.max_redemptions ?? Number.POSITIVE_INFINITY) > coupon.times_redeemed
  );
}

/** A promotion code has its own limits: active, end, redemptions, customer, first purchase, minimum. */
export function assertRedeemable(world: World, code: PromotionCode, coupon: Stripe.Coupon, place: DiscountPlace, param: string): void {
  const refused = (why: string) => invalid(`This promotion code cannot be redeemed because ${why}.`, { param });
  if (!code.active) throw refused('it is not active');
  if (code.expires_at !== null && code.expires_at <= world.now()) throw refused('it is expired');
  if (code.max_redemptions !== null && code.times_redeemed >= code.max_redemptions)
    throw refused('it has been redeemed the maximum number of times');
  if (code.customer !== null && code.customer !== place.customer) throw refused('it belongs to another customer');
  const { first_time_transaction: isFirstOnly, minimum_amount: minimum, minimum_amount_currency: currency } = code.restrictions;
  const hasPaid = select(
    world,
    'invoices',
    ({ customer, status, amount_paid: paid }) => customer === place.customer && status === 'paid' && paid > 0,
  );
  if (isFirstOnly && hasPaid.length > 0) throw refused('the associated customer has prior transactions');
  if (minimum !== null && (currency !== place.currency || (place.amount ?? 0) < minimum))
    throw refused('the minimum amount is not reached');
  assertValid(world, coupon, place, param);
}

function redeem(world: World, coupon: Stripe.Coupon, code: PromotionCode | null, place: DiscountPlace): Discount {
  const fresh = known(world, 'coupons', coupon.id);
  patch(world, 'coupons', fresh, { times_redeemed: fresh.times_redeemed + 1 });
  if (code !== null) {
    const current = known(world, 'promotion_codes', code.id);
    patch(world, 'promotion_codes', current, { times_redeemed: current.times_redeemed + 1 });
  }
  const { id } = created(world, 'di');
  const discount: Discount = {
    id,
    object: 'discount',
    checkout_session: place.session ?? null,
    customer: place.customer,
    customer_account: null,
    end: coupon.duration === 'repeating' ? addInterval(world.now(), 'month', coupon.duration_in_months ?? 1) : null,
    invoice: place.invoice ?? null,
    invoice_item: null,
    promotion_code: code?.id ?? null,
    source: { coupon: coupon.id, type: 'coupon' },
    start: world.now(),
    subscription: place.subscription ?? null,
    subscription_item: null,
  };
  return put(world, 'discounts', discount, place.subscription === undefined ? undefined : 'customer.discount.created');
}

export function couponsOf(world: World, discounts: readonly string[]): Stripe.Coupon[] {
  return discounts.map((id) => known(world, 'coupons', known(world, 'discounts', id).source.coupon));
}

/** The discounts that are left after an invoice was made with them: `once` is spent, `repeating` ends. */
export function discountsAfterInvoice(world: World, discounts: readonly string[]): string[] {
  const isLeft = (id: string): boolean => known(world, 'coupons', known(world, 'discounts', id).source.coupon).duration !== 'once';
  for (const id of discounts) if (!isLeft(id)) emit(world, 'customer.discount.deleted', known(world, 'discounts', id));
  return discounts.filter(isLeft);
}

export function runningDiscounts(world: World, discounts: readonly string[]): string[] {
  return discounts.filter((id) => (known(world, 'discounts', id).end ?? Number.POSITIVE_INFINITY) > world.now());
}
