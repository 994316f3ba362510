import type Stripe from 'stripe';
import { checkoutCouponId } from '../../domain/checkout.ts';
import { ok, type Refusal, type Result, refuse } from '../../domain/result.ts';
import type { Desk } from '../../operations/desk.ts';
import type { Answered, CheckoutWanted, OnboardingWanted, Provider, ProviderFailure } from '../../operations/provider.ts';
import { type Answer, ask } from './answer.ts';
import { openStripe, type StripeAccess } from './client.ts';

/**
 * Stripe, for operations that ask it and record nothing. The caller's intent is the idempotency key of the one object that is answered
 * (https://docs.stripe.com/api/idempotent_requests); what that needs beside it has a key, or an id, of its own.
 */
export function stripeProvider(access: StripeAccess = {}): Provider {
  return {
    openCheckout: async (desk, wanted, intent) =>
      desk.stripe === null ? unconnected : openCheckout(openStripe(desk.stripe, access), desk, wanted, intent),
    openOnboarding: async (desk, wanted, intent) =>
      desk.stripe === null ? unconnected : openOnboarding(openStripe(desk.stripe, access), desk, wanted, intent),
  };
}

const unconnected = refuse('upstream.unavailable', { detail: 'The vendor has connected no payment provider.', retryAfterS: 3600 });

/** A Checkout Session of mode `subscription`, with the tier's price by its lookup key. It expires after 24 hours. */
async function openCheckout(stripe: Stripe, desk: Desk, wanted: CheckoutWanted, intent: string) {
  const price = await priceOf(stripe, wanted.tier);
  if (!price.ok) return price;
  const coupon = await couponOf(stripe, desk, wanted);
  if (!coupon.ok) return coupon;
  const metadata = {
    frontdesk_tenant: desk.tenant,
    frontdesk_workspace: wanted.workspaceId,
    ...(wanted.referralId === null ? {} : { frontdesk_referral: wanted.referralId }),
  };
  const metered = price.value.recurring?.usage_type === 'metered';
  const plain: Stripe.Checkout.SessionCreateParams = {
    mode: 'subscription',
    line_items: [{ price: price.value.id, ...(metered ? {} : { quantity: 1 }) }],
    client_reference_id: wanted.workspaceId,
    metadata,
    subscription_data: { metadata },
    success_url: wanted.successUrl,
    cancel_url: wanted.cancelUrl,
  };
  const opened = await sessionWith(stripe, plain, coupon.value, intent);
  if (opened.kind !== 'ok') return refused(opened);
  const { id, url, expires_at } = opened.value;
  // A session that is answered again after it was used has no page any more.
  if (url === null) return refuse('state.forbidden', { detail: 'This checkout is over: open another one with a new key.' });
  return answered(opened.value, { id, url, expiresAt: new Date(expires_at * 1000) });
}

type GivenCoupon = Pick<Stripe.Coupon, 'id' | 'valid'>;

/** The session with the coupon, or without it once that is not valid any more: who subscribes late does so at the full price. */
async function sessionWith(stripe: Stripe, plain: Stripe.Checkout.SessionCreateParams, coupon: GivenCoupon | null, intent: string) {
  const create = (params: Stripe.Checkout.SessionCreateParams) =>
    ask('checkout.session', () => stripe.checkout.sessions.create(params, { idempotencyKey: intent }));
  const discounted = coupon === null ? plain : { ...plain, discounts: [{ coupon: coupon.id }] };
  if (coupon === null || coupon.valid) return create(discounted);
  const opened = await create(plain);
  // What was asked before the coupon was redeemed is answered again only if it is asked as it was then.
  return isOtherwise(opened) ? create(discounted) : opened;
}

/** The recurring price whose lookup key is the tier's id, by itself or after `frontdesk-`. */
async function priceOf(stripe: Stripe, tier: string): Promise<Result<Stripe.Price, ProviderFailure>> {
  const keys = [`frontdesk-${tier}`, tier];
  const listed = await ask('list', () => stripe.prices.list({ lookup_keys: keys, active: true, limit: 10 }));
  if (listed.kind !== 'ok') return refused(listed);
  const { data } = listed.value;
  const [price] = keys.flatMap((key) => data.filter(({ lookup_key, recurring }) => lookup_key === key && recurring !== null));
  if (price) return ok(price);
  return refuse('state.forbidden', { detail: 'The vendor has set no price for this tier at its payment provider.' });
}

/**
 * The coupon of the referral behind a checkout, made when it is first needed: whoever comes second finds it there. It is redeemed once;
 * used up, or ended by the vendor, it is not valid any more. Null: there is no discount.
 */
async function couponOf(
  stripe: Stripe,
  { tenant }: Desk,
  { referralId, discount }: CheckoutWanted,
): Promise<Result<GivenCoupon | null, ProviderFailure>> {
  if (referralId === null || discount === null) return ok(null);
  const { rule, percentBps, months } = discount;
  const id = checkoutCouponId(referralId);
  const known = await ask('coupon', () => stripe.coupons.retrieve(id));
  if (known.kind === 'ok') return ok(known.value);
  if (known.kind !== 'missing') return refused(known);
  const lasting = months === null ? { duration: 'forever' as const } : { duration: 'repeating' as const, duration_in_months: months };
  const params: Stripe.CouponCreateParams = {
    ...{ id, name: 'Referred by an agent', percent_off: percentBps / 100, max_redemptions: 1, ...lasting },
    metadata: { frontdesk_tenant: tenant, frontdesk_referral: referralId, frontdesk_rule: rule },
  };
  const made = await ask('coupon', () => stripe.coupons.create(params, { idempotencyKey: `frontdesk:${id}:v1` }));
  if (made.kind === 'ok' || (made.kind === 'refused' && made.code === 'resource_already_exists')) return ok({ id, valid: true });
  return refused(made);
}

/** Whether the key stands for the same with other parameters, or for something else. */
const isOtherwise = (answer: Answer<unknown>): boolean => answer.kind === 'refused' && answer.code === 'idempotency_error';

/**
 * An Account Link to the organization's connected account. Where it has none, one is made, the same for a day; of several that were begun,
 * the first that is finished is linked.
 */
async function openOnboarding(stripe: Stripe, desk: Desk, wanted: OnboardingWanted, intent: string) {
  const account = wanted.accountId === null ? await newAccount(stripe, desk, wanted.organizationId) : ok(wanted.accountId);
  if (!account.ok) return account;
  const params: Stripe.AccountLinkCreateParams = {
    account: account.value,
    type: 'account_onboarding',
    return_url: wanted.returnUrl,
    refresh_url: wanted.refreshUrl,
  };
  const opened = await ask('account_link', () => stripe.accountLinks.create(params, { idempotencyKey: intent }));
  if (opened.kind !== 'ok') return refused(opened);
  return answered(opened.value, { url: opened.value.url, expiresAt: new Date(opened.value.expires_at * 1000) });
}

async function newAccount(stripe: Stripe, desk: Desk, organizationId: string): Promise<Result<string, ProviderFailure>> {
  const made = await ask('account', () =>
    stripe.accounts.create(
      {
        type: 'express',
        capabilities: { transfers: { requested: true } },
        metadata: { frontdesk_tenant: desk.tenant, frontdesk_organization: organizationId },
      },
      { idempotencyKey: `frontdesk:${desk.tenant}:${organizationId}:account:v1` },
    ),
  );
  return made.kind === 'ok' ? ok(made.value.id) : refused(made);
}

/** Stripe says with a header that it has answered the same before. Over fetch the package hands on its `Headers`, whatever its types say. */
function answered<T>(response: { readonly lastResponse: { readonly headers: object } }, value: T): Result<Answered<T>, never> {
  const { headers } = response.lastResponse;
  return ok({ value, replayed: headers instanceof Headers && headers.get('idempotent-replayed') === 'true' });
}

function refused(answer: Exclude<Answer<unknown>, { kind: 'ok' }>): Refusal<ProviderFailure> {
  if (answer.kind === 'later') return refuse('upstream.unavailable', { retryAfterS: answer.afterS ?? 5 });
  if (isOtherwise(answer)) return refuse('idempotency.mismatch');
  return refuse('state.forbidden', { detail: 'The payment provider refused this: the vendor’s account there may not be set up for it.' });
}
