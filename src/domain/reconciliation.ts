/** A fulfilment that was sent and whose outcome is not written down yet. Amounts in the currency's smallest unit. */
export interface Underway {
  readonly fulfilmentId: string;
  readonly rewardId: string;
  readonly organizationId: string;
  readonly kind: string;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly sentAt: Date;
  /** Whether an effect is still going to find out by itself. */
  readonly isTried: boolean;
}

/** A fulfilment that was confirmed, and whether Stripe shows under its reference what was handed over. */
export interface Settled {
  readonly fulfilmentId: string;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly shown: 'same' | 'other' | 'nothing';
}

/** A credit at Stripe that says it is ours. */
export interface ShownCredit {
  readonly reference: string;
  readonly fulfilmentId: string;
}

export const findingKinds = [
  'sent_without_outcome',
  'object_missing',
  'object_differs',
  'object_unknown',
  'clearing_differs',
  'take_back_without_outcome',
  'effect_given_up',
  'not_compared',
] as const;

/** What does not agree. Ids, amounts and ages only: nothing of it came from outside unseen. */
export type Finding = {
  readonly what: (typeof findingKinds)[number];
  readonly fulfilment?: string;
  readonly reward?: string;
  readonly organization?: string;
  readonly reference?: string;
  readonly currency?: string;
  /** What is open, in the currency's smallest unit. */
  readonly amount_minor?: string;
  readonly age_s?: number;
  /** The kind of effect. */
  readonly effect?: string;
  /** How many there are of it, at least. */
  readonly count?: number;
};

const patienceMs = 3_600_000;

/** What is on its way for longer than an hour, and nobody is going to find out: told with its age, and left to a person. */
export function residuals(underway: readonly Underway[], now: Date): readonly Finding[] {
  return underway
    .filter(({ isTried, sentAt }) => !isTried && now.getTime() - sentAt.getTime() > patienceMs)
    .map((one) => ({
      ...{ what: 'sent_without_outcome', fulfilment: one.fulfilmentId, reward: one.rewardId, organization: one.organizationId },
      ...{
        currency: one.currency,
        amount_minor: String(one.amountMinor),
        age_s: Math.floor((now.getTime() - one.sentAt.getTime()) / 1000),
      },
    }));
}

/** Where the object that a fulfilment became is not there, or is about something else. */
export function differences(settled: readonly Settled[]): readonly Finding[] {
  return settled.flatMap(({ fulfilmentId, currency, amountMinor, shown }): readonly Finding[] => {
    const about = { fulfilment: fulfilmentId, currency, amount_minor: String(amountMinor) };
    if (shown === 'same') return [];
    return [{ what: shown === 'nothing' ? 'object_missing' : 'object_differs', ...about }];
  });
}

/** What was confirmed and is more than one comparison looks at: about it nothing is said. */
export function notCompared(count: number): readonly Finding[] {
  return count === 0 ? [] : [{ what: 'not_compared', count }];
}

/** Credits that carry our name and that no fulfilment stands for: `known` is the reference of each fulfilment, null while it has none. */
export function strangers(shown: readonly ShownCredit[], known: ReadonlyMap<string, string | null>): readonly Finding[] {
  return shown
    .filter(({ reference, fulfilmentId }) => {
      const expected = known.get(fulfilmentId);
      return expected === undefined || (expected !== null && expected !== reference);
    })
    .map(({ reference, fulfilmentId }) => ({ what: 'object_unknown', reference, fulfilment: fulfilmentId }));
}

/** What stands on `clearing` is what is on its way: otherwise the ledger does not agree with itself. */
export function clearingDifferences(
  standing: readonly {
    readonly organizationId: string;
    readonly currency: string;
    readonly clearingMinor: bigint;
    readonly sentMinor: bigint;
  }[],
): readonly Finding[] {
  return standing
    .filter(({ clearingMinor, sentMinor }) => clearingMinor !== sentMinor)
    .map(({ organizationId, currency, clearingMinor, sentMinor }) => ({
      ...{ what: 'clearing_differs', organization: organizationId, currency, amount_minor: String(clearingMinor - sentMinor) },
    }));
}
