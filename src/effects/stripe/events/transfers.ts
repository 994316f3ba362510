import { queries } from '../../../db/queries.ts';
import { together } from '../../../domain/decision.ts';
import { least } from '../../../domain/money.ts';
import { ledgerMinor } from '../../../domain/payment.ts';
import { reclaimable, takenBackByOthers } from '../../../domain/take-back.ts';
import { handedOverOf } from '../balance-take-back.ts';
import { reread } from '../reread.ts';
import type { Translator } from '../translator.ts';

/**
 * `transfer.reversed`: money came back from a connected account. Where we asked for it, that is written down by who asked; where a person
 * did it at Stripe, it pays what the organization owes of this reward. What nobody owed stays a difference that reconciliation tells.
 */
export const transferReversed: Translator = async (told, { stripe, consult, given, desk }) => {
  const read = await reread(told, 'transfer', (id) => stripe.transfers.retrieve(id));
  if (!read.ok) return read.settlement;
  const { metadata, currency, reversals } = read.value;
  const { frontdesk_reward: rewardId, frontdesk_tenant: tenant } = metadata;
  if (rewardId === undefined || tenant !== desk.tenant) return { kind: 'done', note: 'transfer_foreign' };
  const [row] = await consult([queries.handedOver(rewardId)]);
  const foreign = reversals.data.filter((one) => one.metadata?.frontdesk_effect === undefined);
  if (row === null || row.reference !== told.objectId || foreign.length === 0) return { kind: 'done', note: 'nothing_foreign' };
  const [entered] = await consult([
    queries.enteredSources(
      rewardId,
      foreign.map(({ id }) => id),
    ),
  ]);
  const known = new Set(entered.map(({ source }) => source));
  const cause = { tenant: desk.tenant, actor: 'system:stripe', because: 'transfer_reversed' };
  const handed = handedOverOf(row);
  let owed = reclaimable(handed);
  const parts = foreign.flatMap(({ id, amount }) => {
    const amountMinor = least(owed, ledgerMinor(BigInt(amount), currency) ?? 0n);
    if (known.has(id) || amountMinor === 0n) return [];
    owed -= amountMinor;
    return [takenBackByOthers({ ...handed, amountMinor }, id, cause, given)];
  });
  return parts.length === 0 ? { kind: 'done', note: 'nothing_owed' } : { kind: 'done', changes: together(...parts) };
};
