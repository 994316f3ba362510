import { queries } from '../../db/queries.ts';
import type { ConfirmedRow, GivenUpRow, UnderwayRow } from '../../db/reconcile-queries.ts';
import type { Changes } from '../../domain/decision.ts';
import { type GivenUp, leftDead, neverPasses, revivedNow } from '../../domain/given-up.ts';
import {
  clearingDifferences,
  differences,
  type Finding,
  notCompared,
  residuals,
  type Settled,
  type ShownCredit,
  strangers,
} from '../../domain/reconciliation.ts';
import { amountAtStripe } from '../../domain/stripe-amount.ts';
import { ask } from './answer.ts';
import { rereadAccounts } from './reread-accounts.ts';
import type { StripeScene } from './translator.ts';

/** What one comparison came to; `changes` writes it down and repairs what is safe. Null: Stripe could not be asked, nothing is said. */
export interface Reconciled {
  readonly findings: readonly Finding[];
  readonly changes: Changes;
}

/**
 * Compares what the ledger says was handed over with the objects at Stripe: what was confirmed in the last two days is looked at one by
 * one, the credits of those customers are searched for ones that no fulfilment stands for, and what is on its way is held against
 * `clearing`. Any effect of ours that gave up for a reason that passes is tried again once a day: it looks before it acts, so that nothing is
 * done twice. Everything else is told, with its age, and left to a person; so is what is more than one comparison can look at.
 */
export async function reconcile(scene: StripeScene): Promise<Reconciled | null> {
  const { now, given, consult } = scene;
  const since = new Date(now.getTime() - lookBackMs);
  const [underway, allConfirmed, clearing, givenUp] = await consult([
    queries.underway(new Date(now.getTime() - patienceMs), mostUnderway),
    queries.confirmedFulfilments(since, mostCounted),
    queries.clearing(mostUnderway),
    queries.givenUp(neverPasses, mostGivenUp),
  ]);
  const confirmed = allConfirmed.slice(0, mostConfirmed);
  const shown = await shownOf(confirmed, scene);
  const credits = await creditsOf(confirmed, since, scene);
  if (shown === null || credits === null) return null;
  const [references] = await consult([queries.references([...new Set(credits.map(({ fulfilmentId }) => fulfilmentId))])]);
  const known = new Map(references.map(({ fulfilment_id, reference }) => [fulfilment_id, reference]));
  const open = residuals(underway.map(underwayOf), now);
  const dead = givenUp.map(givenUpOf);
  const revived = revivedNow(dead, now);
  const left = dead.filter((one) => !revived.includes(one));
  const findings = [
    ...open,
    ...differences(shown),
    ...strangers(credits, known),
    ...clearingDifferences(
      clearing.map((row) => ({
        ...{ organizationId: row.organization_id, currency: row.currency, clearingMinor: row.clearing_minor, sentMinor: row.sent_minor },
      })),
    ),
    ...leftDead(left, new Set(open.flatMap(({ fulfilment }) => fulfilment ?? [])), now),
    ...notCompared(allConfirmed.length - confirmed.length),
  ];
  const row = {
    ...{ reconciliation_id: given.newId('rec'), ran_at: now.toISOString(), ok: findings.length === 0 },
    checks: underway.length + shown.length + credits.length + clearing.length,
    findings: findings.slice(0, mostFindings),
  };
  return {
    findings,
    changes: {
      reconciliations: [row],
      ...(revived.length > 0 ? { revived_effects: revived.map((one) => triedAgain(one, now)) } : {}),
      ...(await rereadAccounts(scene)),
    },
  };
}

const lookBackMs = 48 * 3_600_000;
const patienceMs = 10 * 60_000;
const mostUnderway = 500;
const mostConfirmed = 200;
/** As far as what was not looked at is counted. */
const mostCounted = 1_000;
const mostGivenUp = 2_000;
const mostFindings = 1_000;

const underwayOf = (row: UnderwayRow) => ({
  ...{ fulfilmentId: row.fulfilment_id, rewardId: row.reward_id, organizationId: row.organization_id, kind: row.kind },
  ...{ currency: row.currency, amountMinor: row.amount_minor, sentAt: new Date(row.sent_at), isTried: row.is_tried },
});

function givenUpOf(row: GivenUpRow): GivenUp {
  const { reward_id, currency, amount_minor, fulfilment_id } = row;
  const isTakenBack = fulfilment_id === null && reward_id !== null && currency !== null && amount_minor !== null;
  return {
    ...{ effectId: row.effect_id, kind: row.kind, organizationId: row.organization_id, error: row.last_error, status: row.last_status },
    ...{ createdAt: new Date(row.created_at), diedAt: new Date(row.died_at), fulfilmentId: fulfilment_id },
    takingBack: isTakenBack ? { rewardId: reward_id, currency, amountMinor: amount_minor } : null,
  };
}

const triedAgain = ({ effectId }: GivenUp, now: Date) => {
  const at = now.toISOString();
  return { effect_id: effectId, from_state: 'dead', state: 'waiting', due_at: at, at } as const;
};

/** What Stripe shows under the references of money that was handed over. */
async function shownOf(confirmed: readonly ConfirmedRow[], { stripe }: StripeScene): Promise<readonly Settled[] | null> {
  const settled: Settled[] = [];
  for (const { fulfilment_id, kind, currency, amount_minor, target, reference } of confirmed) {
    if (reference === null || (kind !== 'stripe_balance_credit' && kind !== 'stripe_transfer')) continue;
    const answer =
      kind === 'stripe_transfer'
        ? await ask('transfer', () => stripe.transfers.retrieve(reference))
        : await ask('customer_balance_transaction', () => stripe.customers.retrieveBalanceTransaction(target, reference));
    if (answer.kind !== 'ok' && answer.kind !== 'missing') return null;
    // With a customer its transactions go as well.
    if (answer.kind === 'missing' && (await isDeleted(target, stripe))) continue;
    const shown = shownAs(answer.kind === 'ok' ? answer.value : null, amount_minor, currency);
    settled.push({ fulfilmentId: fulfilment_id, currency, amountMinor: amount_minor, shown });
  }
  return settled;
}

function shownAs(
  object: { readonly currency: string; readonly amount: number } | null,
  amountMinor: bigint,
  currency: string,
): Settled['shown'] {
  if (object === null) return 'nothing';
  return object.currency === currency && Math.abs(object.amount) === amountAtStripe(amountMinor, currency) ? 'same' : 'other';
}

async function isDeleted(customer: string, stripe: StripeScene['stripe']): Promise<boolean> {
  const answer = await ask('customer', () => stripe.customers.retrieve(customer));
  return answer.kind === 'ok' && answer.value.deleted === true;
}

/** Credits of the last days, on the balances of those who got one, that carry our name. */
async function creditsOf(
  confirmed: readonly ConfirmedRow[],
  since: Date,
  { stripe, desk }: StripeScene,
): Promise<readonly ShownCredit[] | null> {
  const customers = new Set(confirmed.flatMap(({ kind, target }) => (kind === 'stripe_balance_credit' ? target : [])));
  const credits: ShownCredit[] = [];
  for (const customer of customers) {
    const answer = await ask('list', () => stripe.customers.listBalanceTransactions(customer, { limit: 100 }));
    if (answer.kind === 'missing') continue;
    if (answer.kind !== 'ok') return null;
    for (const { id, amount, created, metadata } of answer.value.data) {
      const isOurs = metadata?.frontdesk_tenant === desk.tenant && amount < 0 && created * 1000 >= since.getTime();
      if (isOurs && metadata.frontdesk_fulfilment) credits.push({ reference: id, fulfilmentId: metadata.frontdesk_fulfilment });
    }
  }
  return credits;
}
