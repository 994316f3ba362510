import type { Stripe } from 'stripe';
import { refundCharge } from '../billing/refunds.ts';
import { invalid } from '../failure.ts';
import { page, pageParameters } from '../http/pages.ts';
import { type Accepts, amount, changedMetadata, emptyable, isWithin, metadata, oneOf, range, text } from '../http/parameters.ts';
import { type Route, route } from '../http/routes.ts';
import type { Charge } from '../wire.ts';
import { atPath, named, patch, select, type World } from '../world.ts';

const create = {
  amount: amount({ min: 1 }),
  charge: text(),
  metadata: emptyable(metadata()),
  payment_intent: text(),
  reason: oneOf('duplicate', 'fraudulent', 'requested_by_customer'),
} satisfies Accepts<Stripe.RefundCreateParams>;
const update = { metadata: emptyable(metadata()) } satisfies Accepts<Stripe.RefundUpdateParams>;
const listing = { ...pageParameters, charge: text(), created: range(), payment_intent: text() } satisfies Accepts<Stripe.RefundListParams>;
const disputes = listing satisfies Accepts<Stripe.DisputeListParams>;

/** Refunds, and disputes to be read; the control interface opens and decides disputes and lets refunds fail. */
export const refunds: readonly Route[] = [
  route('POST', '/v1/refunds', create, (world, { input }) => {
    const charge = chargeOf(world, input.charge, input.payment_intent);
    return refundCharge(world, charge, {
      reason: input.reason ?? null,
      metadata: changedMetadata(null, input.metadata),
      ...(input.amount === undefined ? {} : { amount: input.amount }),
    });
  }),
  route('GET', '/v1/refunds/:id', {}, (world, { at }) => atPath(world, 'refunds', at('id'))),
  route('POST', '/v1/refunds/:id', update, (world, { at, input }) => {
    const refund = atPath(world, 'refunds', at('id'));
    return patch(world, 'refunds', refund, { metadata: changedMetadata(refund.metadata, input.metadata) }, 'refund.updated');
  }),
  route('GET', '/v1/refunds', listing, (world, { input }) =>
    page(
      select(world, 'refunds', (one) => matches(one, input)),
      input,
      '/v1/refunds',
    ),
  ),
  route('GET', '/v1/disputes/:id', {}, (world, { at }) => atPath(world, 'disputes', at('id'))),
  route('GET', '/v1/disputes', disputes, (world, { input }) =>
    page(
      select(world, 'disputes', (one) => matches(one, input)),
      input,
      '/v1/disputes',
    ),
  ),
];

interface OfCharge {
  readonly charge: string;
  readonly payment_intent: string;
  readonly created: number;
}
function matches(
  one: OfCharge,
  wanted: { readonly charge?: string; readonly payment_intent?: string; readonly created?: Parameters<typeof isWithin>[1] },
) {
  const { charge = one.charge, payment_intent: intent = one.payment_intent } = wanted;
  return charge === one.charge && intent === one.payment_intent && isWithin(one.created, wanted.created);
}

function chargeOf(world: World, charge: string | undefined, intent: string | undefined): Charge {
  if ((charge === undefined) === (intent === undefined)) {
    throw invalid('One of the following params should be provided for this request: payment_intent or charge.', { param: 'charge' });
  }
  if (charge !== undefined) return named(world, 'charges', charge, 'charge');
  const { latest_charge: latest } = named(world, 'payment_intents', intent ?? '', 'payment_intent');
  if (latest === null) throw invalid('This PaymentIntent does not have a successful charge to refund.', { param: 'payment_intent' });
  return named(world, 'charges', latest, 'payment_intent');
}
