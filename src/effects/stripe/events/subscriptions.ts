import { queries } from '../../../db/queries.ts';
import { idOf, reread } from '../reread.ts';
import type { Translator } from '../translator.ts';

/** `customer.subscription.created`: what waited for a subscription of this customer is sent by the next round of the schedule. */
export const subscriptionCreated: Translator = async (told, { stripe, consult, given }) => {
  const read = await reread(told, 'subscription', (id) => stripe.subscriptions.retrieve(id));
  if (!read.ok) return read.settlement;
  const customer = idOf(read.value.customer);
  if (customer === null) return { kind: 'done', note: 'customer_none' };
  const [waiting] = await consult([queries.waitingForSubscription(customer, 100)]);
  if (waiting.length === 0) return { kind: 'done', note: 'nothing_waits' };
  return {
    kind: 'done',
    changes: {
      obstacles: waiting.map(({ reward_id }) => ({ reward_id, obstacle: null })),
      due: [{ kind: 'qualify', at: given.now.toISOString() }],
    },
  };
};
