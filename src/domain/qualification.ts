import type { ProgramTerms } from './program.ts';

type Condition = ProgramTerms['qualification'][number];

/** What is known of a prospect when its referrals are judged. Times are when things happened, by their source's clock. */
export interface Conduct {
  readonly reports: readonly { readonly type: string; readonly occurredAt: Date }[];
  /** Workspaces that were opened for it: when each was claimed, and how many rows were written. */
  readonly workspaces: readonly { readonly claimedAt: Date | null; readonly writes: number; readonly createdAt: Date }[];
}

/** How one condition stands: since when it holds, or that it does not (yet, or at all: `invoice_paid` needs a payment provider). */
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
    case 'workspace_claimed': {
      const claims = conduct.workspaces.flatMap(({ claimedAt }) => claimedAt ?? []);
      return nth([...claims, ...conduct.reports.filter(({ type }) => type === 'workspace.claimed').map(({ occurredAt }) => occurredAt)], 1);
    }
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
      return null;
  }
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
 * What really happens to the rewards of a program now. `disabled`: nobody can qualify (a condition needs payments, which nobody reports yet),
 * or no rule is one that this release accrues. `escrow`: rewards accrue, and some of them are not sent. `live`: all are earned and handed over.
 */
export function rewardsMode({ qualification, reward }: Pick<ProgramTerms, 'qualification' | 'reward'>): 'live' | 'escrow' | 'disabled' {
  const earned = reward.rules.filter((rule) => rule.model === 'flat' && rule.side === 'referrer');
  if (earned.length === 0 || qualification.some(({ kind }) => kind === 'invoice_paid')) return 'disabled';
  return reward.rules.every((rule) => earned.includes(rule) && rule.kind === 'external') ? 'live' : 'escrow';
}
