import * as z from 'zod';
import type { HandedOverRow } from '../../db/injection-queries.ts';
import type { Claimed } from '../../db/outbox.ts';
import { queries } from '../../db/queries.ts';
import { together } from '../../domain/decision.ts';
import { least } from '../../domain/money.ts';
import { ledgerMinor } from '../../domain/payment.ts';
import { stageEffect } from '../../domain/stage.ts';
import { amountAtStripe } from '../../domain/stripe-amount.ts';
import {
  type HandedOver,
  reclaimable,
  type TakingBack,
  takeBackFailed,
  takeBackSent,
  takenBack,
  unconsumed,
  undoEffect,
} from '../../domain/take-back.ts';
import type { Settlement } from '../effect.ts';
import { type Answer, ask, unanswered } from './answer.ts';
import { findTransaction } from './balance.ts';
import { asLate, isRepeated, keyOf } from './fulfil.ts';
import { idOf } from './reread.ts';
import type { StripeScene } from './translator.ts';

const asked = z.object({ reward_id: z.string() });

/**
 * `stripe.balance.take_back`: what of a reward is not earned any more and still lies on the customer's balance is fetched back by an
 * effect with everything frozen. What bills have consumed stays owed, and the next rewards pay it. What others put there stays there.
 */
export async function takeBackBalance(effect: Claimed, scene: StripeScene): Promise<Settlement> {
  const parsed = asked.safeParse(effect.payload);
  if (!parsed.success) return unreadable;
  const [row] = await scene.consult([queries.handedOver(parsed.data.reward_id)]);
  if (row === null || row.target === null) return { kind: 'done', note: 'nothing_handed_over' };
  const { target } = row;
  const most = reclaimable(handedOverOf(row));
  if (most === 0n) return { kind: 'done', note: 'nothing_to_take_back' };
  const unused = await unusedOf({ rewardId: row.reward_id, currency: row.currency, amountMinor: 0n }, target, scene);
  if (unused.kind === 'missing') return { kind: 'done', note: 'customer_deleted' };
  if (unused.kind !== 'ok') return unanswered(unused);
  const amountMinor = least(most, unused.value);
  if (amountMinor === 0n || amountAtStripe(amountMinor, row.currency) === null) return { kind: 'done', note: 'nothing_unused' };
  return { kind: 'done', changes: takingBack('stripe.balance.debit', row, target, amountMinor, scene) };
}

/**
 * What of a reward's credit still lies on its customer's balance, `amountMinor` of it being on its way back already; nothing where there
 * are too many bills to tell. The balance is read first: a bill between both reads makes it less, never more.
 */
async function unusedOf(
  { rewardId, currency, amountMinor }: Pick<TakingBack, 'rewardId' | 'currency' | 'amountMinor'>,
  customer: string,
  scene: StripeScene,
): Promise<Answer<bigint>> {
  const unused = await unusedOn(customer, currency, scene);
  if (unused.kind !== 'ok') return unused;
  const [row, known] = await scene.consult([queries.handedOver(rewardId), queries.creditUses(rewardId, mostUses)]);
  if (row === null || known === null || known.credits.length > mostUses || known.uses.length > mostUses) return { kind: 'ok', value: 0n };
  const credits = known.credits.map(({ reward_id, amount_minor }) => ({ rewardId: reward_id, amountMinor: BigInt(amount_minor) }));
  const uses = known.uses.map(({ invoice_id, amount_minor }) => ({ invoiceId: invoice_id, amountMinor: BigInt(amount_minor) }));
  return { kind: 'ok', value: least(unused.value, unconsumed(rewardId, row.settled_minor + amountMinor, credits, uses)) };
}

/** Credits, and bills, of one organization in one currency. */
const mostUses = 10_000;

/** What lies on a customer's balance and no bill has consumed, as the ledger counts it. A deleted customer is missing. */
async function unusedOn(customer: string, currency: string, { stripe }: StripeScene): Promise<Answer<bigint>> {
  const answer = await ask('customer', () => stripe.customers.retrieve(customer, { expand: ['invoice_credit_balance'] }));
  if (answer.kind !== 'ok') return answer;
  if (answer.value.deleted) return { kind: 'missing', code: 'resource_missing' };
  // Positive is credit here, unlike `balance`.
  const shown = Math.max(0, answer.value.invoice_credit_balance?.[currency] ?? 0);
  return { kind: 'ok', value: ledgerMinor(BigInt(shown), currency) ?? 0n };
}

/** Stages the effect that takes something back, and stops it from being owed at the same moment. */
export function takingBack(kind: string, row: HandedOverRow, target: string, amountMinor: bigint, { desk, given }: StripeScene) {
  const { rewardId, referralId, organizationId, currency, kind: rewardKind } = handedOverOf(row);
  const effect = stageEffect(given, {
    ...{ kind, aggregate: `stripe:${target}`, destination: 'stripe', organization_id: organizationId },
    payload: {
      ...{ reward_id: rewardId, referral_id: referralId, organization_id: organizationId, reward_kind: rewardKind, currency },
      ...{ amount_minor: String(amountMinor), target, reference: row.reference },
    },
  });
  const taking = { rewardId, referralId, organizationId, currency, kind: rewardKind, effectId: effect.effect_id, amountMinor };
  const cause = { tenant: desk.tenant, actor: 'system:stripe', because: 'earned_no_more' };
  return together(takeBackSent(taking, cause, given), { effects: [effect] });
}

/** What an effect that takes back says. */
export const takingBackOrder = z.object({
  ...{ reward_id: z.string(), referral_id: z.string(), organization_id: z.string(), reward_kind: z.string(), currency: z.string() },
  amount_minor: z.string().regex(/^[1-9][0-9]{0,17}$/),
  target: z.string(),
  reference: z.string().nullable(),
});

export function takingBackOf({ effect_id }: Claimed, order: z.output<typeof takingBackOrder>): TakingBack {
  const { reward_id, referral_id, organization_id, reward_kind, currency, amount_minor } = order;
  return {
    ...{ rewardId: reward_id, referralId: referral_id, organizationId: organization_id, kind: reward_kind, currency },
    ...{ effectId: effect_id, amountMinor: BigInt(amount_minor) },
  };
}

/**
 * `stripe.balance.debit`: the inverse of a credit, as a customer balance transaction with a positive amount. What somebody else took or a
 * bill consumed since it was looked at is looked at anew: the customer never comes to owe what it was credited.
 */
export async function debitBalance(effect: Claimed, scene: StripeScene): Promise<Settlement> {
  const parsed = takingBackOrder.safeParse(effect.payload);
  if (!parsed.success) return unreadable;
  const { target, currency } = parsed.data;
  const { desk, given, stripe, now } = scene;
  const taking = takingBackOf(effect, parsed.data);
  const cause = { tenant: desk.tenant, actor: 'system:stripe', because: 'provider_confirmed' };
  const refused = (note: string): Settlement => ({
    kind: 'done',
    note,
    changes: takeBackFailed(taking, { ...cause, because: note }, given),
  });
  const amount = amountAtStripe(taking.amountMinor, currency);
  if (amount === null) return refused('provider_refused');
  const mark = { frontdesk_tenant: desk.tenant, frontdesk_reward: taking.rewardId, frontdesk_effect: effect.effect_id };
  const unused = await unusedOf(taking, target, scene);
  if (unused.kind === 'later') return asLate(unused, effect, now);
  // After the balance: where this very debit took it meanwhile, it is found.
  const earlier = isRepeated(effect) ? await findTransaction(target, { frontdesk_effect: effect.effect_id }, effect, scene) : null;
  const isDecided = earlier !== null && (earlier.kind !== 'ok' || earlier.value !== null);
  if (!isDecided && unused.kind === 'ok' && unused.value < taking.amountMinor) {
    const again = undoEffect(taking, target, given);
    const changes = takeBackFailed(taking, { ...cause, because: 'consumed_meanwhile' }, given);
    return { kind: 'done', note: 'consumed_meanwhile', changes: together(changes, again ? { effects: [again] } : {}) };
  }
  const answer = isDecided
    ? earlier
    : await ask('customer_balance_transaction', () =>
        stripe.customers.createBalanceTransaction(
          target,
          { amount, currency, description: 'Referral reward taken back', metadata: mark },
          keyOf(scene, effect.effect_id, 'debit'),
        ),
      );
  if (answer.kind === 'later') return asLate(answer, effect, now);
  if (answer.kind === 'missing') return refused('customer_deleted');
  if (answer.kind === 'refused') return answer.code === 'idempotency_error' ? unanswered(answer) : refused('provider_refused');
  const transaction = answer.value;
  if (transaction?.amount !== amount || transaction.currency !== currency || idOf(transaction.customer) !== target) {
    return { kind: 'dead', error: 'stripe_answer_differs', counts: false };
  }
  return { kind: 'done', changes: takenBack(taking, transaction.id, cause, given) };
}

export function handedOverOf(row: HandedOverRow): HandedOver {
  return {
    ...{
      rewardId: row.reward_id,
      referralId: row.referral_id,
      organizationId: row.organization_id,
      kind: row.kind,
      currency: row.currency,
    },
    ...{ accruedMinor: row.accrued_minor, reversedMinor: row.reversed_minor, nettedMinor: row.netted_minor },
    ...{ settledMinor: row.settled_minor, owedMinor: row.owed_minor },
  };
}

const unreadable: Settlement = { kind: 'dead', error: 'payload_unreadable', counts: false };
