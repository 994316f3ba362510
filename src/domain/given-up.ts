import type { Finding } from './reconciliation.ts';

/** An effect at the payment provider that was given up and stands as a dead letter. */
export interface GivenUp {
  readonly effectId: string;
  readonly kind: string;
  readonly organizationId: string | null;
  /** Why, in our own words, and the HTTP status of its last attempt. */
  readonly error: string | null;
  readonly status: number | null;
  readonly createdAt: Date;
  readonly diedAt: Date;
  /** What it hands over, where it does. */
  readonly fulfilmentId: string | null;
  /** What it takes back, where it does and the amount is frozen. */
  readonly takingBack: { readonly rewardId: string; readonly currency: string; readonly amountMinor: string } | null;
}

/** Reasons that no time mends: the same again ends the same way. */
export const neverPasses: readonly string[] = ['stripe_answer_differs', 'payload_unreadable', 'unknown_kind'];

/**
 * Those that are tried again now, at most two hundred, in their order: what died of something passing, once a day; what waited for a key
 * at once, because whoever asks has just been answered. An outage of any length costs attempts but never an effect: the attempts begin
 * anew, and what has been done before is looked up first, however long ago it was.
 */
export function revivedNow(dead: readonly GivenUp[], now: Date): readonly GivenUp[] {
  return dead.filter((one) => isDue(one, now)).slice(0, mostRevived);
}

function isDue({ error, status, diedAt }: GivenUp, now: Date): boolean {
  if (error !== null && neverPasses.includes(error)) return false;
  const waitedForKey = error === 'stripe_not_connected' || status === 401;
  return waitedForKey || now.getTime() - diedAt.getTime() > dayMs;
}

const dayMs = 24 * 3_600_000;
const mostRevived = 200;

/**
 * What stays dead and is told, at most fifty each: money that is being taken back for more than a day, by reward; everything else by kind,
 * with its number and the age of the oldest. `told`: fulfilments that another finding names.
 */
export function leftDead(left: readonly GivenUp[], told: ReadonlySet<string>, now: Date): readonly Finding[] {
  const ageOf = ({ createdAt }: GivenUp): number => Math.floor((now.getTime() - createdAt.getTime()) / 1000);
  const takingBack: Finding[] = [];
  const byKind = new Map<string, { count: number; age_s: number }>();
  for (const one of left) {
    const { kind, organizationId, fulfilmentId, takingBack: back } = one;
    const age_s = ageOf(one);
    if (fulfilmentId !== null && told.has(fulfilmentId)) continue;
    if (back !== null && age_s * 1000 > dayMs && takingBack.length < mostTold) {
      const about = { reward: back.rewardId, currency: back.currency, amount_minor: back.amountMinor, age_s };
      takingBack.push({
        what: 'take_back_without_outcome',
        ...about,
        ...(organizationId === null ? {} : { organization: organizationId }),
      });
      continue;
    }
    const before = byKind.get(kind);
    byKind.set(kind, { count: (before?.count ?? 0) + 1, age_s: Math.max(before?.age_s ?? 0, age_s) });
  }
  const kinds = [...byKind].slice(0, mostTold);
  return [...takingBack, ...kinds.map(([effect, { count, age_s }]): Finding => ({ what: 'effect_given_up', effect, count, age_s }))];
}

const mostTold = 50;

/** Effects that carry a fulfilment or a take-back: without them what they carry stays under way in the ledger for good. */
const carriers: ReadonlySet<string> = new Set([
  'stripe.balance.credit',
  'stripe.transfer.create',
  'stripe.subscription.discount',
  'stripe.credit_grant.create',
  'stripe.entitlement.unlock',
  'stripe.balance.debit',
  'stripe.transfer.reverse',
]);

export const mayBeDiscarded = (kind: string): boolean => !carriers.has(kind);
