import { reread } from '../reread.ts';
import { rereadPayment } from '../reversals.ts';
import type { Translator } from '../translator.ts';

const refund: Translator = async (told, scene) => {
  const read = await reread(told, 'refund', (id) => scene.stripe.refunds.retrieve(id));
  return read.ok ? rereadPayment(read.value, scene) : read.settlement;
};

const charge: Translator = async (told, scene) => {
  const read = await reread(told, 'charge', (id) => scene.stripe.charges.retrieve(id));
  return read.ok ? rereadPayment(read.value, scene) : read.settlement;
};

/** A charge does not know its invoice: it is found by the payment intent. A refund may fail long after it was made. */
export const refundTranslators = {
  'charge.refunded': charge,
  'refund.created': refund,
  'refund.updated': refund,
  'refund.failed': refund,
} as const;
