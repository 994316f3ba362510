import { queries } from '../../../db/queries.ts';
import { reportOfStripe } from '../../../domain/stripe-report.ts';
import { isFrom, prospectIn } from '../metadata.ts';
import { idOf, reread } from '../reread.ts';
import type { Translator } from '../translator.ts';

/**
 * `checkout.session.completed`: who paid there is the prospect whose workspace or referral the checkout carries. Only what names this
 * tenant counts, as `open_checkout` writes it: the reference of a payment link is whatever its buyer put into the address
 * (https://docs.stripe.com/payment-links/url-parameters).
 */
export const checkoutCompleted: Translator = async (told, { stripe, desk, consult, given, now }) => {
  const read = await reread(told, 'checkout.session', (id) => stripe.checkout.sessions.retrieve(id));
  if (!read.ok) return read.settlement;
  const { id: reportId, status, metadata, payment_link, client_reference_id } = read.value;
  if (status !== 'complete') return { kind: 'done', note: 'checkout_not_complete' };
  if (!isFrom(desk, metadata)) return { kind: 'done', note: 'checkout_of_others' };
  const occurredAt = told.createdAt < now ? told.createdAt : now;
  const named = await prospectIn(metadata, desk, occurredAt, payment_link === null ? client_reference_id : null);
  if (named === null) return { kind: 'done', note: 'prospect_unnamed' };
  const stripeCustomer = idOf(read.value.customer);
  const [found] = await consult([queries.stripeSubject({ reportId, stripeCustomer, ...named })]);
  if (found === null) return { kind: 'done', note: 'prospect_unknown' };
  const linked = reportOfStripe({ reportId, type: 'checkout.completed', stripeCustomer, named, occurredAt }, found, given);
  if (linked.ok) return { kind: 'done', changes: linked.value };
  return { kind: 'done', note: linked.code === 'resource.conflict' ? 'prospect_contradiction' : 'prospect_unknown' };
};
