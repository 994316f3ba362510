import * as z from 'zod';
import { queries } from '../../db/queries.ts';
import { type Changes, together } from '../../domain/decision.ts';
import { injectInto } from '../../domain/inject.ts';
import { injectEffect } from '../../domain/payment.ts';
import { readRewardFile } from '../../domain/reward-file.ts';
import type { Performer } from '../effect.ts';

const payload = z.object({ stripe_customer: z.string(), currency: z.string(), invoice_id: z.string() });

/**
 * `rewards.inject`: a bill of this customer is being drafted, so that all available credit of whoever has the customer is sent to it, each
 * reward whole, oldest first. Told twice, by two workers or too late it comes to the same: a reward is sent once, and what a bill does not
 * use waits for the next. Credit in another currency than the bill's says so.
 */
export const injectRewards: Performer = async (effect, { desk, given, consult }) => {
  const parsed = payload.safeParse(effect.payload);
  if (!parsed.success) return { kind: 'dead', error: 'payload_unreadable', counts: false };
  const { stripe_customer: customer, currency, invoice_id: invoiceId } = parsed.data;
  const [due, elsewhere] = await consult([
    queries.injectable(customer, currency, batchSize + 1),
    queries.inOtherCurrencies(customer, currency, batchSize),
  ]);
  const rows = await consult(due.slice(0, batchSize).map(({ reward_id }) => queries.rewardFile(reward_id)));
  const files = rows.flatMap((row) => (row === null ? [] : [readRewardFile(row)]));
  const cause = { tenant: desk.tenant, actor: 'system:stripe', because: 'invoice_created' };
  const sent = injectInto({ customer, currency }, files, cause, given);
  const parts: Changes[] = [sent];
  if (elsewhere.length > 0) {
    parts.push({ obstacles: elsewhere.map(({ reward_id }) => ({ reward_id, obstacle: 'customer_currency_differs' })) });
  }
  // What nothing could be sent of would come to nothing again.
  if (due.length > batchSize && sent.fulfilments) parts.push({ effects: [injectEffect(customer, currency, invoiceId, given)] });
  return { kind: 'done', changes: together(...parts), ...(sent.fulfilments ? {} : { note: 'nothing_available' }) };
};

/** Rewards of one commit. */
const batchSize = 50;
