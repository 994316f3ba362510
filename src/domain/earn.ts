import { type Changes, type Given, together } from './decision.ts';
import { atLeastZero, least } from './money.ts';
import type { ProgramTerms } from './program.ts';
import { accrue } from './reward.ts';

/** How much of a cap is used, as its counter says. */
export interface CapUse {
  readonly name: string;
  readonly subject: string;
  readonly value: bigint;
}

/** As queries answer it: amounts in JSON are text. */
export function readCapUse(
  stored: readonly { readonly name: string; readonly subject: string; readonly value: string }[],
): readonly CapUse[] {
  return stored.map(({ name, subject, value }) => ({ name, subject, value: BigInt(value) }));
}

interface Earner {
  readonly referralId: string;
  readonly organizationId: string;
  readonly terms: ProgramTerms;
  readonly termsSha256: string;
}

const day = 86_400_000;

/**
 * What a referral earns its referrer when it qualifies: its flat rules, each cut to what its caps leave. A cap is a counter that the
 * commit may not push over its limit, so that parallel decisions cannot exceed it together; what was seen here is advice.
 */
export function earn(
  what: { readonly tenant: string; readonly referral: Earner; readonly capUse: readonly CapUse[] },
  given: Given,
): Changes {
  const { tenant, referral } = what;
  const { terms } = referral;
  const used = new Map(what.capUse.map(({ name, subject, value }) => [`${name} ${subject}`, value]));
  const parts: Changes[] = [];
  for (const rule of terms.reward.rules) {
    if (rule.model !== 'flat' || rule.side !== 'referrer') continue;
    const caps = capsOf(referral, rule.currency, given.now);
    const left = caps.map(({ name, subject, limit }) => atLeastZero(limit - (used.get(`${name} ${subject}`) ?? 0n)));
    const amountMinor = left.reduce(least, BigInt(rule.amount_minor));
    if (amountMinor === 0n) continue;
    for (const { name, subject } of caps) used.set(`${name} ${subject}`, (used.get(`${name} ${subject}`) ?? 0n) + amountMinor);
    const { changes } = accrue(
      {
        ...{ tenant, referralId: referral.referralId, organizationId: referral.organizationId, side: rule.side, rule: rule.id },
        ...{ occasion: 'once', kind: rule.kind, currency: rule.currency, amountMinor },
        program: { id: terms.program_id, version: terms.version, sha256: referral.termsSha256 },
        availableAt: new Date(given.now.getTime() + terms.hold_days * day),
      },
      given,
    );
    const counters = caps.map(({ name, subject, limit }) => ({ name, subject, by: Number(amountMinor), limit: Number(limit) }));
    parts.push(together(changes, counters.length > 0 ? { counters } : {}));
  }
  return together(...parts);
}

/** The counters that stand for the caps of the terms in this currency, for the calendar span (UTC) that `at` lies in. */
function capsOf({ referralId, organizationId, terms }: Earner, currency: string, at: Date) {
  const spans = spansOf(at);
  const subjects = { referral: referralId, organization: organizationId, program: terms.program_id };
  return terms.reward.caps
    .filter((cap) => cap.currency === currency)
    .map((cap) => ({
      name: `rewards.${cap.per}.${currency}.${spans[cap.period]}`,
      subject: subjects[cap.per],
      limit: BigInt(cap.amount_minor),
    }));
}

/** The names of the calendar spans in UTC whose caps may bind at a time. */
export const spansAt = (at: Date): readonly string[] => Object.values(spansOf(at));

function spansOf(at: Date) {
  return { month: at.toISOString().slice(0, 7), year: at.toISOString().slice(0, 4), all_time: 'ever' };
}
