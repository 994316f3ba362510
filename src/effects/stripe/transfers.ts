import type Stripe from 'stripe';
import * as z from 'zod';
import type { Claimed } from '../../db/outbox.ts';
import { queries } from '../../db/queries.ts';
import type { Obstacle } from '../../domain/obstacle.ts';
import { amountAtStripe } from '../../domain/stripe-amount.ts';
import { reclaimable, takeBackFailed, takenBack } from '../../domain/take-back.ts';
import type { Settlement } from '../effect.ts';
import { ask, unanswered } from './answer.ts';
import { handedOverOf, takingBack, takingBackOf, takingBackOrder } from './balance-take-back.ts';
import { asLate, differs, fulfilling, type Handed, isRepeated, keyOf, markOf, notHanded } from './fulfil.ts';
import { lookFor } from './look.ts';
import { idOf } from './reread.ts';
import type { StripeScene } from './translator.ts';

const order = z.object({
  ...{ reward_id: z.string(), fulfilment_id: z.string(), referral_id: z.string(), target: z.string() },
  amount_minor: z.string().regex(/^[1-9][0-9]{0,17}$/),
  currency: z.string(),
});
type Payment = z.output<typeof order>;

/**
 * `stripe.transfer.create`: money to a connected account (https://docs.stripe.com/api/transfers), out of the platform's available balance.
 * While that is too small nothing is on its way: the reward is available again, for refunds and holds too, and sent anew by the schedule.
 */
export const createTransfer = fulfilling(order, async (payment, scene, effect): Promise<Handed> => {
  const { target, fulfilment_id, currency, referral_id } = payment;
  const amount = amountAtStripe(BigInt(payment.amount_minor), currency);
  if (amount === null) return { kind: 'refused', obstacle: 'provider_refused' };
  if (isRepeated(effect)) {
    const earlier = await lookFor(
      (page) => scene.stripe.transfers.list({ destination: target, transfer_group: referral_id, ...page }),
      effect.created_at,
      ({ metadata }) => metadata.frontdesk_fulfilment === fulfilment_id,
    );
    if (earlier.kind !== 'ok') return notHanded(earlier, effect, scene, 'provider_refused', 'account_not_ready');
    if (earlier.value !== null) return arrived(earlier.value, payment, amount);
  }
  const account = await ask('account', () => scene.stripe.accounts.retrieve(target));
  if (account.kind !== 'ok') return notHanded(account, effect, scene, 'account_not_ready', 'account_not_ready');
  if (account.value.capabilities?.transfers !== 'active') return { kind: 'refused', obstacle: 'account_not_ready' };
  const params = { amount, currency, destination: target, transfer_group: referral_id, metadata: markOf(scene, payment) };
  const answer = await ask('transfer', () => scene.stripe.transfers.create(params, keyOf(scene, fulfilment_id, 'transfer')));
  if (answer.kind === 'ok') return arrived(answer.value, payment, amount);
  return notHanded(answer, effect, scene, answer.kind === 'refused' ? obstacleOf(answer.code) : 'provider_refused', 'account_not_ready');
});

function arrived({ id, amount, currency, destination }: Stripe.Transfer, payment: Payment, sent: number): Handed {
  const isOurs = amount === sent && currency === payment.currency && idOf(destination) === payment.target;
  return isOurs ? { kind: 'arrived', reference: id } : differs;
}

const fundsMissing = new Set(['balance_insufficient', 'insufficient_funds']);

function obstacleOf(code: string): Obstacle {
  if (fundsMissing.has(code)) return 'platform_funds_missing';
  return code === 'insufficient_capabilities_for_transfer' ? 'account_not_ready' : 'provider_refused';
}

const asked = z.object({ reward_id: z.string() });

/**
 * `stripe.transfer.reverse`: what of a transfer is not earned any more. Asked for a reward it looks how much that is, and stages itself with
 * everything frozen; a recipient that is empty owes it from then on, and the next rewards pay it.
 */
export async function reverseTransfer(effect: Claimed, scene: StripeScene): Promise<Settlement> {
  const frozen = takingBackOrder.safeParse(effect.payload);
  if (frozen.success) return reverseFrozen(effect, frozen.data, scene);
  const parsed = asked.safeParse(effect.payload);
  if (!parsed.success) return { kind: 'dead', error: 'payload_unreadable', counts: false };
  const [row] = await scene.consult([queries.handedOver(parsed.data.reward_id)]);
  if (row === null || row.target === null || row.reference === null) return { kind: 'done', note: 'nothing_handed_over' };
  const amountMinor = reclaimable(handedOverOf(row));
  if (amountMinor === 0n || amountAtStripe(amountMinor, row.currency) === null) return { kind: 'done', note: 'nothing_to_take_back' };
  return { kind: 'done', changes: takingBack('stripe.transfer.reverse', row, row.target, amountMinor, scene) };
}

async function reverseFrozen(effect: Claimed, order: z.output<typeof takingBackOrder>, scene: StripeScene): Promise<Settlement> {
  const { desk, given, stripe, now } = scene;
  const taking = takingBackOf(effect, order);
  const transfer = order.reference;
  const amount = amountAtStripe(taking.amountMinor, order.currency);
  const cause = { tenant: desk.tenant, actor: 'system:stripe', because: 'provider_confirmed' };
  const refused = (note: string): Settlement => ({
    kind: 'done',
    note,
    changes: takeBackFailed(taking, { ...cause, because: note }, given),
  });
  if (transfer === null || amount === null) return refused('provider_refused');
  const earlier = isRepeated(effect)
    ? await lookFor(
        (page) => stripe.transfers.listReversals(transfer, page),
        effect.created_at,
        ({ metadata }) => metadata?.frontdesk_effect === effect.effect_id,
      )
    : null;
  const metadata = { frontdesk_tenant: desk.tenant, frontdesk_reward: taking.rewardId, frontdesk_effect: effect.effect_id };
  const answer =
    earlier !== null && (earlier.kind !== 'ok' || earlier.value !== null)
      ? earlier
      : await ask('transfer_reversal', () =>
          stripe.transfers.createReversal(transfer, { amount, metadata }, keyOf(scene, effect.effect_id, 'reverse')),
        );
  if (answer.kind === 'later') return asLate(answer, effect, now);
  if (answer.kind === 'missing') return refused('provider_refused');
  if (answer.kind === 'refused') {
    if (answer.code === 'idempotency_error') return unanswered(answer);
    return refused(fundsMissing.has(answer.code) ? 'recipient_empty' : 'provider_refused');
  }
  if (answer.value?.amount !== amount || idOf(answer.value.transfer) !== transfer) {
    return { kind: 'dead', error: 'stripe_answer_differs', counts: false };
  }
  return { kind: 'done', changes: takenBack(taking, answer.value.id, cause, given) };
}
