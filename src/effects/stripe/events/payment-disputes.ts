import { reread } from '../reread.ts';
import { rereadPayment } from '../reversals.ts';
import type { Translator } from '../translator.ts';

const dispute: Translator = async (told, scene) => {
  const read = await reread(told, 'dispute', (id) => scene.stripe.disputes.retrieve(id));
  return read.ok ? rereadPayment(read.value, scene) : read.settlement;
};

/** The payer's bank wants the money back: Stripe's disputes, not those about who is credited. */
export const paymentDisputeTranslators = {
  'charge.dispute.created': dispute,
  'charge.dispute.updated': dispute,
  'charge.dispute.closed': dispute,
  'charge.dispute.funds_withdrawn': dispute,
  'charge.dispute.funds_reinstated': dispute,
} as const;
