import type { ProgramTerms } from './program.ts';

type Condition = ProgramTerms['qualification'][number];

/** An invoice that the prospect paid, as Stripe shows it now. Amounts in the currency's smallest unit. */
export interface PaidInvoice {
  readonly invoiceId: string;
  readonly currency: string;
  /** Cash, net of tax, discounts, applied balance and credits: what conditions and rewards are about. */
  readonly collectedMinor: bigint;
  /** Cash, tax included. */
  readonly paidMinor: bigint;
  /** What of `paidMinor` went back by refunds, credit notes and lost disputes. */
  readonly givenBackMinor: bigint;
  readonly paidAt: Date;
}

/** What is known of a prospect when its referrals are judged. Times are when things happened, by their source's clock. */
export interface Conduct {
  readonly reports: readonly { readonly type: string; readonly occurredAt: Date }[];
  /** Workspaces that were opened for it: when each was claimed, and how many rows were written. */
  readonly workspaces: readonly { readonly writes: number; readonly createdAt: Date }[];
  readonly payments: readonly PaidInvoice[];
}

/** How one condition stands: since when it holds, or that it does not (yet). */
export interface Standing {
  readonly condition: string;
  readonly kind: Condition['kind'];
  readonly since: Date | null;
}

/** Every condition of the terms, in their order. */
export function standings(terms: Pick<ProgramTerms, 'qualification'>, conduct: Conduct, now: Date): readonly Standing[] {
  return terms.qualification.map((condition) => ({
    condition: condition.id,
    kind: condition.kind,
    since: holdsSince(condition, conduct, now),
  }));
}

/** Since when all of them hold: the moment the last one came true. Null: not all do. */
export function allSince(standing: readonly Standing[]): Date | null {
  let latest = 0;
  for (const { since } of standing) {
    if (since === null) return null;
    latest = Math.max(latest, since.getTime());
  }
  return standing.length === 0 ? null : new Date(latest);
}

/**
 * The moment whose touches are judged: when the customer paid (02: window and grace count from the payment), where payment is a condition;
 * else since when all conditions hold. Null: not all do.
 */
export function decidedAt(standing: readonly Standing[]): Date | null {
  const payments = standing.filter(({ kind }) => kind === 'invoice_paid');
  return allSince(standing) && allSince(payments.length > 0 ? payments : standing);
}

/**
 * The payments that the conditions hold by, in the order in which they were made: each `invoice_paid` counts its first `count`. All are in
 * one currency, that of the first condition, so that what they come to is an amount. None where payment is no condition, or none holds.
 */
export function qualifyingPayments(terms: Pick<ProgramTerms, 'qualification'>, payments: readonly PaidInvoice[]): readonly PaidInvoice[] {
  const counted = terms.qualification.flatMap((condition) => (condition.kind === 'invoice_paid' ? countedBy(condition, payments) : []));
  return inOrder([...new Set(counted)]).filter(({ currency }) => currency === counted[0]?.currency);
}

/** By the time of the payment. */
export function inOrder(payments: readonly PaidInvoice[]): readonly PaidInvoice[] {
  return payments.toSorted((a, b) => a.paidAt.getTime() - b.paidAt.getTime() || (a.invoiceId < b.invoiceId ? -1 : 1));
}

export const isGivenBack = ({ givenBackMinor, paidMinor }: PaidInvoice): boolean => givenBackMinor >= paidMinor;

/** When time alone may make a condition true, if nothing else is missing. Null: never by time alone. */
export function nextByTime(terms: Pick<ProgramTerms, 'qualification'>, conduct: Conduct, now: Date): Date | null {
  const start = signedUp(conduct);
  const waits = terms.qualification.flatMap((condition) =>
    condition.kind === 'days_active' && start !== null ? [start.getTime() + condition.days * 86_400_000] : [],
  );
  const due = waits.filter((at) => at > now.getTime());
  return due.length === 0 ? null : new Date(Math.min(...due));
}

function holdsSince(condition: Condition, conduct: Conduct, now: Date): Date | null {
  switch (condition.kind) {
    case 'event_received':
      return nth(
        conduct.reports.filter(({ type }) => type === condition.event_type).map(({ occurredAt }) => occurredAt),
        condition.count,
      );
    case 'workspace_claimed':
      // The vendor's word for it, also where it redeems an assertion: who owns a domain could take over its own workspace by itself.
      return nth(
        conduct.reports.filter(({ type }) => type === 'workspace.claimed').map(({ occurredAt }) => occurredAt),
        1,
      );
    case 'workspace_used': {
      const used = conduct.workspaces.filter(({ writes }) => writes >= condition.min_writes).map(({ createdAt }) => createdAt);
      return nth(used, 1);
    }
    case 'days_active': {
      const start = signedUp(conduct);
      const since = start === null ? null : new Date(start.getTime() + condition.days * 86_400_000);
      return since !== null && since <= now ? since : null;
    }
    case 'invoice_paid':
      return countedBy(condition, conduct.payments).at(-1)?.paidAt ?? null;
  }
}

/**
 * The first `count` payments that are large enough, all in one currency: of several currencies the one whose `count`th came first. None
 * while no currency has so many. What was given back whole was no payment.
 */
function countedBy(condition: Condition & { readonly kind: 'invoice_paid' }, payments: readonly PaidInvoice[]): readonly PaidInvoice[] {
  const least = BigInt(condition.min_amount_minor ?? 1);
  const large = inOrder(payments).filter(
    (payment) =>
      payment.collectedMinor >= least && !isGivenBack(payment) && (condition.currency === null || payment.currency === condition.currency),
  );
  const seen = new Map<string, PaidInvoice[]>();
  for (const payment of large) {
    const alike = [...(seen.get(payment.currency) ?? []), payment];
    if (alike.length === condition.count) return alike;
    seen.set(payment.currency, alike);
  }
  return [];
}

const signedUp = (conduct: Conduct): Date | null =>
  nth(
    conduct.reports.filter(({ type }) => type === 'signup.completed').map(({ occurredAt }) => occurredAt),
    1,
  );

/** The moment of the `count`th, in order of time. */
function nth(times: readonly Date[], count: number): Date | null {
  return times.toSorted((a, b) => a.getTime() - b.getTime())[count - 1] ?? null;
}

/**
 * What really happens to the rewards of a program now. `disabled`: nobody can qualify or earn, because all of it needs payments and no
 * payment provider is connected. `escrow`: rewards accrue, and some of them are not handed over. `live`: all are earned and handed over.
 */
export function rewardsMode(
  { qualification, reward }: Pick<ProgramTerms, 'qualification' | 'reward'>,
  { provider }: { readonly provider: boolean },
): 'live' | 'escrow' | 'disabled' {
  if (provider) return 'live';
  const earned = reward.rules.filter(({ model }) => model !== 'percent' && model !== 'recurring_percent');
  if (earned.length === 0 || qualification.some(({ kind }) => kind === 'invoice_paid')) return 'disabled';
  return reward.rules.every((rule) => earned.includes(rule) && rule.kind === 'external') ? 'live' : 'escrow';
}
